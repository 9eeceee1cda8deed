/** The number pad of a call. Digits go to the far end and are shown, nowhere else. */

import { find } from '../live/page.js';
import { UP } from './panel.js';

const SHOWN = 18;
/** @type {HTMLElement} */ let pad;
/** @type {HTMLElement} */ let digits;
/** @type {(digit: string) => void} */ let send = () => {};

/** @param {(digit: string) => void} sender */
export function startKeypad(sender) {
  send = sender;
  pad = find('#keypad');
  digits = find('#keypad .digits');
  pad.addEventListener('click', ({ target }) => {
    const key = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('[data-key]'));
    if (key) keypad.press(key.dataset.key ?? '');
  });
  find('[data-do="keypad"]').addEventListener('click', () => keypad.toggle());
}

export const keypad = {
  /** @returns {boolean} always: the key is ours */
  toggle() {
    if (!UP.includes(document.body.dataset.panel ?? '')) return true;
    show(pad.hidden);
    return true;
  },

  /** @returns {boolean} whether it was open */
  close() {
    const open = !pad.hidden;
    if (open) show(false);
    return open;
  },

  /** @param {string} key @returns {boolean} whether it is a digit and the pad is open */
  press(key) {
    if (pad.hidden || !/^[0-9*#]$/.test(key)) return false;
    digits.textContent = ((digits.textContent ?? '') + key).slice(-SHOWN);
    send(key);
    return true;
  },
};

/** @param {boolean} open */
function show(open) {
  pad.hidden = !open;
  digits.textContent = '';
  find('[data-do="keypad"]').setAttribute('aria-expanded', String(open));
}
