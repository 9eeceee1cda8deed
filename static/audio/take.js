/** A recording that was made: its picture, where it begins and ends, listening to it. */

import { soundIn } from './silence.js';
import { filled, words } from './words.js';

const STEP = 0.05; // seconds
const BARS = 300;

export class Take {
  /** @type {AudioBuffer} */ #sound;
  /** @type {HTMLCanvasElement} */ #picture;
  /** @type {HTMLInputElement} */ #begin;
  /** @type {HTMLInputElement} */ #end;
  /** @type {HTMLElement} */ #said;
  /** @type {{ context: AudioContext, source: AudioBufferSourceNode } | null} */ #playing = null;
  /** @type {(begin: number, end: number) => void} */ #changed;
  /** @type {HTMLElement} */ element;

  /**
   * @param {AudioBuffer} sound
   * @param {(begin: number, end: number) => void} changed where it begins and ends, in seconds; told at once and with each change
   */
  constructor(sound, changed) {
    this.#sound = sound;
    this.#changed = changed;
    this.element = document.createElement('div');
    this.element.className = 'cc-take';
    this.#picture = document.createElement('canvas');
    this.#picture.width = BARS * 2;
    this.#picture.height = 80;
    this.#picture.setAttribute('aria-hidden', 'true');
    this.#said = document.createElement('p');
    this.#said.setAttribute('role', 'status');
    const found = soundIn(sound.getChannelData(0), sound.sampleRate);
    this.#begin = this.#slider(words.trim_begin, found?.begin ?? 0);
    this.#end = this.#slider(words.trim_end, found?.end ?? sound.duration);
    this.element.prepend(this.#picture);
    this.element.append(this.#listenButton(), this.#said);
    this.#moved();
    if (!found) this.#said.textContent = words.nothing_heard;
  }

  /** Stop playing it. */
  close() {
    void this.#playing?.context.close();
    this.#playing = null;
  }

  /** @param {string} name @param {number} value */
  #slider(name, value) {
    const label = document.createElement('label');
    const slider = document.createElement('input');
    Object.assign(slider, { type: 'range', min: '0', max: this.#sound.duration.toFixed(2), step: STEP, value: value.toFixed(2) });
    const shown = document.createElement('output');
    label.append(`${name} `, slider, ' ', shown);
    slider.addEventListener('input', () => this.#moved());
    this.element.append(label);
    return slider;
  }

  #listenButton() {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'cc-button';
    button.textContent = words.listen;
    button.addEventListener('click', () => this.#play());
    return button;
  }

  #moved() {
    const begin = Number(this.#begin.value);
    const end = Math.max(Number(this.#end.value), begin + STEP);
    for (const slider of [this.#begin, this.#end]) {
      /** @type {HTMLOutputElement} */ (slider.nextElementSibling).value = Number(slider.value).toFixed(2);
    }
    this.#said.textContent = filled(words.kept, { seconds: (end - begin).toFixed(1) });
    this.#draw(begin, end);
    this.#changed(begin, end);
  }

  #play() {
    this.close();
    const context = new AudioContext();
    const source = context.createBufferSource();
    source.buffer = this.#sound;
    source.connect(context.destination);
    const begin = Number(this.#begin.value);
    source.start(0, begin, Math.max(STEP, Number(this.#end.value) - begin));
    this.#playing = { context, source };
  }

  /** Bars of the recording; what is cut off is pale. @param {number} begin @param {number} end */
  #draw(begin, end) {
    const samples = this.#sound.getChannelData(0);
    const pen = /** @type {CanvasRenderingContext2D} */ (this.#picture.getContext('2d'));
    const { width, height } = this.#picture;
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = '#24938a';
    for (let bar = 0; bar < BARS; bar += 1) {
      const from = Math.floor((bar / BARS) * samples.length);
      const piece = samples.subarray(from, Math.max(from + 1, Math.floor(((bar + 1) / BARS) * samples.length)));
      const peak = piece.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      const at = (bar / BARS) * this.#sound.duration;
      pen.globalAlpha = at >= begin && at < end ? 1 : 0.3;
      const reach = Math.max(1, peak * height);
      pen.fillRect(bar * 2, (height - reach) / 2, 1.5, reach);
    }
    pen.globalAlpha = 1;
  }
}
