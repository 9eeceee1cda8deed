/** How far the conversions of a sound are: asked until all are ready or refused. The table of versions is then the newest. */

import { note } from './note.js';
import { filled, words } from './words.js';

/** @typedef {{ id: number, language: string, source: string, name: string, state: string, progress: number, reason: string,
 *   new: boolean }} Conversion */

const EVERY = 500; // ms
const LATER = 3000; // ms, when the server did not answer

/**
 * @param {string} address
 * @param {Conversion[]} underWay
 */
export function startProgress(address, underWay) {
  const waited = new Set(underWay.filter(isWaiting).map(({ id }) => id));
  underWay.filter((row) => row.new || row.state !== 'ready').forEach(show);
  if (waited.size) void follow(address, waited);
}

/** @param {Conversion} conversion */
function isWaiting({ state }) {
  return state === 'waiting';
}

/** @param {string} address @param {Set<number>} waited */
async function follow(address, waited) {
  for (;;) {
    const found = await ask(address);
    if (found) {
      const ours = found.conversions.filter(({ id }) => waited.has(id));
      ours.forEach(show);
      if (!ours.some(isWaiting)) return replaceVersions(found.versions);
    }
    await new Promise((resolve) => setTimeout(resolve, found ? EVERY : LATER));
  }
}

/** @param {string} address @returns {Promise<{ conversions: Conversion[], versions: string } | null>} */
async function ask(address) {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(10_000) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** @param {Conversion} conversion */
function show({ language, source, state, progress, reason }) {
  const field = document.getElementById(`id_${source === 'text' ? 'text' : 'upload'}_${language}`);
  if (field) note(field, ...said(state, progress, reason));
}

/**
 * What is said of a conversion, and how.
 * @param {string} state @param {number} progress @param {string} reason
 * @returns {[string, { fault?: boolean, progress?: number }]}
 */
export function said(state, progress, reason) {
  if (state === 'failed') return [reason, { fault: true }];
  if (state === 'ready') return [words.ready, {}];
  return [progress ? filled(words.progress, { percent: progress }) : words.waiting, { progress }];
}

/** @param {string} html made by the server */
function replaceVersions(html) {
  const fresh = document.createElement('template');
  fresh.innerHTML = html;
  const place = /** @type {HTMLElement} */ (document.getElementById('sound-versions'));
  place.replaceWith(/** @type {HTMLElement} */ (fresh.content.querySelector('#sound-versions')));
}
