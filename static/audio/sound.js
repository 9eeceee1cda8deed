/** The page of one sound in admin: what is converted, recordings by microphone, texts spoken on trial, files that are too large. */

import { startProgress } from './progress.js';
import { Recorder } from './recorder.js';
import { startSpeech } from './speech.js';
import { note } from './note.js';
import { words } from './words.js';

const state = JSON.parse(document.getElementById('sound-state')?.textContent ?? '{}');

/** @param {string} language */
function startLanguage(language) {
  const upload = /** @type {HTMLInputElement} */ (document.getElementById(`id_upload_${language}`));
  const recorder = new Recorder(upload, language);
  upload.addEventListener('change', () => {
    const tooLarge = (upload.files?.[0]?.size ?? 0) > Number(words.largest);
    if (tooLarge) upload.value = ''; // it would be refused anyway, after minutes
    if (tooLarge || !recorder.owns(upload.files?.[0])) recorder.forget();
    note(upload, tooLarge ? words.large : '', { fault: true });
  });
  if (state.spoken) startSpeech(language, state.spoken);
}

for (const upload of document.querySelectorAll('input[type=file][name^=upload_]')) startLanguage(upload.name.replace('upload_', ''));
if (state.address) startProgress(state.address, state.under_way);
