/** View: whom the agent asks while his customer waits, and what he can do about it (TR-02, TR-03); or who asks him. */

import { find, write } from '../live/page.js';
import { show } from '../live/clock.js';
import { say } from '../live/words.js';

/** @param {import('./store.js').State} state */
export function showConsult({ me, numbers }) {
  const card = me?.card;
  const consult = card?.consult ?? null;
  find('#consult').hidden = !consult;
  const inVain = consult ? null : card?.in_vain;
  write('in-vain', inVain ? say(`in_vain.${inVain.result}`, { who: inVain.name || numbers.consulted }) : '');
  for (const name of ['hold', 'transfer']) button(name).hidden = Boolean(consult || card?.consulted);
  button('keypad').hidden = Boolean(card?.consulted);
  if (!consult) return;
  const who = consult.name || numbers.consulted;
  write('consult', consult.found ? say('consult.found', { who: consult.found, queue: who }) : say(`consult.${consult.state}`, { who }));
  show('consult', { since: consult.since });
  button('complete').hidden = consult.state === 'waiting';
  button('join_all').hidden = consult.state !== 'talking';
  write('take-back', consult.state === 'three_party' ? say('consult.without', { who: consult.found || who }) : say('consult.back'));
}

/** @param {string} name @returns {HTMLElement} */
const button = (name) => find(`.call [data-do="${name}"]`);

/**
 * What stands above the customer's number, if it is not simply the state of the call.
 * @param {any} card
 * @returns {string} '' if it is
 */
export function whoAsks(card) {
  const who = card.asked_by;
  if (card.state === 'ringing') return card.returned ? say('asked.returned') : who ? say(card.consulted ? 'asked.consult' : 'asked.transfer', { who }) : '';
  return card.consulted && who ? say(`asked.${card.state}`, { who }) : '';
}
