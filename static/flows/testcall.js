/** A test call beside the diagram: the version that is shown is called, and the way through it is drawn while the call goes on. */

import { setServerTime } from '../live/clock.js';
import { find, make, timeOfDay } from '../live/page.js';
import { learn, say, sayError } from '../live/words.js';
import { TestCall } from '../testcall/call.js';
import { inWords } from '../testcall/facts.js';
import { askJson } from './ask.js';

const CALLER = 'cc.test-caller';

/** @typedef {{ passed: Map<number, string>, way: Set<string>, here: number }} Path steps with what happened there, lines as "from to", where the caller is */

/** @param {(path: Path) => void} show @returns {Promise<TestCall>} */
export async function startTestCall(show) {
  const place = find('#side-test');
  const { words, numbers } = await askJson(place.dataset.options ?? '');
  learn(words);
  const call = new TestCall();
  let path = empty();
  fill(numbers, Number(place.dataset.flow));

  const form = /** @type {HTMLFormElement} */ (find('#test-form'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (call.running) return;
    localStorage.setItem(CALLER, field('caller').value);
    find('#test-events').replaceChildren();
    tell('');
    show((path = empty()));
    void call.call(field('number').value, { caller: field('caller').value.trim(), clock: field('clock').value, draft: Number(place.dataset.version) });
  });
  find('#test-hang-up').addEventListener('click', () => void call.hangUp());
  find('#test-clear').addEventListener('click', () => show((path = empty())));
  place.addEventListener('click', ({ target }) => {
    const key = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('[data-key]'));
    if (key && call.press(key.dataset.key ?? '')) row(say('test.pressed', { digit: key.dataset.key ?? '' }), Date.now() / 1000);
  });

  const on = (/** @type {string} */ name, /** @type {(detail: any) => void} */ act) => call.addEventListener(name, (event) => act(/** @type {CustomEvent} */ (event).detail));
  on('state', (state) => enter(state, call.running));
  on('failed', (error) => tell(sayError(error)));
  on('hello', (hello) => setServerTime(hello.now));
  on('link', (link) => link !== 'online' && link !== 'connecting' && tell(say(`link.${link}`)));
  on('event', (event) => {
    row(inWords(event), event.at);
    show((path = further(path, event)));
  });
  enter('idle', false);
  await connected(call);
  return call;
}

/** @returns {Path} */
const empty = () => ({ passed: new Map(), way: new Set(), here: 0 });

/** @param {Path} path @param {any} event @returns {Path} */
export function further(path, event) {
  const passed = new Map(path.passed);
  const way = new Set(path.way);
  if (event.what === 'StepEntered') {
    const before = [...passed.keys()].at(-1);
    if (before) way.add(`${before} ${event.step}`);
    passed.delete(event.step); // the newest comes last
    passed.set(event.step, '…');
    return { passed, way, here: event.step };
  }
  if (event.what === 'StepLeft') passed.set(event.step, `${inWords(event)} · ${seconds(event.seconds)}`);
  if (event.what === 'StepFailed') passed.set(event.step, inWords(event));
  return { passed, way, here: event.what === 'CallEnded' ? 0 : path.here };
}

/** @param {number} time */
const seconds = (time) => say('seconds', { number: Math.round(time * 10) / 10 });

/** @param {TestCall} call */
function connected(call) {
  const done = new Promise((resolve) => call.live.addEventListener('hello', resolve, { once: true }));
  call.live.connect();
  return done;
}

/** @param {string} name */
const field = (name) => /** @type {HTMLInputElement} */ (/** @type {HTMLFormElement} */ (find('#test-form')).elements.namedItem(name));

/** @param {{ number: string, text: string, flow: number }[]} numbers @param {number} flow whose own numbers come first */
function fill(numbers, flow) {
  const sorted = [...numbers.filter((one) => one.flow === flow), ...numbers.filter((one) => one.flow !== flow)];
  find('#test-numbers').replaceChildren(...sorted.map(({ number, text }) => new Option(text, number)));
  field('number').value ||= sorted[0]?.number ?? '';
  field('caller').value ||= localStorage.getItem(CALLER) ?? '';
}

/** @param {string} state @param {boolean} running */
function enter(state, running) {
  find('#side-test').dataset.call = state;
  find('#test-state').textContent = say(`test.${state}`);
  for (const name of ['number', 'caller', 'clock']) field(name).disabled = running;
  find('#test-call').hidden = running;
  find('#test-hang-up').hidden = !running;
  for (const key of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('#side-test [data-key]'))) key.disabled = state !== 'connected';
}

/** @param {string} text why it does not work; '' nothing */
function tell(text) {
  const place = find('#test-reason');
  place.textContent = text;
  place.hidden = !text;
}

/** @param {string} text @param {number} at */
function row(text, at) {
  const item = make('li', '', make('span', 'flow-note', timeOfDay(at, true)), ` ${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`);
  find('#test-events').append(item);
  item.scrollIntoView({ block: 'nearest' });
}
