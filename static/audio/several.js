/** Several files at once: a row for each, those whose name exists are ticked to be replaced, each is handed in by itself. */

import { note } from './note.js';
import { said } from './progress.js';
import { filled, words } from './words.js';

/**
 * @typedef {{ file: File, row: HTMLTableRowElement, replace: HTMLInputElement | null, place: HTMLElement, id: number, over: boolean,
 *   ready: boolean }} Entry
 */

const EVERY = 700; // ms
const form = /** @type {HTMLFormElement} */ (document.getElementById('several'));
const chooser = /** @type {HTMLInputElement} */ (document.getElementById('several-files'));
const table = /** @type {HTMLTableElement} */ (form.querySelector('table'));
const submit = /** @type {HTMLButtonElement} */ (form.querySelector('[type=submit]'));
const sum = /** @type {HTMLElement} */ (document.getElementById('several-sum'));
/** @type {Entry[]} */ let entries = [];

chooser.addEventListener('change', (event) => {
  event.stopImmediatePropagation(); // the admin theme, which listens too, wants to write the name into a field of its own beside it
  void list([...(chooser.files ?? [])]);
});
form.addEventListener('dragover', (event) => event.preventDefault());
form.addEventListener('drop', (event) => {
  event.preventDefault();
  void list([...(event.dataTransfer?.files ?? [])]);
});
form.addEventListener('submit', (event) => {
  event.preventDefault();
  void handIn();
});

/** @param {File[]} chosen */
async function list(chosen) {
  const files = chosen.slice(0, Number(form.dataset.most));
  const existing = await ask(/** @type {string} */ (form.dataset.names), named(files));
  entries = files.map((file) => entry(file, existing?.[file.name] ?? ''));
  table.tBodies[0].replaceChildren(...entries.map(({ row }) => row));
  table.hidden = !entries.length;
  submit.disabled = !entries.length;
  sum.textContent = existing ? '' : words.lost;
}

/** @param {File[]} files */
function named(files) {
  const body = fresh();
  for (const { name } of files) body.append('name', name);
  return body;
}

function fresh() {
  const body = new FormData();
  body.set('csrfmiddlewaretoken', /** @type {HTMLInputElement} */ (form.querySelector('[name=csrfmiddlewaretoken]')).value);
  return body;
}

/** @param {File} file @param {string} existing name of the sound that exists, or empty @returns {Entry} */
function entry(file, existing) {
  const row = document.createElement('tr');
  const name = row.insertCell();
  name.textContent = file.name;
  const choice = row.insertCell();
  const replace = existing ? tick(choice, existing) : null;
  const place = row.insertCell();
  const made = { file, row, replace, place, id: 0, over: false, ready: false };
  if (file.size > Number(words.largest)) end(made, words.large, { fault: true });
  else if (existing) note(place, words.exists);
  return made;
}

/** @param {HTMLTableCellElement} cell @param {string} existing */
function tick(cell, existing) {
  const box = document.createElement('input');
  box.type = 'checkbox';
  const label = document.createElement('label');
  label.className = 'cc-choice';
  label.append(box, ` ${filled(words.replace, { name: existing })}`);
  cell.append(label);
  return box;
}

/** @param {Entry} entry @param {string} text @param {{ fault?: boolean, ready?: boolean }} [how] */
function end(entry, text, { fault = false, ready = false } = {}) {
  entry.over = true;
  entry.ready = ready;
  note(entry.place, text, { fault });
}

async function handIn() {
  submit.disabled = true;
  const following = follow();
  for (const one of entries.filter(({ over, id }) => !over && !id)) {
    if (one.replace && !one.replace.checked) end(one, words.left);
    else await send(one);
  }
  await following;
  sum.textContent = filled(words.sum, { ready: entries.filter(({ ready }) => ready).length, all: entries.length });
}

/** @param {Entry} entry @returns {Promise<void>} when the server has it */
function send(entry) {
  const body = fresh();
  body.set('file', entry.file);
  body.set('language', /** @type {HTMLSelectElement} */ (document.getElementById('several-language')).value);
  if (/** @type {HTMLInputElement} */ (document.getElementById('several-music')).checked) body.set('music', 'on');
  if (entry.replace?.checked) body.set('replace', 'on');
  return new Promise((resolve) => {
    const request = new XMLHttpRequest(); // fetch does not tell how much is sent
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      const percent = Math.floor((100 * loaded) / total);
      note(entry.place, filled(words.sending, { percent }), { progress: percent });
    });
    request.addEventListener('load', () => resolve(taken(entry, request)));
    request.addEventListener('error', () => resolve(end(entry, words.lost, { fault: true })));
    request.open('POST', /** @type {string} */ (form.dataset.file));
    request.send(body);
  });
}

/** @param {Entry} entry @param {XMLHttpRequest} request */
function taken(entry, request) {
  if (request.status === 200) {
    entry.id = JSON.parse(request.responseText).id;
    note(entry.place, words.waiting, { progress: 0 });
  } else end(entry, [413, 422].includes(request.status) ? request.responseText : words.lost, { fault: true });
}

/** Until all are ready or refused. */
async function follow() {
  while (entries.some(({ over }) => !over)) {
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    const waiting = entries.filter(({ over, id }) => !over && id);
    if (!waiting.length) continue;
    const answer = await ask(`${form.dataset.progress}?${waiting.map(({ id }) => `id=${id}`).join('&')}`);
    for (const { id, state, progress, reason } of answer?.conversions ?? []) {
      const one = /** @type {Entry} */ (waiting.find((entry) => entry.id === id));
      if (state === 'waiting') note(one.place, ...said(state, progress, reason));
      else end(one, said(state, progress, reason)[0], { fault: state === 'failed', ready: state === 'ready' });
    }
  }
}

/** @param {string} address @param {FormData} [body] @returns {Promise<any>} null: no answer */
async function ask(address, body) {
  try {
    const answer = await fetch(address, { method: body ? 'POST' : 'GET', body, signal: AbortSignal.timeout(10_000) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
