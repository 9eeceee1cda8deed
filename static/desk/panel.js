/** Which state of the centre panel the page is in; apps/desk/first_paint.py says the same for the first paint. */

export const UP = ['talking', 'held', 'consulting', 'three_party', 'lost']; // somebody is on the line
export const CALLING = ['phone', 'dialling', 'alerting']; // a call of his own that nobody has answered yet

/**
 * @param {any} me the agent's document
 * @returns {'logged_off' | 'idle' | 'ringing' | 'calling' | 'talking' | 'held' | 'consulting' | 'three_party' | 'lost' | 'wrap_up'}
 */
export function panelOf(me) {
  if (!me || me.status === 'logged_off') return 'logged_off';
  if (me.card) return CALLING.includes(me.card.state) ? 'calling' : me.card.state;
  return me.status === 'wrap_up' ? 'wrap_up' : 'idle';
}

/** Whether another profile or phone can be chosen now: not in a call. @param {any} me */
export function mayChangeLogOn(me) {
  return Boolean(me) && !me.card && !['logged_off', 'offered', 'connected'].includes(me.status);
}

/** By how many seconds *Extend* makes the wrap-up longer: usually 30, at last what is left of what is allowed. @param {any} me */
export function nextExtension(me) {
  return Math.floor(Math.min(30, me.extendable)); // the server takes whole seconds
}

/** Whether there is a recording that this agent decides about; whom he consults does not. @param {any} card */
export function decides(card) {
  return !card.consulted && (card.recording === 'on' || card.recording === 'paused');
}

/**
 * Who is on the card: as the directory has him, else as his telephone says.
 * @param {import('./store.js').State} state
 * @param {any} card
 * @returns {string} '' if nobody knows
 */
export function callerName({ customer }, card) {
  return (customer?.caller === card.caller && customer?.name) || card.caller_name;
}

/** Whether this page is the phone that rings and talks. @param {import('./store.js').State} state */
export function isPhone({ me, connection, displaced }) {
  return !displaced && me?.phone === 'softphone' && me.connection === connection && connection !== '';
}
