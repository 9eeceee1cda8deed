/** The system's notification of a ringing call, as long as it rings and the page is hidden: who looks at the page needs none. */

import { say } from '../live/words.js';

/** @typedef {{ caller: string, about: string }} Ringing who calls, and his queue or who asks */

/** @type {Ringing | null} */ let rings = null;
/** @type {Notification | null} */ let shown = null;
let told = ''; // what it says; '': nothing is to be said

export function startNotifications() {
  document.addEventListener('visibilitychange', follow);
  globalThis.addEventListener('pagehide', () => notifyOf(null));
}

/** Of this call, whose name may come later; null: of none (any more). @param {Ringing | null} call */
export function notifyOf(call) {
  rings = call;
  follow();
}

function follow() {
  const words = rings && document.hidden ? say('call.incoming', rings) : '';
  if (words === told) return;
  told = words;
  if (!words) shown?.close();
  shown = rings && words ? show(words, rings.about) : null;
}

/** In place of the one before. @param {string} words @param {string} about */
function show(words, about) {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return null;
  try {
    const notification = new Notification(words, { body: about, tag: 'call', requireInteraction: true });
    notification.onclick = () => globalThis.focus(); // which makes the page visible, and so closes it
    return notification;
  } catch {
    return null; // Chrome on Android gives notifications to service workers only: the desk rings, and the title tells
  }
}

/** Ask once, when the person logs on: then it is clear what for. */
export function askForNotifications() {
  if ('Notification' in globalThis && Notification.permission === 'default') void Notification.requestPermission();
}
