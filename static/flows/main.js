/** The flow editor's page: one state, what is seen as a function of it, and what people do with it. */

import { Store } from '../live/store.js';
import { find, make, write } from '../live/page.js';
import { learn, say } from '../live/words.js';
import { Offline, Refused, askJson } from './ask.js';
import { announce, drawButton, drawNotice, drawSaved } from './bar.js';
import { Chooser } from './chooser.js';
import { Diagram } from './diagram.js';
import { StepForm } from './form.js';
import { next, wish } from './keys.js';
import { Outbox } from './outbox.js';
import { drawFlow, drawHead, drawPalette } from './side.js';
import { Viewport } from './viewport.js';
import { Wiring } from './wiring.js';

/** @typedef {import('./shapes.js').Picture} Picture */
/**
 * @typedef {object} State
 * @property {Picture} picture the newest that the server told
 * @property {number} selected the open step, 0: none
 * @property {import('./bar.js').Notice | null} notice
 * @property {boolean} testing the test call is shown instead of the flow as a whole
 * @property {Set<string>} way lines that a test call has passed, "from to"
 * @property {Map<number, string>} passed steps that a test call has passed, and what happened there
 * @property {number} here where the test call is
 */

const LOOK_MS = 8000; // between looks whether somebody else has changed something

const editor = find('#editor');
const { picture, palette, words } = JSON.parse(find('#editor-state').textContent ?? '');
learn(words);

/** @type {Store<State>} */
const store = new Store({ picture, selected: 0, testing: false, notice: null, passed: new Map(), way: new Set(), here: 0 });
const outbox = new Outbox();
const root = /** @type {SVGSVGElement} */ (/** @type {unknown} */ (document.querySelector('#canvas svg')));
const diagram = new Diagram(root);
const viewport = new Viewport(root, /** @type {SVGGElement} */ (root.querySelector('.view')), (percent) => write('zoom', say('zoom', { percent })));
const chooser = new Chooser(find('#chooser'));
const wiring = new Wiring(diagram, viewport, (from, exit, to, at) => void wired(from, exit, to, at));
/** @type {Map<number, StepForm>} */
const forms = new Map(); // the open one, and those with something that could not be saved
let cameFrom = 0;

// -- what is seen

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
  empty.textContent = say('empty');
  editor.classList.toggle('with-step', Boolean(box));
}

/** @returns {import('./bar.js').Saved} */
function saved() {
  if (outbox.offline) return outbox.signedOut ? 'signed_out' : 'offline';
  if (outbox.waiting) return 'saving';
  return unsaved().size ? 'unsaved' : 'saved';
}

/** @returns {Set<number>} */
function unsaved() {
  return new Set([...forms].filter(([, form]) => form.unsaved).map(([id]) => id));
}

/** @param {string} text @param {{ text: string, act: () => void }[]} [acts] */
function notify(text, acts = []) {
  store.set({ notice: { text, acts } });
}

// -- what the server tells

/** @param {any} answer @param {StepForm} [from] the form that it answers */
function take(answer, from) {
  if (!answer.picture || answer.picture.revision < store.state.picture.revision) return;
  const boxes = new Map(answer.picture.boxes.map((/** @type {any} */ box) => [box.id, box]));
  store.set({ picture: answer.picture, selected: boxes.has(store.state.selected) ? store.state.selected : 0 });
  for (const [id, form] of forms) {
    if (!boxes.has(id)) forms.delete(id);
    else if (form !== from && answer.touched?.includes(id)) void form.load().then(() => form.offer(boxes), () => {});
    else form.offer(boxes);
  }
}

/** One change of the draft. @param {Record<string, string | number>} content @param {boolean} [after] what is typed is saved before */
async function change(content, after = true) {
  if (after) await forms.get(store.state.selected)?.flush();
  try {
    const answer = await outbox.put(editor.dataset.do ?? '', () => new URLSearchParams({ ...strings(content), revision: String(store.state.picture.revision) }));
    store.set({ notice: null });
    take(answer);
    return answer;
  } catch (error) {
    refused(/** @type {Refused} */ (error));
    return null;
  }
}

/** @param {Record<string, string | number>} content */
const strings = (content) => Object.fromEntries(Object.entries(content).map(([name, value]) => [name, String(value)]));

/** @param {Refused} error */
function refused(error) {
  if (!(error instanceof Refused)) throw error;
  take(error.answer);
  const acts = error.code === 'frozen' ? [{ text: say('reload'), act: () => location.reload() }] : [];
  notify(error.answer.text ?? say('fault'), acts);
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

// -- steps

/** @param {number} id 0: the flow as a whole @param {boolean} [enter] whether the keyboard goes to its form */
async function open(id, enter = false) {
  const before = forms.get(store.state.selected);
  if (!id && store.state.testing && !store.state.selected) store.set({ testing: false });
  if (id === store.state.selected && !enter) return;
  void before?.flush().then(() => before.step !== store.state.selected && !before.unsaved && forms.delete(before.step));
  const box = diagram.boxes.get(id);
  store.set({ selected: box ? id : 0 });
  history.replaceState(null, '', box ? `#step-${id}` : location.pathname + location.search);
  if (!box) return;
  const form = forms.get(id) ?? newForm(id, box.form);
  find('#step-form').replaceChildren(form.element);
  if (!form.form) await load(form);
  if (store.state.selected !== id) return;
  if (enter) enterForm();
  viewport.reveal(box);
}

/** In the diagram too, at once: when its form has come, the keyboard may be elsewhere. @param {number} id */
function visit(id) {
  void open(id);
  diagram.focus(id);
}

/** @param {number} id @param {string} url */
function newForm(id, url) {
  const form = new StepForm(id, url, outbox, (kind) => addStep(kind, {}, false));
  forms.set(id, form);
  form.addEventListener('state', () => draw());
  form.addEventListener('answer', (event) => take(/** @type {CustomEvent} */ (event).detail, form));
  form.addEventListener('conflict', (event) => conflict(form, /** @type {CustomEvent} */ (event).detail));
  return form;
}

/** @param {StepForm} form */
async function load(form) {
  form.element.textContent = say('loading');
  try {
    await form.load();
  } catch {
    form.element.replaceChildren(say('not_loaded'), ' ');
    const again = make('button', 'flow-button', say('again'));
    again.addEventListener('click', () => void load(form));
    form.element.append(again);
  }
}

/** @param {StepForm} form @param {Refused} error */
function conflict(form, error) {
  if (error.code !== 'changed_meanwhile') {
    refused(error);
    return;
  }
  const { revision } = error.answer.picture;
  take(error.answer, form);
  const done = (/** @type {Promise<void>} */ work) => void work.then(() => store.set({ notice: null }));
  notify(error.answer.text, [
    { text: say('mine'), act: () => done(form.insist(revision)) },
    { text: say('theirs'), act: () => done(form.reload()) },
  ]);
}

function enterForm() {
  const first = /** @type {HTMLElement | null} */ (find('#step-form').querySelector('input:not([type=hidden]):not(:disabled), select, textarea'));
  (first ?? find('#side-title')).focus();
}

/** @param {string} kind @param {Record<string, string | number>} more @param {boolean} [opened] @returns {Promise<number>} 0: it was refused */
async function addStep(kind, more, opened = true) {
  const answer = await change({ op: 'add', kind, ...more }, opened);
  if (!answer?.step) return 0;
  announce(say('added', { step: nameOf(answer.step) }));
  if (opened) setTimeout(() => void open(answer.step, true));
  return answer.step;
}

/** @param {number} id */
const nameOf = (id) => store.state.picture.boxes.find((box) => box.id === id)?.name ?? '';

/** Not what is gone from the page, nor what is hidden. */
const hasFocus = () => document.activeElement !== document.body && document.activeElement?.checkVisibility();

/** @param {number} step 0: none */
async function remove(step) {
  const { picture: before } = store.state;
  if (!step || !before.editable) return;
  const name = nameOf(step);
  const used = before.lines.filter(({ to, from }) => to === step && from !== step).length;
  const near = before.lines.find(({ to }) => to === step)?.from ?? diagram.first()?.id ?? 0;
  forms.delete(step);
  if (!(await change({ op: 'remove', step }))) return;
  const text = say(used ? 'removed_used' : 'removed', { step: name, number: used });
  notify(text, [{ text: say('undo'), act: () => void change({ op: 'undo' }) }]);
  setTimeout(() => hasFocus() || diagram.focus(near));
}

/** @param {number} step @param {string} exit @param {number} target */
async function wire(step, exit, target) {
  const box = diagram.boxes.get(step);
  const label = [...(box?.ports ?? []), ...(box?.spare ?? [])].find(({ name }) => name === exit)?.label ?? '';
  forms.get(step)?.follow(exit, target);
  if (await change({ op: 'wire', step, exit, target: target || '' })) announce(say(target ? 'wired' : 'unwired', { exit: label, step: nameOf(step), target: nameOf(target) }));
}

/** An exit was dragged somewhere. @param {number} from @param {string} exit @param {number} to @param {{ x: number, y: number }} at */
async function wired(from, exit, to, at) {
  const box = diagram.boxes.get(from);
  if (!box) return;
  const spare = box.spare.map(({ name, label }) => ({ value: name, text: label }));
  const chosen = exit || (spare.length > 1 ? await chooser.choose(at, say('which'), spare) : spare[0]?.value);
  if (!chosen) return;
  if (to) {
    await wire(from, chosen, to);
    return;
  }
  const kinds = palette.map((/** @type {any} */ { kind, title, icon }) => ({ value: kind, text: title, icon }));
  const kind = await chooser.choose(at, say('new'), kinds);
  if (kind) await addStep(kind, { source: from, exit: chosen });
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
    /** @type {HTMLElement} */ (find('#test-number')).focus();
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
  viewport.size = picture;
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
