/**
 * The panel in which the agent chooses to whom he brings his customer: one field, one list, asked first or at once (TR-01, TR-02).
 * A combobox with a list (WAI-ARIA Authoring Practices): arrows choose, Enter asks first, Ctrl+Enter transfers, Escape closes.
 */

import { find, make, write } from '../live/page.js';
import { rows, setText } from '../live/sparing.js';
import { say } from '../live/words.js';
import { optionsFor } from './transfer_options.js';

const AGAIN_MS = 3000; // the list is asked for anew while it is open
const PATIENCE_MS = 3000; // for an answer
const NOBODY = { agents: [], queues: [], flows: [] };

const form = /** @type {HTMLFormElement} */ (find('#transfer'));
const field = /** @type {HTMLInputElement} */ (form.elements.namedItem('whom'));
const list = find('#targets');
const now = /** @type {HTMLButtonElement} */ (find('#transfer-now'));
const first = /** @type {HTMLButtonElement} */ (find('#ask-first'));
/** @type {import('../live/socket.js').Live} */ let live;
/** @type {import('./actions.js').Actions} */ let actions;
let targets = NOBODY;
/** @type {any[]} */ let contacts = [];
/** @type {import('./transfer_options.js').Option[]} */ let options = [];
let chosen = ''; // key of an option
let again = 0; // timer
/** @type {'consult' | 'blind' | ''} */ let wish = ''; // Enter was pressed before there was anything to choose
let opening = 0; // which time the panel is open: what was asked in an earlier one says nothing
let asking = 0; // answers of this opening that are still to come
let asked = 0; // questions so far: an older answer never comes after a newer one

/** @param {import('./actions.js').Actions} doer @param {import('../live/socket.js').Live} connection */
export function startTransfer(doer, connection) {
  [actions, live] = [doer, connection];
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void bring('consult');
  });
  now.addEventListener('click', () => void bring('blind'));
  find('#transfer-close').addEventListener('click', () => closeTransfer());
  find('[data-do="transfer"]').addEventListener('click', () => toggleTransfer());
  field.addEventListener('input', () => void typed());
  form.addEventListener('keydown', keyPressed);
  list.addEventListener('mousedown', (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener('click', ({ target }) => choose(/** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('[data-target]'))?.dataset.target));
}

/** A customer whom he may bring to somebody now. @param {any} card */
const canLeave = (card) => Boolean(card && ['talking', 'held'].includes(card.state) && !card.consult && !card.consulted);

/** @param {import('./store.js').State} state */
export function showTransfer({ me }) {
  if (!form.hidden && !canLeave(me?.card)) closeTransfer();
}

/** @returns {boolean} whether there is a customer to transfer */
export function toggleTransfer() {
  if (!form.hidden) return closeTransfer();
  if (!canLeave(actions.store.state.me?.card)) return false;
  form.hidden = false;
  find('[data-do="transfer"]').setAttribute('aria-expanded', 'true');
  field.value = chosen = wish = '';
  asking = 0;
  [targets, contacts] = [NOBODY, []];
  write('transfer-reason', '');
  draw();
  field.focus();
  void askTargets();
  return true;
}

/** @returns {boolean} whether it was open */
export function closeTransfer() {
  if (form.hidden) return false;
  clearTimeout(again);
  opening++;
  const hadFocus = form.contains(document.activeElement);
  form.hidden = true;
  find('[data-do="transfer"]').setAttribute('aria-expanded', 'false');
  if (hadFocus) find('#main').focus();
  return true;
}

/**
 * @param {string} m
 * @param {object} [content]
 * @returns {Promise<any>} null: it cannot be had; undefined: it is of an opening before
 */
async function ask(m, content = {}) {
  const mine = opening;
  asking++;
  const answer = await live.ask(m, content, PATIENCE_MS).catch(() => null);
  if (mine !== opening) return undefined;
  asking--;
  return answer;
}

async function askTargets() {
  const answer = await ask('transfer.targets');
  if (answer === undefined) return;
  const isFirst = targets === NOBODY;
  if (answer) targets = answer;
  write('targets-said', answer ? '' : say('targets.failed'));
  draw();
  if (isFirst) form.scrollIntoView({ block: 'nearest' });
  again = setTimeout(() => void askTargets(), AGAIN_MS);
}

async function typed() {
  write('transfer-reason', '');
  const text = field.value.trim();
  const number = ++asked;
  contacts = [];
  chosen = wish = '';
  draw();
  if (text.length < 2) return;
  const answer = await ask('directory.find', { text });
  if (answer === undefined) return;
  if (answer && number === asked) contacts = answer.contacts;
  draw();
}

function draw() {
  options = optionsFor(targets, contacts, field.value.trim());
  const free = options.filter((option) => option.free);
  if (!free.some((option) => option.key === chosen)) chosen = free[0]?.key ?? '';
  rows(list, options, row, { key: ({ key }) => key, fill });
  showChosen();
  if (wish && chosen) void bring(wish);
  if (!asking) wish = ''; // what it waited for has come, and there is still nobody: who becomes free later is not meant
}

/** @param {import('./transfer_options.js').Option} option */
function row({ key, sign }) {
  const element = make('li', 'target', icon(sign), make('span', 'target-name'), make('span', 'target-about muted'));
  Object.assign(element, { id: `target-${key}` });
  Object.assign(element.dataset, { target: key });
  element.setAttribute('role', 'option');
  return element;
}

/** @param {HTMLElement} element @param {import('./transfer_options.js').Option} option */
function fill(element, { name, about, free }) {
  const [, title, rest] = element.children;
  setText(title, name);
  setText(rest, about);
  element.setAttribute('aria-disabled', String(!free));
}

/** @param {string} name */
function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#${name}`);
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(use);
  return svg;
}

function showChosen() {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('[data-target]'))) {
    const selected = element.dataset.target === chosen;
    element.setAttribute('aria-selected', String(selected));
    if (selected) element.scrollIntoView({ block: 'nearest' });
  }
  if (chosen) field.setAttribute('aria-activedescendant', `target-${chosen}`);
  else field.removeAttribute('aria-activedescendant');
  const option = theChosen();
  first.disabled = !option?.asks;
  now.disabled = !option;
}

const theChosen = () => options.find((option) => option.key === chosen);

/** @param {string | undefined} key */
function choose(key) {
  if (!options.some((option) => option.key === key && option.free)) return;
  chosen = key ?? '';
  showChosen();
}

/** @param {KeyboardEvent} event */
function keyPressed(event) {
  const free = options.filter((option) => option.free);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && event.target === field && free.length) {
    const at = free.findIndex((option) => option.key === chosen);
    choose(free[(at + step + free.length) % free.length]?.key);
  } else if (event.key === 'Enter' && event.ctrlKey) void bring('blind');
  else if (event.key === 'Enter' && event.target === field) void bring('consult'); // not left to the form: its button may wait for the list
  else if (event.key === 'Escape') closeTransfer();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** @param {'consult' | 'blind'} how */
async function bring(how) {
  const option = theChosen();
  wish = option || !asking ? '' : how;
  if (!option || (how === 'consult' && !option.asks)) return;
  const mine = opening;
  const why = await actions.passOn(how, option.to);
  if (mine !== opening) return;
  write('transfer-reason', why);
  if (!why) closeTransfer();
  else field.select();
}
