/** The page of a sound: have oneself called, and see how far the recording is. */

const EVERY = 500; // ms
const OVER = ['saved', 'ended'];

const panel = /** @type {HTMLElement} */ (document.getElementById('phone-recording'));
const number = /** @type {HTMLInputElement} */ (panel.querySelector('[data-phone=number]'));
const language = /** @type {HTMLSelectElement} */ (panel.querySelector('[data-phone=language]'));
const button = /** @type {HTMLButtonElement} */ (panel.querySelector('[data-phone=call]'));
const status = /** @type {HTMLElement} */ (panel.querySelector('[data-phone=status]'));

/** @typedef {{ address?: string, state?: string, text: string }} Told */

/** @param {string} address @param {RequestInit} [options] @returns {Promise<Told | null>} */
async function ask(address, options = {}) {
  try {
    const answer = await fetch(address, { ...options, signal: AbortSignal.timeout(10_000) });
    return answer.ok || answer.status === 409 ? await answer.json() : null;
  } catch {
    return null;
  }
}

async function call() {
  button.disabled = true;
  const body = new URLSearchParams({ number: number.value, language: language.value });
  const token = /** @type {HTMLInputElement} */ (document.querySelector('[name=csrfmiddlewaretoken]')).value;
  const begun = await ask(panel.dataset.address ?? '', { method: 'POST', body, headers: { 'X-CSRFToken': token } });
  status.textContent = begun?.text ?? panel.dataset.lost ?? '';
  if (begun?.address) await follow(begun.address);
  button.disabled = false;
}

/** @param {string} address */
async function follow(address) {
  for (;;) {
    const told = await ask(address);
    if (told && told.text !== status.textContent) status.textContent = told.text;
    if (told?.state === 'saved') await showVersions();
    if (told?.state && OVER.includes(told.state)) return;
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

/** The table of versions, as the server makes it; whatever else is typed on the page stays. */
async function showVersions() {
  const state = JSON.parse(document.getElementById('sound-state')?.textContent ?? '{}');
  const answer = await fetch(state.address);
  const fresh = document.createElement('template');
  fresh.innerHTML = (await answer.json()).versions;
  const table = fresh.content.querySelector('#sound-versions');
  if (table) document.getElementById('sound-versions')?.replaceWith(table);
}

button.addEventListener('click', () => void call());
number.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter') return;
  event.preventDefault(); // else the sound's form would be sent
  button.click();
});
