/** A test call: the browser is the caller. Media by the same modules as the desk's, digits as RFC 4733 events of the browser. */

import { LevelMeter } from '../softphone/level.js';
import { Softphone } from '../softphone/softphone.js';
import { now, setServerTime, show, start as startClock } from '../live/clock.js';
import { find, make, startTheme, timeOfDay, write } from '../live/page.js';
import { Live } from '../live/socket.js';
import { known, learn, say, sayError } from '../live/words.js';

const CALLER = 'cc.test-caller';
const CODES = ['cause', 'result', 'exit'];
const SILENCE_MS = 4000; // a cell sends packets all the time: without any for so long the call is over

learn(JSON.parse(find('#state').textContent ?? '').words);
const live = new Live({ desk: false, phone: false });
const phone = new Softphone({
  test: (offer) => live.ask('softphone.test', { offer }),
  answer: () => Promise.reject(new Error('nobody calls this page')),
  reattach: () => Promise.reject(new Error('a test call that is cut is made again')),
  call: (number, offer) => live.ask('testcall.call', { number, caller: callerField()?.value.trim() ?? '', offer }),
});
/** @type {LevelMeter | null} */ let meter = null;
let watching = 0;

function callerField() {
  return /** @type {HTMLInputElement | null} */ (document.querySelector('[name="caller"]'));
}

/** @param {'idle' | 'calling' | 'connected' | 'ended'} state */
function enter(state) {
  document.body.dataset.call = state;
  write('state', say(`test.${state}`));
  for (const key of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[data-key]'))) key.disabled = state !== 'connected';
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('#call select, #call input'))) {
    field.disabled = state === 'calling' || state === 'connected';
  }
}

/** @param {string} number */
async function call(number) {
  if (['calling', 'connected'].includes(document.body.dataset.call ?? '')) return;
  write('reason', '');
  find('#events').replaceChildren();
  find('.digits').textContent = '';
  enter('calling');
  try {
    if (!phone.microphone) await phone.open();
    await phone.call(number);
    connected();
  } catch (error) {
    write('reason', sayError(error));
    end('idle');
  }
}

function connected() {
  enter('connected');
  show('call', { since: now() });
  if (phone.media) meter = new LevelMeter(phone.media.remoteStream, showLevel);
  let received = -1;
  watching = setInterval(async () => {
    const figures = await phone.media?.statistics();
    if (!figures || figures.received === received) end('ended');
    received = figures?.received ?? -1;
  }, SILENCE_MS);
}

/** @param {'idle' | 'ended'} state */
function end(state) {
  clearInterval(watching);
  meter?.close();
  meter = null;
  showLevel(0);
  phone.hangUp();
  const running = /** @type {HTMLElement} */ (find('[data-clock="call"]')).dataset.since;
  show('call', { seconds: running ? now() - Number(running) : null });
  enter(state);
}

async function hangUp() {
  end('ended');
  await live.ask('testcall.hang_up').catch(() => {}); // the call ends with the connection too
}

/** @param {string} digit */
function press(digit) {
  if (document.body.dataset.call !== 'connected') return;
  phone.sendDigits(digit);
  const digits = find('.digits');
  digits.textContent = ((digits.textContent ?? '') + digit).slice(-18);
  tell(say('test.pressed', { digit }), now());
}

/** @param {string} text @param {number} at */
function tell(text, at) {
  const row = make('li', '', make('span', 'time muted', timeOfDay(at, true)), make('span', '', text[0].toUpperCase() + text.slice(1)));
  find('#events').append(row);
  row.scrollIntoView({ block: 'nearest' });
}

/** @param {any} event of the call, as the journal has it */
function happened(event) {
  const values = { ...event };
  for (const key of CODES) if (known(`word.${event[key]}`)) values[key] = say(`word.${event[key]}`);
  values.value = event.label || event.value || '';
  tell(say(`test.${event.what}`, values).trim(), event.at);
  if (event.what === 'CallEnded' && document.body.dataset.call === 'connected') end('ended');
}

/** @param {number} level 0 to 1 */
function showLevel(level) {
  const bars = find('.level').children;
  for (let i = 0; i < bars.length; i++) bars[i].classList.toggle('on', level > (i + 0.5) / bars.length);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (/** @type {Element} */ (event.target).closest('input, select') || event.ctrlKey || event.altKey || event.metaKey) return;
  if (/^[0-9*#]$/.test(event.key)) press(event.key);
}

function startForm() {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector('#call'));
  if (!form) return;
  /** @type {HTMLInputElement} */ (callerField()).value = localStorage.getItem(CALLER) ?? '';
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    localStorage.setItem(CALLER, callerField()?.value ?? '');
    void call(/** @type {HTMLSelectElement} */ (form.elements.namedItem('number')).value);
  });
  find('#hang-up').addEventListener('click', () => void hangUp());
}

live.addEventListener('hello', (event) => setServerTime(/** @type {CustomEvent} */ (event).detail.now));
live.addEventListener('event', (event) => happened(/** @type {CustomEvent} */ (event).detail));
live.addEventListener('link', (event) => {
  const link = /** @type {CustomEvent} */ (event).detail;
  if (link === 'offline' && document.body.dataset.call === 'connected') end('ended');
  write('reason', link === 'offline' || link === 'signed_out' ? say(`link.${link}`) : '');
});
document.addEventListener('click', ({ target }) => {
  const key = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('[data-key]'));
  if (key) press(key.dataset.key ?? '');
});
document.addEventListener('keydown', onKey);
startTheme();
startForm();
startClock();
live.connect();
