/** The flow editor's page: what is seen as a function of the draft's state, and what people do with it. */

import { find } from '../live/page.js';
import { setText } from '../live/sparing.js';
import { say } from '../live/words.js';
import { Offline, Refused, askJson } from './ask.js';
import { drawButton, drawNotice, drawSaved } from './bar.js';
import { diagram, viewport } from './canvas.js';
import { change, editor, forms, notify, outbox, palette, saved, store, take, unsaved } from './draft.js';
import { next, wish } from './keys.js';
import { drawFlow, drawHead, drawPalette } from './side.js';
import { addStep, open, remove, visit, wired } from './steps.js';
import { Wiring } from './wiring.js';

const LOOK_MS = 8000; // between looks whether somebody else has changed something

const wiring = new Wiring(diagram, viewport, (from, exit, to, at) => void wired(from, exit, to, at));
let cameFrom = 0;

function draw() {
  const { state } = store;
  const box = state.picture.boxes.find(({ id }) => id === state.selected);
  diagram.show(state.picture, { selected: state.selected, unsaved: unsaved(), passed: state.passed, here: state.here });
  diagram.markLines((from, to) => state.way.has(`${from} ${to}`));
  viewport.size = state.picture;
  drawFlow(state.picture);
  drawHead(box, state.testing);
  drawButton('undo', state.picture.undo);
  drawButton('redo', state.picture.redo);
  drawNotice(state.notice);
  if (state.picture.editable) drawSaved(saved());
  const empty = find('.editor-empty');
  empty.hidden = state.picture.boxes.length > 0;
  setText(empty, say('empty'));
  editor.classList.toggle('with-step', Boolean(box));
}

/** Whether somebody else has changed the draft. */
async function look() {
  if (document.hidden || outbox.waiting || wiring.busy) return;
  const { picture: known } = store.state;
  try {
    const answer = await askJson(`${editor.dataset.picture}?revision=${known.revision}&editable=${Number(known.editable)}`);
    if (!answer.picture) return;
    if (answer.picture.editable !== known.editable) notify(say('fault_frozen'), [{ text: say('reload'), act: () => location.reload() }]);
    else if (answer.picture.by && answer.picture.revision > known.revision) notify(say('by', { who: answer.picture.by }));
    take(answer);
  } catch (error) {
    if (!(error instanceof Offline || error instanceof Refused)) throw error;
  }
}

// -- the test call

/** @type {Promise<unknown> | null} */
let testCall = null;

async function test() {
  await open(0);
  store.set({ testing: true });
  try {
    testCall ??= import('./testcall.js').then(({ startTestCall }) => startTestCall(passed));
    await testCall;
    if (!find('#test-form').contains(document.activeElement)) find('#test-number').focus(); // who has begun already is left alone
  } catch (error) {
    testCall = null;
    notify(say(error instanceof Offline ? 'offline' : 'fault'));
  }
}

/** @param {import('./testcall.js').Path} path */
function passed(path) {
  store.set(path);
  const box = diagram.boxes.get(path.here);
  if (box) viewport.reveal(box);
}

// -- what people do

/** @type {Record<string, () => void>} */
const ACTS = {
  test: () => void test(),
  add: () => store.state.picture.editable && void open(0).then(() => /** @type {HTMLElement | null} */ (document.querySelector('#palette button'))?.focus()),
  undo: () => void change({ op: 'undo' }),
  redo: () => void change({ op: 'redo' }),
  problems: () => void open(0).then(() => /** @type {HTMLElement | null} */ (document.querySelector('#problems button') ?? find('#side-title'))?.focus()),
  'next-problem': nextProblem,
  'zoom-in': () => viewport.larger(),
  'zoom-out': () => viewport.smaller(),
  'zoom-real': () => viewport.zoom(1),
  'zoom-fit': () => viewport.fit(),
  find: () => find('#find-step').focus(),
  keys: () => /** @type {HTMLDialogElement} */ (find('#keys')).showModal(),
  close: back,
  remove: () => void remove(store.state.selected),
  'make-first': () => void change({ op: 'entrance', start: store.state.selected }),
  'make-fault': () => void change({ op: 'entrance', default_exit: store.state.selected }),
};

/** From the form to the step in the diagram; from there to the flow as a whole. */
function back() {
  const { selected } = store.state;
  if (wiring.busy) wiring.cancel();
  else if (find('#side').contains(document.activeElement) && selected) diagram.focus(selected);
  else {
    const focused = diagram.boxAt(document.activeElement)?.id;
    void open(0);
    if (focused || selected) diagram.focus(focused || selected);
  }
}

function nextProblem() {
  const steps = [...new Set(store.state.picture.problems.map(({ step }) => step).filter((step) => step !== null))];
  const at = steps.indexOf(store.state.selected || (diagram.boxAt(document.activeElement)?.id ?? 0));
  const step = steps[(at + 1) % steps.length];
  if (step) visit(step);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
  const box = diagram.boxAt(event.target);
  if (box && ['Enter', ' '].includes(event.key)) void open(box.id, true);
  else if (box && event.key === 'Delete') void remove(box.id);
  else if (box && /^(Arrow|Home)/.test(event.key)) go(box, event.key);
  else {
    const act = ACTS[wish(event)];
    if (!act) return;
    act();
  }
  event.preventDefault();
}

/** @param {import('./shapes.js').Box} box @param {string} key */
function go(box, key) {
  const step = next(store.state.picture, box, key, cameFrom);
  const target = diagram.boxes.get(step);
  if (!target) return;
  cameFrom = box.id;
  diagram.focus(step);
  viewport.reveal(target);
}

/** @param {MouseEvent} event */
function onClick(event) {
  const target = /** @type {Element} */ (event.target);
  const button = /** @type {HTMLElement | null} */ (target.closest('[data-do], [data-kind], [data-open]'));
  if (button?.dataset.kind) void addStep(button.dataset.kind, {});
  else if (button?.dataset.open) void open(Number(button.dataset.open), true);
  else if (button?.dataset.do && ACTS[button.dataset.do]) ACTS[button.dataset.do]();
  else {
    const box = diagram.boxAt(target);
    if (box) visit(box.id);
  }
}

function start() {
  drawPalette(palette);
  viewport.size = store.state.picture;
  viewport.fit(true); // before anything is drawn: another scale lays out all texts again
  draw();
  store.addEventListener('change', draw);
  outbox.addEventListener('change', draw);
  viewport.resized = resized;
  document.addEventListener('keydown', onKey);
  editor.addEventListener('click', onClick);
  editor.addEventListener('change', ({ target }) => {
    const select = /** @type {HTMLSelectElement} */ (target);
    if (select.matches('[data-entrance]')) void change({ op: 'entrance', [select.name]: select.value });
  });
  find('#find-step').addEventListener('change', found);
  window.addEventListener('hashchange', fromAddress);
  window.addEventListener('focus', () => void look());
  window.addEventListener('beforeunload', (event) => {
    for (const form of forms.values()) void form.flush();
    if (outbox.waiting || unsaved().size) event.preventDefault();
  });
  setInterval(() => void look(), LOOK_MS);
  fromAddress();
  editor.dataset.ready = '1';
}

function resized() {
  const box = diagram.boxes.get(store.state.selected);
  if (box) viewport.reveal(box);
  else if (!store.state.testing) viewport.fit(true);
}

/** @param {Event} event */
function found(event) {
  const field = /** @type {HTMLInputElement} */ (event.target);
  const box = store.state.picture.boxes.find(({ name }) => name.toLowerCase() === field.value.trim().toLowerCase());
  if (!box) return;
  field.value = '';
  visit(box.id);
}

function fromAddress() {
  const id = Number(location.hash.match(/^#step-(\d+)$/)?.[1]);
  if (diagram.boxes.has(id)) void open(id);
}

start();
