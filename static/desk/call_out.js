/** The field with which the agent calls somebody. Which number is shown to whom he calls is remembered in this browser. */

import { find, make, write } from '../live/page.js';

const KEY = 'cc.caller-id';
const form = /** @type {HTMLFormElement} */ (find('#call-out'));
const field = /** @type {HTMLInputElement} */ (form.elements.namedItem('to'));
const choice = /** @type {HTMLSelectElement} */ (form.elements.namedItem('caller_id'));
let offered = ''; // the choices that stand in the list

/** @param {import('./actions.js').Actions} actions */
export function startCallOut(actions) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit(actions);
  });
  field.addEventListener('input', () => write('call-out-reason', ''));
  field.addEventListener('keydown', ({ key }) => key === 'Escape' && field.blur());
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

/** @param {import('./actions.js').Actions} actions */
async function submit(actions) {
  write('call-out-reason', '');
  const why = await actions.callOut(field.value);
  write('call-out-reason', why);
  if (why) field.select();
  else field.value = '';
}

/** @param {import('./store.js').State} state */
export function showCallOut({ callers }) {
  const wanted = JSON.stringify(callers);
  if (wanted === offered) return;
  offered = wanted;
  choice.replaceChildren(...callers.map(option));
  const before = recall();
  if (callers.some(({ id }) => String(id) === before)) choice.value = before;
  /** @type {HTMLElement} */ (choice.closest('label')).hidden = callers.length < 2;
}

/** @param {{ id: number, number: string, name: string }} caller */
function option({ id, number, name }) {
  const element = /** @type {HTMLOptionElement} */ (make('option', '', name ? `${name} · ${number}` : number));
  element.value = String(id);
  return element;
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
