/** What stands above the diagram: undo and redo, whether everything is saved, and what the page has to say. */

import { find, make, write } from '../live/page.js';
import { say } from '../live/words.js';

/** @typedef {{ text: string, acts: { text: string, act: () => void }[] }} Notice */
/** @typedef {'saved' | 'saving' | 'unsaved' | 'offline' | 'signed_out'} Saved */

/** @param {'undo' | 'redo'} name @param {string} what it would do; empty: nothing */
export function drawButton(name, what) {
  const button = /** @type {HTMLButtonElement | null} */ (document.querySelector(`[data-do="${name}"]`));
  if (!button) return;
  button.disabled = !what;
  button.title = what ? say(`${name}_what`, { what }) : say(name);
}

let drawn = /** @type {Notice | null} */ (null);

/** Only another one: who presses a button of it presses it while the diagram is drawn anew, too. @param {Notice | null} notice */
export function drawNotice(notice) {
  if (notice === drawn) return;
  drawn = notice;
  const place = find('#editor-notice');
  place.hidden = !notice;
  const buttons = (notice?.acts ?? []).map(({ text, act }) => {
    const button = /** @type {HTMLButtonElement} */ (make('button', 'flow-button', text));
    button.type = 'button';
    button.addEventListener('click', act);
    return button;
  });
  place.replaceChildren(notice?.text ?? '', ...buttons);
}

/** @param {Saved} saved */
export function drawSaved(saved) {
  const editor = find('#editor');
  if (saved === 'saved' && ['offline', 'signed_out'].includes(editor.dataset.saved ?? '')) announce(say('back'));
  write('saved', saved === 'saved' ? `✓ ${say('saved')}` : say(saved));
  if (editor.dataset.saved !== saved) editor.dataset.saved = saved;
}

/** To those who hear the page. @param {string} text */
export function announce(text) {
  find('#say').textContent = text;
}
