/** A call must be noticed: the page's title, a notification when the page is hidden, an announcement, the focus. */

import { find } from '../live/page.js';
import { say } from '../live/words.js';
import { whoAsks } from './consult.js';
import { statusWord } from './header.js';
import { callerName } from './panel.js';

const NAME_MS = 400; // for which an announcement waits for the caller's name

let announced = ''; // the leg that was told of
let pending = 0; // the announcement that waits
/** @type {Notification | null} */ let notification = null;

/** @param {import('./store.js').State} state */
export function drawAttention(state) {
  const { me, numbers, customer } = state;
  const card = me?.card?.state === 'ringing' ? me.card : null;
  const caller = card ? callerName(state, card) || numbers.caller || say('caller.withheld') : '';
  const title = card ? say('call.incoming', { caller }) : `${statusWord(me)} · ${say('product')}`;
  if (document.title !== title) document.title = title;
  if (!card) calmDown();
  else if (announced !== card.leg) {
    announced = card.leg;
    takeFocus();
    pending = setTimeout(() => announce(card, caller), NAME_MS);
  }
  if (card && pending && customer?.caller === card.caller) announce(card, caller);
}

/** Once, with the name if it came in time. @param {any} card @param {string} caller */
function announce(card, caller) {
  clearTimeout(pending);
  pending = 0;
  const asks = whoAsks(card);
  find('#announcement').textContent = asks ? say('call.announce.asked', { asks, caller }) : say('call.announce', { caller, queue: card.queue_name });
  if (document.hidden) notify(caller, asks || card.queue_name);
}

function calmDown() {
  if (!announced) return;
  announced = '';
  clearTimeout(pending);
  pending = 0;
  find('#announcement').textContent = '';
  notification?.close();
  notification = null;
  if (document.activeElement === document.body || document.activeElement?.closest('[data-do="answer"], [data-do="reject"]')) find('#main').focus();
}

/** Not from somebody who types. */
function takeFocus() {
  /** @type {HTMLDialogElement | null} */ (document.querySelector('dialog[open]'))?.close();
  if (document.activeElement?.closest('input, select, textarea')) return;
  find('.ringing-actions [data-do="answer"]').focus();
}

/** @param {string} caller @param {string} queue */
function notify(caller, queue) {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
  notification = new Notification(say('call.incoming', { caller }), { body: queue, tag: 'call', requireInteraction: true });
  notification.onclick = () => globalThis.focus();
}

/** Ask once, when the person logs on: then it is clear what for. */
export function askForNotifications() {
  if ('Notification' in globalThis && Notification.permission === 'default') void Notification.requestPermission();
}
