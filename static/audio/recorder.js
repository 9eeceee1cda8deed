/** Records by the microphone into a file field: choose the microphone, see its level, record, stop, listen, trim, save with the form. */

import { choose, chosen, listDevices, openMicrophone, watchDevices } from '../softphone/devices.js';
import { LevelMeter } from '../softphone/level.js';
import { note, placeOf } from './note.js';
import { Take } from './take.js';
import { filled, words } from './words.js';

const LONGEST = 600; // seconds, as the server allows
const TICK = 200; // ms

export class Recorder {
  /** @type {HTMLInputElement} */ #upload;
  /** @type {string} */ #language;
  /** @type {HTMLElement} */ #element;
  /** @type {HTMLButtonElement} */ #button;
  /** @type {HTMLButtonElement} */ #discard;
  /** @type {HTMLMeterElement} */ #level;
  /** @type {HTMLSelectElement} */ #microphones;
  /** @type {MediaRecorder | null} */ #recording = null;
  #asking = false;
  /** @type {Take | null} */ #take = null;
  /** @type {File | null} */ #file = null;

  /**
   * @param {HTMLInputElement} upload the file field that gets what is recorded
   * @param {string} language
   */
  constructor(upload, language) {
    this.#upload = upload;
    this.#language = language;
    this.#button = button(words.record, () => void this.#toggle());
    this.#discard = button(words.discard, () => this.#drop());
    this.#level = Object.assign(document.createElement('meter'), { min: 0, max: 1, low: 0.3, high: 0.95, optimum: 0.6 });
    this.#level.setAttribute('aria-label', words.level);
    this.#microphones = document.createElement('select');
    this.#microphones.setAttribute('aria-label', words.microphone);
    this.#microphones.addEventListener('change', () => choose('microphone', this.#microphones.value));
    this.#element = document.createElement('div');
    this.#element.className = 'cc-recorder';
    this.#element.append(this.#button, this.#microphones, this.#level, this.#discard);
    this.#level.hidden = this.#discard.hidden = true;
    placeOf(upload).append(this.#element);
    watchDevices(() => void this.#fillMicrophones());
    void this.#fillMicrophones();
  }

  /** Whether `file` was recorded here. @param {File | undefined} file */
  owns(file) {
    return Boolean(file) && file?.name === this.#file?.name;
  }

  /** The field holds something else now. */
  forget() {
    this.#take?.close();
    this.#take?.element.remove();
    this.#take = this.#file = null;
    this.#discard.hidden = true;
    this.#button.textContent = words.record;
    this.#set('', '', '');
  }

  #drop() {
    this.#upload.value = '';
    this.#upload.dispatchEvent(new Event('change', { bubbles: true }));
    this.#button.focus();
  }

  async #fillMicrophones() {
    const { microphones } = await listDevices();
    const named = microphones.filter(({ id, label }) => id && label && id !== 'default' && id !== 'communications');
    this.#microphones.replaceChildren(new Option(words.system_microphone, ''), ...named.map(({ id, label }) => new Option(label, id)));
    this.#microphones.value = chosen('microphone');
    if (this.#microphones.selectedIndex < 0) this.#microphones.selectedIndex = 0;
  }

  async #toggle() {
    if (this.#recording) return this.#recording.stop();
    if (this.#asking) return; // the browser asks for permission
    this.#asking = true; // a disabled button would lose the focus
    try {
      await this.#record();
    } catch (error) {
      note(this.#upload, words[/** @type {any} */ (error).code] ?? words.unreadable, { fault: true });
    } finally {
      this.#asking = false;
    }
  }

  /** @throws {import('../softphone/errors.js').MediaError} */
  async #record() {
    const stream = await openMicrophone();
    void this.#fillMicrophones(); // their names are told once the microphone is permitted
    this.forget();
    const recording = new MediaRecorder(stream);
    /** @type {Blob[]} */ const pieces = [];
    const meter = new LevelMeter(stream, (level) => (this.#level.value = level));
    const began = performance.now();
    const timer = setInterval(() => this.#tick((performance.now() - began) / 1000), TICK);
    recording.addEventListener('dataavailable', ({ data }) => pieces.push(data));
    recording.addEventListener('stop', () => {
      clearInterval(timer);
      meter.close();
      stream.getTracks().forEach((track) => track.stop());
      this.#over(new Blob(pieces, { type: recording.mimeType })).catch(() => note(this.#upload, words.unreadable, { fault: true }));
    });
    recording.start();
    this.#recording = recording;
    this.#level.hidden = false;
    this.#button.textContent = words.stop;
    this.#tick(0);
  }

  /** @param {number} seconds */
  #tick(seconds) {
    note(this.#upload, filled(words.recording, { seconds: Math.floor(seconds) }));
    if (seconds > LONGEST - 1) this.#recording?.stop();
  }

  /** @param {Blob} blob */
  async #over(blob) {
    this.#recording = null;
    this.#level.hidden = true;
    this.#button.textContent = words.again;
    note(this.#upload, '');
    const context = new AudioContext();
    const sound = await context.decodeAudioData(await blob.arrayBuffer()).finally(() => context.close());
    const kind = blob.type.includes('mp4') ? 'm4a' : blob.type.includes('ogg') ? 'ogg' : 'webm';
    this.#file = new File([blob], `${words.recorded_name}.${kind}`, { type: blob.type });
    this.#put(this.#file);
    this.#take = new Take(sound, (begin, end) => this.#set(begin.toFixed(2), end.toFixed(2), 'on'));
    this.#element.after(this.#take.element);
    this.#discard.hidden = false;
  }

  /** Into the file field, as if somebody had chosen it. @param {File} file */
  #put(file) {
    const files = new DataTransfer();
    files.items.add(file);
    this.#upload.files = files.files;
    this.#upload.dispatchEvent(new Event('change', { bubbles: true }));
  }

  /** @param {string} begin @param {string} end @param {string} recorded */
  #set(begin, end, recorded) {
    for (const [part, value] of Object.entries({ begin, end, recorded })) {
      /** @type {HTMLInputElement} */ (document.getElementById(`id_${part}_${this.#language}`)).value = value;
    }
  }
}

/** @param {string} text @param {() => void} pressed */
function button(text, pressed) {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'cc-button';
  made.textContent = text;
  made.addEventListener('click', pressed);
  return made;
}
