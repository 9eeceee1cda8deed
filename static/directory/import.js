/** How far an import is: asked until the server is done with it, then the page shows what came of it. */

const EVERY = 500; // ms
const LATER = 3000; // ms, when the server did not answer

const box = /** @type {HTMLElement} */ (document.getElementById('import-progress'));
const bar = /** @type {HTMLProgressElement} */ (box.querySelector('progress'));
const said = /** @type {HTMLElement} */ (box.querySelector('[role="status"]'));
/** @type {Record<string, string>} */
const words = JSON.parse(document.getElementById('import-words')?.textContent ?? '{}');

void follow();

async function follow() {
  for (;;) {
    const found = await ask();
    if (found && found.state !== box.dataset.state) return location.reload();
    if (found) bar.value = found.progress;
    const text = found ? words.progress.replace('{percent}', String(found.progress)) : words.lost;
    if (said.textContent !== text) said.textContent = text; // a screen reader speaks what changes
    await new Promise((resolve) => setTimeout(resolve, found ? EVERY : LATER));
  }
}

/** @returns {Promise<{ state: string, progress: number } | null>} */
async function ask() {
  try {
    const answer = await fetch(/** @type {string} */ (box.dataset.address), { signal: AbortSignal.timeout(10_000) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
