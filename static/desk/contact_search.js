/**
 * A field that finds contacts of the directory while one types: a combobox with a list (WAI-ARIA Authoring Practices, "Combobox").
 *
 *     const search = contactSearch(root, { live, onChoose: ({ name, number }) => … });
 *     search.clear();      // empty, as in the beginning
 *
 * `root` is an element with one <input> that has a label; what is found is added at its end. Styles: contact_search.css.
 * Keys: arrows choose a number of a contact, Enter takes it, Escape closes the list. Enter before anything is chosen goes to the first number.
 *
 * One question is on its way at a time, and the next one asks for what stands in the field by then: an older answer never comes after a
 * newer one, a page asks no faster than it is answered, and whoever types during a call takes no turn from its buttons. Not even a key that
 * is held down asks more than 14 times a second: the server closes a connection that says more than 20 things (apps/live/consumer.py).
 */

import { make } from '../live/page.js';
import { rows, setText } from '../live/sparing.js';
import { say } from '../live/words.js';

const PATIENCE_MS = 3000; // for an answer
const EVERY_MS = 70; // from one question to the next, at least
const UNNOTICED_MS = 300; // until somebody is told that the answer is slow
let searches = 0; // for ids

/** @typedef {{ name: string, company: string, number: string, shown: string, kind: string }} Choice a number of a contact */

/**
 * @param {HTMLElement} root
 * @param {object} options
 * @param {import('../live/socket.js').Live} options.live
 * @param {(choice: Choice) => void} options.onChoose
 * @param {(text: string) => boolean} [options.isWhole] whether `text` is good as it is: then Enter is left to the field's form
 * @returns {{ clear: () => void }}
 */
export function contactSearch(root, { live, onChoose, isWhole = () => false }) {
  const search = new Search(root, live, onChoose, isWhole);
  return { clear: () => search.clear() };
}

class Search {
  #asked = ''; // what the list answers
  #asking = false;
  #late = 0;
  #again = false; // somebody wanted to ask meanwhile
  #broken = false; // the newest question was not answered
  #enter = false; // Enter was pressed before the answer came
  #left = false; // Escape was pressed: what comes now opens no list
  /** @type {HTMLElement[]} numbers that can be chosen */ #choices = [];
  /** @type {WeakMap<HTMLElement, Choice>} */ #meant = new WeakMap();
  #ids = 0;
  #chosen = -1;

  /**
   * @param {HTMLElement} root
   * @param {import('../live/socket.js').Live} live
   * @param {(choice: Choice) => void} onChoose
   * @param {(text: string) => boolean} isWhole
   */
  constructor(root, live, onChoose, isWhole) {
    this.id = `contacts-${++searches}`;
    this.live = live;
    this.onChoose = onChoose;
    this.isWhole = isWhole;
    this.field = /** @type {HTMLInputElement} */ (root.querySelector('input'));
    this.list = make('div', 'hits');
    this.said = make('p', 'hits-said small muted');
    this.#announce(root);
    root.append(this.said, this.list);
    this.field.addEventListener('input', () => this.#typed());
    this.field.addEventListener('focus', () => this.#open(this.#choices.length > 0));
    this.field.addEventListener('keydown', (event) => this.#key(event));
    this.list.addEventListener('mousedown', (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener('click', ({ target }) => this.#clicked(/** @type {Element} */ (target)));
    root.addEventListener('focusout', ({ relatedTarget }) => root.contains(/** @type {Node | null} */ (relatedTarget)) || this.#open(false));
    live.addEventListener('link', (event) => /** @type {CustomEvent} */ (event).detail === 'online' && this.#broken && void this.#ask());
  }

  /** For those who do not see it. @param {HTMLElement} root */
  #announce(root) {
    this.said.setAttribute('role', 'status');
    Object.assign(this.list, { id: this.id, hidden: true });
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', say('search.hits'));
    const combobox = { role: 'combobox', 'aria-expanded': 'false', 'aria-controls': this.id, 'aria-autocomplete': 'list', autocomplete: 'off' };
    for (const [name, value] of Object.entries(combobox)) this.field.setAttribute(name, value);
    root.classList.add('contact-search');
  }

  clear() {
    this.field.value = '';
    this.#typed();
  }

  // -- asking

  #typed() {
    this.#enter = this.#left = false;
    this.#choose(-1);
    if (this.#text()) void this.#ask();
    else this.#show('', [], '');
  }

  #text() {
    return this.field.value.trim();
  }

  async #ask() {
    this.#again = this.#asking;
    if (this.#asking) return;
    const text = this.#text();
    if (!text) return;
    this.#asking = true;
    this.#broken = false;
    this.#late = setTimeout(() => this.#say(say('search.waits')), UNNOTICED_MS);
    const soonest = new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    const answer = await this.live.ask('directory.find', { text }, PATIENCE_MS).catch(() => null);
    clearTimeout(this.#late);
    if (this.#text() === text) {
      if (answer) this.#answered(text, answer);
      else this.#unanswered();
    }
    await soonest;
    this.#asking = false;
    if (this.#text() !== text || (this.#again && this.#broken)) void this.#ask();
  }

  /** @param {string} text @param {{ contacts: any[], more: boolean }} answer */
  #answered(text, { contacts, more }) {
    const count = contacts.length;
    const found = say(count === 1 ? 'search.found.one' : 'search.found.other', { count });
    this.#show(text, contacts, count ? (more ? say('search.more', { count }) : found) : say('search.none'));
    if (this.#enter) this.#entered();
  }

  /** What was found before is not an answer to this. */
  #unanswered() {
    this.#broken = true;
    this.#show('', [], say(this.live.connection ? 'search.failed' : 'search.lost'));
  }

  // -- showing

  /** @param {string} text @param {any[]} contacts @param {string} said */
  #show(text, contacts, said) {
    this.#asked = text;
    this.#choose(-1);
    rows(this.list, contacts, (contact) => this.#contact(contact, `${this.id}-${++this.#ids}`));
    this.#choices = [...this.list.querySelectorAll('[role=option]:not([aria-disabled])')];
    this.#say(said);
    this.#open(contacts.length > 0 && !this.#left && document.activeElement === this.field);
  }

  /** @param {any} contact @param {string} id */
  #contact({ name, company, numbers }, id) {
    const title = make('p', 'hit-name', name, ...(company ? [make('span', 'muted', company)] : []));
    Object.assign(title, { id });
    title.setAttribute('role', 'presentation');
    const group = make('div', 'hit', title, ...numbers.map((/** @type {any} */ number) => this.#number({ name, company, ...number })));
    if (!numbers.length) group.append(make('p', 'small muted', say('search.no_number')));
    group.setAttribute('role', 'group');
    group.setAttribute('aria-labelledby', id);
    return group;
  }

  /** @param {Choice & { calls: boolean }} number */
  #number({ calls, ...choice }) {
    const kind = say(`number.${choice.kind}`);
    const element = make('div', 'hit-number', make('span', 'muted', kind), make('span', 'time', choice.shown));
    element.setAttribute('role', 'option');
    element.setAttribute('aria-selected', 'false');
    element.setAttribute('aria-label', [choice.name, choice.company, kind, choice.shown].filter(Boolean).join(', '));
    if (calls) {
      element.id = `${this.id}-n${++this.#ids}`;
      this.#meant.set(element, choice);
    } else element.setAttribute('aria-disabled', 'true');
    return element;
  }

  /** @param {string} text */
  #say(text) {
    setText(this.said, text);
  }

  /** @param {boolean} wanted */
  #open(wanted) {
    this.list.hidden = !wanted;
    this.field.setAttribute('aria-expanded', String(wanted));
    if (!wanted) this.#choose(-1);
  }

  // -- choosing

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key } = event;
    const ours = { ArrowDown: () => this.#move(1), ArrowUp: () => this.#move(-1), Enter: () => this.#entered(), Escape: () => this.#leave() }[key];
    if (event.isComposing || !ours || event.ctrlKey || event.altKey || event.metaKey) return;
    if (ours()) event.preventDefault();
  }

  /** @param {1 | -1} by @returns {boolean} */
  #move(by) {
    const { length } = this.#choices;
    if (!length) return true;
    if (this.list.hidden) this.#open(true);
    const from = this.#chosen < 0 && by < 0 ? length : this.#chosen;
    this.#choose((from + by + length) % length);
    return true;
  }

  /** @param {number} at -1: none */
  #choose(at) {
    this.#choices[this.#chosen]?.setAttribute('aria-selected', 'false');
    this.#chosen = at;
    const element = this.#choices[at];
    this.field.setAttribute('aria-activedescendant', element?.id ?? '');
    element?.setAttribute('aria-selected', 'true');
    element?.scrollIntoView({ block: 'nearest' });
  }

  /** @returns {boolean} whether the key is ours; else the form takes it */
  #entered() {
    const chosen = this.#choices[this.#chosen];
    const waits = this.#text() !== this.#asked;
    this.#enter = false;
    if (chosen) this.#take(chosen);
    else if (!this.#text() || this.isWhole(this.#text())) return false;
    else if (waits && !this.#broken) this.#enter = true;
    else if (this.#choices.length) this.#move(1);
    else this.field.form?.requestSubmit();
    return true;
  }

  /** Escape: the list first, then the field. @returns {boolean} */
  #leave() {
    this.#left = true;
    if (!this.list.hidden) this.#open(false);
    else this.field.blur();
    return true;
  }

  /** @param {Element} target */
  #clicked(target) {
    const chosen = this.#choices.find((element) => element.contains(target));
    if (chosen) this.#take(chosen);
  }

  /** @param {HTMLElement} element */
  #take(element) {
    this.onChoose(/** @type {Choice} */ (this.#meant.get(element)));
  }
}
