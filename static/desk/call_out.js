/** The field with which the agent calls somebody, by number or by name. Which number is shown to whom he calls is remembered in this browser. */

import { find, write } from '../live/page.js';
import { options } from '../live/sparing.js';
import { contactSearch } from './contact_search.js';

const KEY = 'cc.caller-id';
const NUMBER = /^\+?[\d\s().\/-]+$/; // is called as it stands; anything else is looked for
const form = /** @type {HTMLFormElement} */ (find('#call-out'));
const field = /** @type {HTMLInputElement} */ (form.elements.namedItem('to'));
const choice = /** @type {HTMLSelectElement} */ (form.elements.namedItem('caller_id'));
let offered = ''; // the choices that stand in the list
/** @type {{ clear: () => void }} */ let search;

/** @param {import('./actions.js').Actions} actions @param {import('../live/socket.js').Live} live */
export function startCallOut(actions, live) {
  const onChoose = (/** @type {{ number: string }} */ { number }) => void call(actions, number);
  search = contactSearch(form, { live, onChoose, isWhole: (text) => NUMBER.test(text) });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void call(actions, field.value);
  });
  field.addEventListener('input', () => write('call-out-reason', ''));
  choice.addEventListener('change', remember);
}

/** @returns {boolean} whether there is a field to go to now */
export function goToCallOut() {
  if (form.offsetParent === null) return false;
  field.focus();
  field.select();
  return true;
}

/** @returns {number} 0: the first that he may choose */
export function chosenCaller() {
  return Number(choice.value || 0);
}

/** @param {import('./actions.js').Actions} actions @param {string} number */
async function call(actions, number) {
  write('call-out-reason', '');
  const why = await actions.callOut(number);
  write('call-out-reason', why);
  if (why) return field.select();
  search.clear();
  find('#main').focus(); // where the keys of the call are: Escape gives up
}

/** @param {import('./store.js').State} state */
export function showCallOut({ callers }) {
  const wanted = JSON.stringify(callers);
  if (wanted === offered) return;
  offered = wanted;
  options(choice, callers.map(({ id, number, name }) => [name ? `${name} · ${number}` : number, String(id)]));
  const before = recall();
  if (callers.some(({ id }) => String(id) === before)) choice.value = before;
  /** @type {HTMLElement} */ (choice.closest('label')).hidden = callers.length < 2;
}

function remember() {
  try {
    localStorage.setItem(KEY, choice.value);
  } catch {
    // storage is switched off: the first is chosen next time
  }
}

function recall() {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}
