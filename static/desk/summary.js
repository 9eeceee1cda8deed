/** What the agent says about his call, while he talks and in wrap-up: a note, and how it went (the disposition). */

import { find, make, write } from '../live/page.js';
import { rows } from '../live/sparing.js';
import { say } from '../live/words.js';
import { Note } from './note.js';
import { panelOf, UP } from './panel.js';

const SHOWN = [...UP, 'wrap_up'];
const NEARLY = 400; // characters left from which on they are counted

/** @type {Note | null} */ let note = null;
/** @type {Set<Note>} notes of earlier calls that are not saved yet */ const left = new Set();
/** @type {(call: string) => Note} */ let newNote;
/** @type {HTMLTextAreaElement} */ let field;

/**
 * @param {import('./actions.js').Actions} actions
 * @param {{ call: string, text: string, revision: number } | null} first of the call that the page was opened in
 */
export function startSummary({ live }, first) {
  field = find('#note');
  newNote = (call) => new Note(live, call, follow);
  if (first) begin(first.call)?.begin(first);
  field.addEventListener('input', () => note?.type(field.value));
  field.addEventListener('blur', () => void note?.save());
  field.addEventListener('keydown', (event) => event.key === 'Escape' && find('#main').focus());
  live.addEventListener('hello', () => saveAll());
  addEventListener('pagehide', () => saveAll());
  addEventListener('beforeunload', (event) => {
    if ([note, ...left].some((one) => one?.dirty)) event.preventDefault(); // the browser asks whether to stay
  });
  find('#dispositions').addEventListener('keydown', moveAmong);
}

/** To the note, or to the dispositions. @param {'note' | 'dispositions'} where @returns {boolean} whether they are there */
export function goTo(where) {
  if (!SHOWN.includes(document.body.dataset.panel ?? '') || find('.summary').hidden) return false;
  const buttons = /** @type {HTMLElement[]} */ ([...find('#dispositions').children]);
  const target = where === 'note' ? field : (buttons.find((button) => button.getAttribute('aria-pressed') === 'true') ?? buttons[0]);
  target?.focus();
  return Boolean(target);
}

function saveAll() {
  for (const one of [note, ...left]) void one?.save();
}

/** @param {string} call */
function begin(call) {
  if (note?.call === call) return note;
  if (note?.dirty) left.add(note);
  void note?.save();
  note = newNote(call);
  field.value = '';
  follow(note);
  return note;
}

/** @param {Note} one */
function follow(one) {
  if (one !== note) {
    if (!one.dirty) left.delete(one);
    return;
  }
  if (field.value !== one.text) field.value = one.text;
  write('note-state', one.state ? say(`note.${one.state}`) : '');
  find('[data-text="note-state"]').dataset.note = one.state;
  const rest = field.maxLength - one.text.length;
  write('note-rest', rest < NEARLY ? say('note.rest', { count: rest }) : '');
}

/** @param {import('./store.js').State} state */
export function showSummary(state) {
  const { me } = state;
  const summary = me?.summary;
  if (!SHOWN.includes(panelOf(me))) return;
  find('.summary').hidden = !summary;
  if (!summary) return;
  const another = me.card && me.card.call !== summary.call; // somebody else's call, in which he is asked
  find('.summary').hidden = another;
  if (another) return;
  if (note?.call !== summary.call) void begin(summary.call).fetch();
  const group = find('.dispositions');
  group.hidden = summary.dispositions.length === 0;
  showChoices(summary, state.busy);
  write('owes', me.owes ? say(me.until ? 'owes' : 'owes.late') : '');
  write('disposition-word', say(summary.required ? 'disposition.required' : 'disposition'));
}

/** @param {any} summary @param {string} busy */
function showChoices({ call, dispositions, disposition }, busy) {
  rows(find('#dispositions'), dispositions, choice, { key: ({ id, name }) => `${id} ${name}`, fill });

  /** @param {HTMLElement} button @param {{ id: number }} choice */
  function fill(button, { id }) {
    button.dataset.call = call;
    button.setAttribute('aria-pressed', String(id === disposition));
    if (busy === 'dispose') button.setAttribute('aria-busy', 'true');
    else button.removeAttribute('aria-busy');
  }
}

/** @param {{ id: number, name: string }} disposition */
function choice({ id, name }) {
  const button = make('button', '', name);
  Object.assign(button, { type: 'button' });
  Object.assign(button.dataset, { do: 'dispose', disposition: String(id) });
  return button;
}

/** Arrows move; Enter chooses, as of any button. @param {KeyboardEvent} event */
function moveAmong(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const buttons = /** @type {HTMLElement[]} */ ([...find('#dispositions').children]);
  const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (at < 0 || !step) return;
  buttons[(at + step + buttons.length) % buttons.length].focus();
  event.preventDefault();
}
