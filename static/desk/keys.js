/** Keys of the desk. Not while somebody types, not with Ctrl, Alt or the Windows key, not in an open dialog. */

import { goToCallOut } from './call_out.js';
import { goToDirectory } from './directory.js';
import { keypad } from './keypad.js';
import { goTo } from './summary.js';
import { closeTransfer, toggleTransfer } from './transfer.js';

const PLAIN = { m: 'mute', h: 'hold', r: 'record', x: 'mask', j: 'join_all', b: 'take_back', l: 'change_log_on', '?': 'keys' };

/**
 * @param {import('./actions.js').Actions} actions
 */
export function startKeys(actions) {
  let pauseAsked = 0; // when P was pressed: a digit within two seconds names the reason
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || typing(event)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const afterP = Date.now() - pauseAsked < 2000;
    pauseAsked = key === 'p' && !afterP ? Date.now() : 0;
    if (press(actions, key, afterP, event)) event.preventDefault();
  });
}

/**
 * @param {import('./actions.js').Actions} actions
 * @param {string} key
 * @param {boolean} afterP
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key meant something here
 */
function press(actions, key, afterP, event) {
  if (afterP) return pause(actions, key);
  if (key === 'Enter') return !onControl(event) && ringing(actions, 'answer');
  if (key === 'Escape') return ringing(actions, 'reject') || calling(actions) || closeTransfer() || keypad.close();
  if (key === 'c') return goToCallOut();
  if (key === '/') return goToDirectory();
  if (key === 'n') return goTo('note');
  if (key === 'd') return goTo('dispositions');
  if (key === 't') return transfer(actions);
  if (key === 'k') return keypad.toggle();
  if (keypad.press(key)) return true;
  const name = PLAIN[/** @type {keyof PLAIN} */ (key)];
  if (name) void actions.run(name);
  return Boolean(name) || key === 'p';
}

/** @param {import('./actions.js').Actions} actions @param {string} key */
function pause(actions, key) {
  if (key === 'p') void actions.run('ready');
  const buttons = document.querySelectorAll('#status-list [data-do="pause"]');
  const button = /^[1-9]$/.test(key) ? /** @type {HTMLElement} */ (buttons[Number(key) - 1]) : undefined;
  if (button) void actions.run('pause', button.dataset);
  return key === 'p' || Boolean(button);
}

/** @param {import('./actions.js').Actions} actions @param {string} name */
function ringing(actions, name) {
  if (actions.panel !== 'ringing') return false;
  void actions.run(name);
  return true;
}

/** T opens the panel, and leaves the customer to whom he asks. @param {import('./actions.js').Actions} actions */
function transfer(actions) {
  if (!actions.store.state.me?.card?.consult) return toggleTransfer();
  void actions.run('complete');
  return true;
}

/** Escape gives a call up that nobody has answered yet. @param {import('./actions.js').Actions} actions */
function calling(actions) {
  if (actions.panel !== 'calling') return false;
  void actions.run('hang_up');
  return true;
}

/** @param {KeyboardEvent} event */
function typing({ target }) {
  const element = /** @type {HTMLElement} */ (target);
  const text = element.closest('input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable]');
  return Boolean(text) || Boolean(element.closest('dialog[open]'));
}

/** Enter presses the button that has the focus; that must not answer as well. @param {KeyboardEvent} event */
function onControl({ target }) {
  return Boolean(/** @type {HTMLElement} */ (target).closest('button, a, summary'));
}
