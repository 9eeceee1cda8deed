/** The directory of the desk: whoever is chosen is called. */

import { find, write } from '../live/page.js';
import { contactSearch } from './contact_search.js';

const root = find('#directory');
const field = /** @type {HTMLInputElement} */ (root.querySelector('input'));

/** @param {import('./actions.js').Actions} actions @param {import('../live/socket.js').Live} live */
export function startDirectory(actions, live) {
  const search = contactSearch(root, { live, onChoose: ({ number }) => call(number) });
  field.addEventListener('input', () => write('directory-reason', ''));

  /** @param {string} number */
  async function call(number) {
    const why = await actions.callOut(number);
    write('directory-reason', why);
    if (why) return;
    search.clear();
    find('#main').focus(); // where the keys of the call are: Escape gives up
  }
}

/** @returns {boolean} always: the key is ours */
export function goToDirectory() {
  field.focus();
  field.select();
  return true;
}
