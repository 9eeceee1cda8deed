/** The draft that is shown: the page's one state, and every change of it that the server has taken. */

import { Store } from '../live/store.js';
import { find } from '../live/page.js';
import { learn, say } from '../live/words.js';
import { Refused } from './ask.js';
import { Outbox } from './outbox.js';

/** @typedef {import('./form.js').StepForm} StepForm */
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

export const editor = find('#editor');
const given = JSON.parse(find('#editor-state').textContent ?? '');
learn(given.words);
export const { palette } = given;

/** @type {Store<State>} */
export const store = new Store({ picture: given.picture, selected: 0, testing: false, notice: null, passed: new Map(), way: new Set(), here: 0 });
export const outbox = new Outbox();
/** @type {Map<number, StepForm>} */
export const forms = new Map(); // the open one, and those with something that could not be saved

/** @returns {import('./bar.js').Saved} */
export function saved() {
  if (outbox.offline) return outbox.signedOut ? 'signed_out' : 'offline';
  if (outbox.waiting) return 'saving';
  return unsaved().size ? 'unsaved' : 'saved';
}

/** @returns {Set<number>} */
export function unsaved() {
  return new Set([...forms].filter(([, form]) => form.unsaved).map(([id]) => id));
}

/** @param {number} id */
export const nameOf = (id) => store.state.picture.boxes.find((box) => box.id === id)?.name ?? '';

/** @param {string} text @param {{ text: string, act: () => void }[]} [acts] */
export function notify(text, acts = []) {
  store.set({ notice: { text, acts } });
}

/** @param {any} answer @param {StepForm} [from] the form that it answers */
export function take(answer, from) {
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
export async function change(content, after = true) {
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
export function refused(error) {
  if (!(error instanceof Refused)) throw error;
  take(error.answer);
  const acts = error.code === 'frozen' ? [{ text: say('reload'), act: () => location.reload() }] : [];
  notify(error.answer.text ?? say('fault'), acts);
}
