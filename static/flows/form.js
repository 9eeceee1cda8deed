/**
 * The form of one step beside the diagram. It comes from the server as it is in admin, saves itself after a pause and when a
 * field is left, and goes on with what is typed, whatever the server answers.
 */

import { Refused, askHtml } from './ask.js';
import { rowsSent, settle, startRows } from './rows.js';
import { options } from '../live/sparing.js';

const PAUSE_MS = 900;

/** @typedef {import('./outbox.js').Outbox} Outbox */

/**
 * Dispatches 'state' (`unsaved`, `saving` differ), 'answer' (detail: the server's, after saving), 'conflict' (detail: Refused).
 */
export class StepForm extends EventTarget {
  #timer = 0;
  #dirty = false;
  #again = false;
  #loads = 0;
  #visited = new Set();
  /** @type {Promise<void> | null} */ #saving = null;
  /** @type {HTMLFormElement | null} */ form = null;
  revision = 0;
  refused = false; // something is filled in wrongly

  /** @param {number} step @param {string} url @param {Outbox} outbox @param {(kind: string) => Promise<number>} make a new step, for an exit that shall lead to one */
  constructor(step, url, outbox, make) {
    super();
    this.step = step;
    this.url = `${url}?panel=1`;
    this.outbox = outbox;
    this.make = make;
    this.element = document.createElement('div');
  }

  /** Whether something is typed that the server does not have. */
  get unsaved() {
    return this.#dirty || this.refused || this.#saving !== null;
  }

  /** @throws {import('./ask.js').Offline | Refused} */
  async load() {
    const mine = ++this.#loads;
    const html = await askHtml(this.url);
    if (mine === this.#loads && !this.unsaved) this.#take(html);
  }

  /** As the server has it, whatever is typed here. @throws {import('./ask.js').Offline | Refused} */
  async reload() {
    this.#dirty = false;
    clearTimeout(this.#timer);
    this.refused = false;
    await this.load();
    this.#tell();
  }

  /** Save what waits. @returns {Promise<void>} */
  flush() {
    if (this.#saving) {
      this.#again ||= this.#dirty;
      return this.#saving;
    }
    if (!this.#dirty) return Promise.resolve();
    clearTimeout(this.#timer);
    this.#saving = this.#save().finally(() => {
      this.#saving = null;
      this.#tell();
      if (this.#again) {
        this.#again = false;
        void this.flush();
      }
    });
    this.#tell();
    return this.#saving;
  }

  /** Over what somebody else has done meanwhile. @param {number} revision that is known now */
  insist(revision) {
    this.revision = revision;
    this.#dirty = true;
    return this.flush();
  }

  /** An exit was led elsewhere in the diagram. @param {string} exit @param {number} to */
  follow(exit, to) {
    const select = /** @type {HTMLSelectElement | null} */ (this.form?.elements.namedItem(`exit_${exit}`) ?? null);
    if (select) select.value = to ? String(to) : '';
  }

  /** The steps that exits can lead to, as they are called now. @param {Map<number, { name: string }>} boxes */
  offer(boxes) {
    const steps = /** @type {[string, string][]} */ ([...boxes].map(([id, { name }]) => [name, String(id)]));
    for (const select of this.#exits()) {
      const group = select.querySelector('optgroup');
      if (!group) continue;
      const chosen = select.value;
      options(group, steps);
      select.value = boxes.has(Number(chosen)) || !/^\d+$/.test(chosen) ? chosen : '';
    }
  }

  #exits() {
    return /** @type {HTMLSelectElement[]} */ ([...(this.form?.querySelectorAll('select[data-exits]') ?? [])]);
  }

  /** @param {string} html */
  #take(html) {
    const focused = this.element.contains(document.activeElement) ? document.activeElement?.getAttribute('name') : null;
    this.element.innerHTML = html;
    this.form = this.element.querySelector('form');
    if (!this.form) return;
    this.revision = Number(this.form.dataset.revision);
    startRows(this.form);
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.flush();
    });
    this.form.addEventListener('input', () => this.#typed());
    this.form.addEventListener('change', (event) => void this.#left(event));
    this.form.addEventListener('focusout', ({ target }) => this.#visited.add(/** @type {HTMLInputElement} */ (target).name));
    this.form.dispatchEvent(new CustomEvent('formset:added', { bubbles: true, detail: { formsetName: '' } }));
    if (focused) /** @type {HTMLElement | null} */ (this.form.querySelector(`[name="${focused}"]`))?.focus({ preventScroll: true });
  }

  #typed() {
    this.#dirty = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), PAUSE_MS);
    this.#tell();
  }

  /** A field is left with another value, or something was chosen. @param {Event} event */
  async #left(event) {
    const target = /** @type {HTMLSelectElement} */ (event.target);
    this.#dirty = true;
    if (target.matches('select[data-exits]') && target.value.startsWith('new:')) {
      const kind = target.value.slice('new:'.length);
      target.value = '';
      const step = await this.make(kind);
      if (!step) return;
      if (![...target.options].some(({ value }) => value === String(step))) target.querySelector('optgroup')?.append(new Option('', String(step)));
      target.value = String(step);
      this.#dirty = true; // what was saved meanwhile did not have it
    }
    await this.flush();
  }

  async #save() {
    const { form } = this;
    if (!form) return;
    let sent = new Map();
    const body = () => {
      this.#dirty = false; // what is typed from now on is not in it
      sent = rowsSent(form);
      const data = new FormData(form);
      data.set('revision', String(this.revision));
      return data;
    };
    try {
      const answer = await this.outbox.put(this.url, body);
      this.revision = answer.picture.revision;
      this.refused = false;
      this.#errors({});
      settle(form, sent, answer.rows ?? {});
      if (answer.again && !this.#dirty) void this.reload().catch(() => {}); // what became of the rows was told in an answer that was lost
      this.dispatchEvent(new CustomEvent('answer', { detail: answer }));
    } catch (error) {
      this.#failed(/** @type {Refused} */ (error));
    }
  }

  /** @param {Refused} error */
  #failed(error) {
    if (!(error instanceof Refused)) throw error;
    if (error.code === 'invalid') {
      this.refused = true;
      this.#errors(error.answer.errors ?? {});
      return;
    }
    this.#dirty = true;
    clearTimeout(this.#timer);
    this.dispatchEvent(new CustomEvent('conflict', { detail: error }));
  }

  /** At their fields; while somebody fills in a row, a field that he has not come to yet is not called wrong. @param {Record<string, string[]>} errors */
  #errors(errors) {
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (this.form?.querySelectorAll('[data-errors]') ?? [])) {
      const name = place.dataset.errors ?? '';
      const texts = errors[name] ?? [];
      const field = /** @type {HTMLElement | null} */ (name ? this.form?.querySelector(`[name="${name}"]`) ?? null : null);
      const early = field && !this.#visited.has(name) && field !== document.activeElement && !(/** @type {HTMLInputElement} */ (field).value);
      place.textContent = early ? '' : texts.join(' ');
      place.hidden = !place.textContent;
      field?.setAttribute('aria-invalid', String(Boolean(place.textContent)));
      if (field && place.textContent) field.setAttribute('aria-errormessage', place.id);
    }
  }

  #tell() {
    this.dispatchEvent(new Event('state'));
  }
}
