/** View: the centre panel, in each of its states. */

import { find, make, write } from '../live/page.js';
import { duration, now, show } from '../live/clock.js';
import { attributes, rows } from '../live/sparing.js';
import { known, say } from '../live/words.js';
import { whoAsks } from './consult.js';
import { myFigures } from './day.js';
import { keypad } from './keypad.js';
import { UP, callerName, decides, isPhone, nextExtension, panelOf } from './panel.js';

/** @param {import('./store.js').State} state */
export function showStage(state) {
  const panel = panelOf(state.me);
  if (panel === 'idle') showIdle(state);
  write('logged-off-why', panel === 'logged_off' && state.me ? why(state.me) : '');
  if (state.me?.card) showCard(state);
  if (panel === 'wrap_up') showWrapUp(state);
  if (!UP.includes(panel)) keypad.close();
  for (const button of document.querySelectorAll('[data-do], [data-busy]')) {
    const { do: name, busy, number } = /** @type {HTMLElement} */ (button).dataset;
    const pressed = state.busy !== '' && state.busy === (name ?? busy) && (number === undefined || number === state.busyNumber);
    if (pressed) button.setAttribute('aria-busy', 'true');
    else button.removeAttribute('aria-busy');
    if (name === 'call_back') /** @type {HTMLButtonElement} */ (button).disabled = panel === 'logged_off';
  }
}

/** @param {import('./store.js').State} state */
function showIdle(state) {
  const { me, queues, day } = state;
  write('idle-means', me.until ? '' : known(`idle.${me.status}`) ? say(`idle.${me.status}`) : '');
  write('why', howItEnded(state) || (me.status === 'ready' ? '' : why(me)));
  find('[data-when="away"]').hidden = me.status === 'ready';
  const waiting = [...queues.values()].filter((queue) => queue?.waiting);
  const count = waiting.reduce((sum, queue) => sum + queue.waiting, 0);
  write('waiting', count);
  write('waiting-words', say('waiting.title'));
  const oldest = waiting.map((queue) => queue.oldest).filter(Boolean);
  show('longest', { since: oldest.length ? Math.min(...oldest) : null });
  const { calls, average } = myFigures(me, day);
  write('my-calls', calls);
  write('my-average', calls ? duration(Math.round(average)) : '–');
}

/** Of the call that he made and that has just ended, if nobody talked. @param {import('./store.js').State} state */
function howItEnded({ me, calledOut }) {
  const last = me.called_out;
  return last && last.at === me.since && known(`out.${last.result}`) ? say(`out.${last.result}`, { number: calledOut }) : '';
}

/** @param {any} me */
function why(me) {
  return me.status !== 'pause' && known(`why.${me.reason}`) ? say(`why.${me.reason}`) : '';
}

/** @param {import('./store.js').State} state */
function showCard(state) {
  const { card } = state.me;
  const ringing = card.state === 'ringing';
  write('call-state', state.busy === 'answer' ? say('call.answering') : callState(state));
  show('call', ringing || !card.answered_at ? { since: card.since } : { since: card.answered_at });
  write('caller', state.numbers.caller || say('caller.withheld'));
  write('caller-name', callerName(state, card));
  write('queue', card.test ? `${card.queue_name} · ${say('call.test')}` : card.queue_name);
  write('dialled', state.numbers.dialled);
  write('number-name', card.number_name);
  write('dialled-word', say(card.out ? 'call.shown' : 'call.dialled'));
  find('.facts .number').hidden = !state.numbers.dialled; // the trunk's own number is not known here
  for (const fact of document.querySelectorAll('.facts .of-queue')) /** @type {HTMLElement} */ (fact).hidden = card.out;
  show('waited', ringing ? { since: card.entered_at } : { seconds: card.waited });
  showPath(card.path);
  showFound(card.shown);
  showButtons(state, card);
  showRecording(card);
}

/** @param {import('./store.js').State} state */
function callState(state) {
  const { card } = state.me;
  const asks = card.confirming ? '' : whoAsks(card);
  if (asks) return asks;
  if (card.confirming) return say(card.out ? 'call.confirm.out' : 'call.confirm');
  return say(card.state === 'phone' && state.me.phone === 'softphone' ? 'call.phone.here' : `call.${card.state}`);
}

/** @param {{ name: string, choice: string }[]} path */
function showPath(path) {
  const chosen = path.filter((step) => step.choice);
  const list = find('#path');
  list.closest('.chose')?.toggleAttribute('hidden', chosen.length === 0);
  rows(list, chosen, ({ name, choice }) => make('li', '', choice, ' ', make('span', 'muted', name)));
}

/** What steps have found out, for agents. Drawn anew only when it differs: a link keeps the focus. @param {{ name: string, value: string, link: boolean }[]} found */
function showFound(found) {
  const list = find('#shown');
  const drawn = JSON.stringify(found);
  if (list.dataset.drawn === drawn) return;
  list.dataset.drawn = drawn;
  /** @type {HTMLElement} */ (find('section.shown')).hidden = found.length === 0;
  list.replaceChildren(...found.map(({ name, value, link }) => make('div', '', make('dt', '', name), make('dd', '', link ? linkTo(value) : value))));
}

/** @param {string} address of the web, as the switch has made sure of */
function linkTo(address) {
  const link = /** @type {HTMLAnchorElement} */ (make('a', '', address));
  Object.assign(link, { href: address, target: '_blank', rel: 'noopener noreferrer' });
  return link;
}

/** @param {import('./store.js').State} state @param {any} card */
function showButtons(state, card) {
  const here = isPhone(state);
  for (const button of document.querySelectorAll('[data-do="answer"]')) /** @type {HTMLElement} */ (button).hidden = !here;
  find('.answer-there').hidden = here || card.confirming || state.me.phone === 'softphone'; // what to press is said above
  toggle('mute', card.muted, 'i-mic-off', 'i-mic');
  toggle('hold', card.state === 'held', 'i-play', 'i-pause');
}

/** @param {string} name @param {boolean} on @param {string} iconOn @param {string} iconOff */
function toggle(name, on, iconOn, iconOff) {
  find(`[data-do="${name}"]`).setAttribute('aria-pressed', String(on));
  attributes(find(`[data-icon="${name}"]`), { href: `#${on ? iconOn : iconOff}` });
  write(name, say(`${name}.${on ? 'on' : 'off'}`));
  find(`[data-text="${name}"]`).dataset.other = say(`${name}.${on ? 'off' : 'on'}`); // the button is as wide as the longer word
}

/** @param {any} card */
function showRecording(card) {
  const sign = find('.recording');
  sign.hidden = card.recording === 'off' && card.recording_mode !== 'pausable';
  const shown = card.recording === 'on' && card.masked ? 'masked' : card.recording;
  sign.dataset.recording = shown;
  const running = card.recording === 'on' && card.recording_since;
  write('recording', say({ on: 'record.on', failed: 'record.failed', masked: 'record.masked' }[shown] ?? 'record.paused'));
  show('recorded', running ? { since: card.recording_since - card.recorded_seconds } : { seconds: card.recorded_seconds });
  find('[data-do="record"]').hidden = card.recording_mode !== 'pausable' || !decides(card);
  write('record', say(card.recording === 'on' ? 'record.pause' : 'record.resume'));
  const mask = find('[data-do="mask"]');
  mask.hidden = !decides(card);
  mask.setAttribute('aria-pressed', String(card.masked));
}

/** @param {import('./store.js').State} state */
function showWrapUp(state) {
  const { me, about } = state;
  const { summary } = me;
  const who = summary ? callerName(state, summary) || about || say('caller.withheld') : '';
  const parts = summary ? [who, summary.queue_name] : [];
  write('wrap-up-about', parts.filter(Boolean).join(' · '));
  write('wrap-up-why', why(me));
  show('wrap-up', me.until ? { until: me.until } : { seconds: 0 });
  showExtend(me);
  drawRing(me);
}

/** Where nothing is allowed there is no button; where all is used up it says so. @param {any} me */
function showExtend(me) {
  const button = /** @type {HTMLButtonElement} */ (find('[data-do="extend"]'));
  const seconds = nextExtension(me);
  button.hidden = !seconds && !me.extended;
  button.disabled = !seconds;
  if (seconds) write('extend', say('wrap_up.extend', { seconds: String(seconds) }));
  write('extend-why', !seconds && me.extended ? say('wrap_up.no_more') : '');
}

/** How much of the wrap-up is left, as an arc. @param {any} me */
export function drawRing(me) {
  if (me?.status !== 'wrap_up') return;
  const part = !me.until ? 0 : Math.min(1, Math.max(0, (me.until - now()) / (me.until - me.since)));
  find('#ring').style.setProperty('--part', String(part));
}
