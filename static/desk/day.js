/** My day: an agent's calls of today as the record has them, newest first; one click calls back. */

import { find, make, timeOfDay, write } from '../live/page.js';
import { duration, now } from '../live/clock.js';
import { rows } from '../live/sparing.js';
import { known, say } from '../live/words.js';

const AGAIN_MS = 1000; // the record is written a moment after a call is over
const TRIES = 5; // then it is as it is, until the next call
const JUST_S = 60; // a call out that ended longer ago is not waited for

let asked = 0;

/** As often as the record is behind what the switch knows. @param {import('./store.js').Store} store @param {import('../live/socket.js').Live} live */
export async function askDay(store, live) {
  const number = ++asked;
  for (let tries = TRIES; tries && number === asked; tries--) {
    const answer = await live.ask('desk.my_day').catch(() => null);
    if (number !== asked) return;
    if (answer) store.set({ day: answer.day });
    if (answer && !isBehind(store.state)) return;
    await new Promise((done) => setTimeout(done, AGAIN_MS));
  }
}

/** After a connection broke: what was asked may never have been answered. @param {import('./store.js').Store} store @param {import('../live/socket.js').Live} live */
export function askDayAgain(store, live) {
  if (isBehind(store.state)) void askDay(store, live);
}

/** @param {import('./store.js').State} state */
function isBehind({ me, day }) {
  const last = me?.called_out;
  const newest = day.last.find((/** @type {any} */ call) => call.out);
  const missing = last && now() - last.at < JUST_S && !(newest?.ended >= last.at - 0.001);
  return Boolean(me && (me.calls_today > day.calls || missing));
}

/** The switch's figures are newer, the record's remember more. @param {any} me @param {any} day */
export function myFigures(me, day) {
  if (me && me.calls_today >= day.calls && me.calls_today > 0) return { calls: me.calls_today, average: me.talked_today / me.calls_today };
  return { calls: day.calls, average: day.average };
}

/** @param {import('./store.js').State} state */
export function showDay({ me, day }) {
  const { calls, average } = myFigures(me, day);
  write('day-calls', calls);
  write('day-unit', say(calls === 1 ? 'day.calls.one' : 'day.calls.other'));
  write('day-average', calls ? duration(Math.round(average)) : '–');
  rows(find('#day-calls'), day.last, row);
  write('no-calls', calls || day.last.length ? '' : say('day.none'));
  write('day-more', day.more ? say('day.more', { count: day.last.length }) : '');
}

/** @param {any} call */
function row(call) {
  const who = call.name || call.caller || say('caller.withheld');
  const parts = [make('span', 'time muted', timeOfDay(call.at)), whom(call, who), make('span', 'time', call.answered ? duration(call.talked) : '–')];
  return make('li', call.answered ? '' : 'not-reached', ...parts, ...(call.answered ? [] : [make('span', 'why-not', went(call))]));
}

/** One click calls back. @param {any} call @param {string} who */
function whom(call, who) {
  if (!call.number) return make('span', 'who', who);
  const button = make('button', 'who quiet call-back', who);
  Object.assign(button, { type: 'button', title: say('call_back', { who }) });
  Object.assign(button.dataset, { do: 'call_back', number: call.number });
  return button;
}

/** How a call went that nobody answered. @param {any} call @returns {string} */
export function went(call) {
  if (!call.out) return say('call.missed');
  return say(known(`went.${call.cause}`) ? `went.${call.cause}` : 'went.error');
}
