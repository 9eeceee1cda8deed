/** The button that speaks a text on trial, as it would be spoken. */

import { note, placeOf } from './note.js';
import { words } from './words.js';

/** @param {string} language @param {string} address */
export function startSpeech(language, address) {
  const text = /** @type {HTMLTextAreaElement} */ (document.getElementById(`id_text_${language}`));
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'cc-button';
  button.textContent = words.speak;
  const player = document.createElement('audio');
  player.controls = true;
  player.hidden = true;
  button.addEventListener('click', () => void speak(language, address, { text, button, player }));
  const row = document.createElement('div');
  row.className = 'cc-recorder';
  row.append(button, player);
  placeOf(text).append(row);
}

/**
 * @param {string} language
 * @param {string} address
 * @param {{ text: HTMLTextAreaElement, button: HTMLButtonElement, player: HTMLAudioElement }} parts
 */
async function speak(language, address, { text, button, player }) {
  if (button.ariaBusy === 'true') return;
  button.ariaBusy = 'true'; // a disabled button would lose the focus
  note(text, words.speaking);
  try {
    const answer = await fetch(address, { method: 'POST', body: asked(language) });
    if (answer.headers.get('Content-Type') === 'audio/wav') {
      URL.revokeObjectURL(player.src);
      player.src = URL.createObjectURL(await answer.blob());
      player.hidden = false;
      note(text, '');
      await player.play();
    } else note(text, answer.status === 422 ? await answer.text() : words.lost, { fault: true });
  } catch {
    note(text, words.lost, { fault: true });
  } finally {
    button.ariaBusy = 'false';
  }
}

/** @param {string} language */
function asked(language) {
  const value = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (document.getElementById(id)).value;
  const form = new FormData();
  form.set('csrfmiddlewaretoken', /** @type {HTMLInputElement} */ (document.querySelector('[name=csrfmiddlewaretoken]')).value);
  form.set('language', language);
  for (const part of ['text', 'voice', 'speed']) form.set(part, value(`id_${part}_${language}`));
  return form;
}
