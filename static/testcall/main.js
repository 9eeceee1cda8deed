/** The page of test calls: number and caller are chosen, what happens is told line by line. */

import { now, setServerTime, show, start as startClock } from '../live/clock.js';
import { find, make, startTheme, timeOfDay, write } from '../live/page.js';
import { learn, say, sayError } from '../live/words.js';
import { TestCall } from './call.js';
import { inWords } from './facts.js';

const CALLER = 'cc.test-caller';

learn(JSON.parse(find('#state').textContent ?? '').words);
const call = new TestCall();

function callerField() {
  return /** @type {HTMLInputElement | null} */ (document.querySelector('[name="caller"]'));
}

/** @param {import('./call.js').CallState} state */
function enter(state) {
  document.body.dataset.call = state;
  write('state', say(`test.${state}`));
  for (const key of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[data-key]'))) key.disabled = state !== 'connected';
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll('#call select, #call input'))) field.disabled = call.running;
  if (state === 'connected') show('call', { since: now() });
  if (state === 'ended' || state === 'idle') {
    const running = /** @type {HTMLElement} */ (find('[data-clock="call"]')).dataset.since;
    show('call', { seconds: running ? now() - Number(running) : null });
  }
}

/** @param {string} number */
function begin(number) {
  if (call.running) return;
  write('reason', '');
  find('#events').replaceChildren();
  find('.digits').textContent = '';
  void call.call(number, { caller: callerField()?.value.trim() ?? '' });
}

/** @param {string} digit */
function press(digit) {
  if (!call.press(digit)) return;
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
    begin(/** @type {HTMLSelectElement} */ (form.elements.namedItem('number')).value);
  });
  find('#hang-up').addEventListener('click', () => void call.hangUp());
}

/** @param {string} name @param {(detail: any) => void} act */
const on = (name, act) => call.addEventListener(name, (event) => act(/** @type {CustomEvent} */ (event).detail));

on('state', enter);
on('level', showLevel);
on('event', (event) => tell(inWords(event), event.at));
on('failed', (error) => write('reason', sayError(error)));
on('hello', (hello) => setServerTime(hello.now));
on('link', (link) => write('reason', link === 'offline' || link === 'signed_out' ? say(`link.${link}`) : ''));
document.addEventListener('click', ({ target }) => {
  const key = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('[data-key]'));
  if (key) press(key.dataset.key ?? '');
});
document.addEventListener('keydown', onKey);
startTheme();
startForm();
startClock();
call.live.connect();
