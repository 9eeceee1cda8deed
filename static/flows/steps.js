/** What is done with one step: open it, add it, take it out, lead its exits elsewhere. */

import { find, make } from '../live/page.js';
import { say } from '../live/words.js';
import { announce } from './bar.js';
import { chooser, diagram, viewport } from './canvas.js';
import { change, forms, nameOf, notify, outbox, palette, refused, store, take } from './draft.js';
import { StepForm } from './form.js';

/** @param {number} id 0: the flow as a whole @param {boolean} [enter] whether the keyboard goes to its form */
export async function open(id, enter = false) {
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
  const focused = document.activeElement;
  if (!form.form) await load(form);
  if (store.state.selected !== id) return;
  if (enter && (document.activeElement === focused || !hasFocus())) enterForm();
  viewport.reveal(box);
}

/** In the diagram too, at once: when its form has come, the keyboard may be elsewhere. @param {number} id */
export function visit(id) {
  void open(id);
  diagram.focus(id);
  const box = diagram.boxes.get(id);
  if (box) viewport.reveal(box);
}

/** @param {number} id @param {string} url */
function newForm(id, url) {
  const form = new StepForm(id, url, outbox, (kind) => addStep(kind, {}, false));
  forms.set(id, form);
  form.addEventListener('state', () => store.set({}));
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

/** @param {StepForm} form @param {import('./ask.js').Refused} error */
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
export async function addStep(kind, more, opened = true) {
  const answer = await change({ op: 'add', kind, ...more }, opened);
  if (!answer?.step) return 0;
  announce(say('added', { step: nameOf(answer.step) }));
  if (opened) setTimeout(() => void open(answer.step, true));
  return answer.step;
}

/** Not what is gone from the page, nor what is hidden. */
const hasFocus = () => document.activeElement !== document.body && document.activeElement?.checkVisibility();

/** @param {number} step 0: none */
export async function remove(step) {
  const { picture: before } = store.state;
  if (!step || !before.editable) return;
  const name = nameOf(step);
  const lines = before.lines.filter(({ from, to }) => from !== to);
  const used = lines.filter(({ to }) => to === step).length;
  const near = lines.find(({ to }) => to === step)?.from ?? lines.find(({ from }) => from === step)?.to ?? 0;
  const form = forms.get(step);
  forms.delete(step); // what is typed in it need not be saved before
  if (!(await change({ op: 'remove', step }))) {
    if (form && !forms.has(step)) forms.set(step, form); // nor lost
    return;
  }
  const text = say(used ? 'removed_used' : 'removed', { step: name, number: used });
  notify(text, [{ text: say('undo'), act: () => void change({ op: 'undo' }) }]);
  setTimeout(() => hasFocus() || diagram.focus(near || (diagram.first()?.id ?? 0)));
}

/** @param {number} step @param {string} exit @param {number} target */
async function wire(step, exit, target) {
  const box = diagram.boxes.get(step);
  const label = [...(box?.ports ?? []), ...(box?.spare ?? [])].find(({ name }) => name === exit)?.label ?? '';
  forms.get(step)?.follow(exit, target);
  if (await change({ op: 'wire', step, exit, target: target || '' })) announce(say(target ? 'wired' : 'unwired', { exit: label, step: nameOf(step), target: nameOf(target) }));
}

/** An exit was dragged somewhere. @param {number} from @param {string} exit @param {number} to @param {{ x: number, y: number }} at */
export async function wired(from, exit, to, at) {
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
