/** A call must be noticed: the page's title, a notification while the page is hidden, an announcement, the focus. */

import { find } from '../live/page.js';
import { say } from '../live/words.js';
import { whoAsks } from './consult.js';
import { statusWord } from './header.js';
import { notifyOf } from './notification.js';
import { callerName } from './panel.js';

const NAME_MS = 400; // for which an announcement waits for the caller's name

let announced = ''; // the leg that was told of
let pending = 0; // the announcement that waits

/** @param {import('./store.js').State} state */
export function drawAttention(state) {
  const { me, numbers, customer, displaced } = state;
  const card = me?.card?.state === 'ringing' ? me.card : null;
  const caller = card ? callerName(state, card) || numbers.caller || say('caller.withheld') : '';
  const title = card ? say('call.incoming', { caller }) : `${statusWord(me)} · ${say('product')}`;
  if (document.title !== title) document.title = title;
  if (!card) calmDown();
  else if (announced !== card.leg) {
    announced = card.leg;
    takeFocus();
    clearTimeout(pending); // of the call before
    pending = setTimeout(() => announce(card, caller), NAME_MS);
  }
  if (card && pending && customer?.caller === card.caller) announce(card, caller);
  notifyOf(card && !displaced ? { caller, about: whoAsks(card) || card.queue_name } : null);
}

/** Once, with the name if it came in time. @param {any} card @param {string} caller */
function announce(card, caller) {
  clearTimeout(pending);
  pending = 0;
  const asks = whoAsks(card);
  find('#announcement').textContent = asks ? say('call.announce.asked', { asks, caller }) : say('call.announce', { caller, queue: card.queue_name });
}

function calmDown() {
  if (!announced) return;
  announced = '';
  clearTimeout(pending);
  pending = 0;
  find('#announcement').textContent = '';
  if (document.activeElement === document.body || document.activeElement?.closest('[data-do="answer"], [data-do="reject"]')) find('#main').focus();
}

/** Not from somebody who types. */
function takeFocus() {
  /** @type {HTMLDialogElement | null} */ (document.querySelector('dialog[open]'))?.close();
  if (document.activeElement?.closest('input, select, textarea')) return;
  find('.ringing-actions [data-do="answer"]').focus();
}
