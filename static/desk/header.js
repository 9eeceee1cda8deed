/** View: status, profile, phone, on the top line. */

import { find, write } from '../live/page.js';
import { show } from '../live/clock.js';
import { attributes } from '../live/sparing.js';
import { known, say } from '../live/words.js';
import { mayChangeLogOn, panelOf } from './panel.js';

const MICROPHONE = ['microphone-denied', 'microphone-missing', 'microphone-busy', 'insecure-page'];

/** @param {any} me */
export function statusWord(me) {
  if (!me) return say('status.logged_off');
  return me.status === 'pause' && me.reason ? me.reason : say(`status.${me.status}`);
}

/**
 * The softphone's state as one word (SP-03).
 * @param {import('./store.js').State} state
 * @returns {'external' | 'other' | 'offline' | 'checking' | 'no_microphone' | 'no_path' | 'online' | 'off'}
 */
export function phoneState({ me, link, displaced, phone, problem }) {
  if (me && me.status !== 'logged_off' && me.phone && me.phone !== 'softphone') return 'external';
  if (displaced) return 'other';
  if (link !== 'online') return 'offline';
  if (phone === 'checking') return 'checking';
  if (MICROPHONE.includes(problem)) return 'no_microphone';
  if (problem || phone === 'interrupted' || phone === 'failed') return 'no_path';
  return phone === 'off' ? 'off' : 'online';
}

/**
 * @param {import('./store.js').State} state
 * @param {Record<string, string>} profiles
 */
export function showHeader(state, profiles) {
  const { me } = state;
  const status = me?.status ?? 'logged_off';
  Object.assign(document.body.dataset, { panel: panelOf(me), status, link: state.link });
  write('status', statusWord(me));
  for (const sign of document.querySelectorAll('[data-status-sign]')) attributes(sign, { href: `#s-${status}` });
  show('status', me?.until ? { until: me.until } : { since: me?.since });
  showProfile(me, status === 'logged_off' ? '' : (profiles[me?.profile] ?? ''));
  write('pending', pending(me?.pending ?? ''));
  showMenu(me, status);
  showPhone(state);
}

/** @param {any} me @param {string} name */
function showProfile(me, name) {
  write('profile', name);
  const button = /** @type {HTMLButtonElement} */ (find('.profile'));
  button.hidden = !name;
  button.disabled = !mayChangeLogOn(me);
}

/** @param {string} pending */
function pending(pending) {
  if (pending.startsWith('pause:')) return say('pending.pause', { reason: pending.slice(6) });
  return known(`pending.${pending}`) ? say(`pending.${pending}`) : '';
}

/** What cannot be done now is not in the menu. @param {any} me @param {string} status */
function showMenu(me, status) {
  for (const item of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.list [data-do]'))) {
    const { do: name, reason } = item.dataset;
    if (name === 'ready') item.hidden = ['logged_off', 'ready', 'offered', 'connected'].includes(status);
    if (name === 'pause') item.hidden = status === 'logged_off' || (status === 'pause' && me.reason === reason);
    if (name === 'change_log_on') item.hidden = !mayChangeLogOn(me);
    if (name === 'log_off') item.hidden = status === 'logged_off';
  }
  /** @type {HTMLButtonElement} */ (find('#status')).disabled = status === 'logged_off';
}

/** @param {import('./store.js').State} state */
function showPhone(state) {
  const button = find('.phone');
  const word = phoneState(state);
  button.setAttribute('data-phone', word);
  write('phone', say(`phone.${word}`, { number: state.me?.phone ?? '' }));
}
