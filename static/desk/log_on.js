/**
 * The form of the logged-off page: phone, profile, how to begin, one button; and the dialog that changes phone and profile while logged on.
 * The last phone and profile are remembered in this browser, of each agent on his own: several may share a computer. How to begin is not:
 * who forgets it would wait in a pause for calls.
 */

import { find, write } from '../live/page.js';
import { say, sayError } from '../live/words.js';
import { phoneState } from './header.js';
import { askForNotifications } from './notification.js';
import { mayChangeLogOn } from './panel.js';

let key = ''; // of the agent whose page it is

/** @returns {HTMLDialogElement} */
const dialog = () => find('#log-on-dialog');

/** @param {import('./actions.js').Actions} actions @param {number} agent his id */
export function startLogOn(actions, agent) {
  key = `cc.log-on.${agent}`;
  const [begin, change] = ['#log-on', '#log-on-change'].map((id) => /** @type {HTMLFormElement} */ (find(id)));
  recall(begin);
  start(begin, actions, () => chooseReady(begin));
  start(change, actions, () => dialog().close());
  find('#log-on-change [data-close]').addEventListener('click', () => dialog().close());
}

/**
 * @param {HTMLFormElement} form
 * @param {import('./actions.js').Actions} actions
 * @param {() => void} done
 */
function start(form, actions, done) {
  form.addEventListener('input', () => follow(form)); // not when a field is left: the button would move under the mouse
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (await submit(form, actions)) done();
  });
  follow(form);
}

/** @param {HTMLFormElement} form @param {import('./actions.js').Actions} actions @returns {Promise<boolean>} whether it was done */
async function submit(form, actions) {
  const { phone, number, profile, pause } = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
  askForNotifications();
  reason(form, '');
  const why = await actions.logOn({ profile: Number(profile), phone: phone === 'softphone' ? phone : number, pause });
  reason(form, why);
  if (!why) remember({ phone, number, profile });
  return !why;
}

/** @param {HTMLFormElement} form @param {string} text */
function reason(form, text) {
  write(`${form.id}-reason`, text);
}

/** @param {HTMLFormElement} form */
function follow(form) {
  const external = form.elements.namedItem('phone').value === 'external';
  /** @type {HTMLElement} */ (form.querySelector('.number-label')).hidden = !external;
  form.elements.namedItem('number').required = external;
  reason(form, '');
}

/** @param {HTMLFormElement} form */
function chooseReady(form) {
  const pause = form.elements.namedItem('pause');
  if (pause) pause.value = '';
}

/** @param {any} me the agent's document */
export function openLogOnChange(me) {
  const form = /** @type {HTMLFormElement} */ (find('#log-on-change'));
  const external = me.phone !== 'softphone';
  fill(form, { profile: String(me.profile), phone: external ? 'external' : 'softphone', number: external ? me.phone : '' });
  follow(form);
  dialog().showModal();
  /** @type {HTMLElement | null} */ (form.querySelector('select[name="profile"]'))?.focus();
}

/** @param {object} choice */
function remember(choice) {
  try {
    localStorage.setItem(key, JSON.stringify(choice));
  } catch {
    // storage is switched off: the form starts empty next time
  }
}

/** @param {HTMLFormElement} form */
function recall(form) {
  try {
    fill(form, JSON.parse(localStorage.getItem(key) ?? '{}'));
  } catch {
    // storage is switched off, or holds something else
  }
}

/** What cannot be chosen (any more) stays as it is: the only profile there is, too. @param {HTMLFormElement} form @param {Record<string, string>} choice */
function fill(form, choice) {
  for (const [name, value] of Object.entries(choice)) {
    const field = form.elements.namedItem(name);
    if (!field || !value || field.type === 'hidden') continue;
    const possible = !(field instanceof HTMLSelectElement) || [...field.options].some((option) => option.value === value);
    if (possible) /** @type {any} */ (field).value = value;
  }
}

/** What the test of the softphone has said (SP-03); and a call that comes needs its keys. @param {import('./store.js').State} state */
export function showLogOn(state) {
  const { problem } = state;
  const word = phoneState(state);
  write('check', problem ? sayError({ code: problem }) : say({ checking: 'phone.checking', online: 'phone.tested' }[word] ?? 'phone.not_tested'));
  for (const check of document.querySelectorAll('[data-text="check"]')) check.setAttribute('data-check', problem ? 'problem' : word);
  if (dialog().open && !mayChangeLogOn(state.me)) dialog().close();
}
