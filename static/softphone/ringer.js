/** Ringing and short signals by Web Audio, on the device chosen for ringing. No timers: a hidden tab rings as well. */

import { reroute, route } from './devices.js';

const RISE = 12; // seconds from quiet to full
const QUIET = 0.08;
const FULL = 0.6;
const PERIOD = 3; // seconds from one ring to the next
const PARTIALS = [523.25, 659.26, 783.99]; // C5 E5 G5: a chord carries further than one tone and annoys less

/** `start()` rings until `stop()`; both may be called at any time, twice, in any order. */
export class Ringer {
  /** @type {AudioContext | null} */ #context = null;
  /** @type {MediaStreamAudioDestinationNode | null} */ #output = null;
  #element = new Audio();
  /** @type {{ source: AudioBufferSourceNode, gain: GainNode } | null} */ #ringing = null;

  /** Whether it rings now. */
  get ringing() {
    return this.#ringing !== null;
  }

  /** Ring, rising slowly from quiet to full. */
  async start() {
    if (this.#ringing) return;
    const { context, output } = this.#open();
    const source = new AudioBufferSourceNode(context, { buffer: ring(context), loop: true });
    const gain = new GainNode(context, { gain: QUIET });
    gain.gain.exponentialRampToValueAtTime(FULL, context.currentTime + RISE);
    source.connect(gain).connect(output);
    source.start();
    this.#ringing = { source, gain };
    await this.#play();
  }

  /** Silence at once. */
  stop() {
    this.#ringing?.source.stop();
    this.#ringing?.gain.disconnect();
    this.#ringing = null;
    this.#element.pause();
  }

  /** One short soft tone (a message, not a call). Does nothing while it rings. */
  async beep() {
    if (this.#ringing) return;
    const { context, output } = this.#open();
    const gain = new GainNode(context, { gain: 0 });
    const tone = new OscillatorNode(context, { frequency: PARTIALS[2] });
    const now = context.currentTime;
    gain.gain.setTargetAtTime(0.15, now, 0.01);
    gain.gain.setTargetAtTime(0, now + 0.15, 0.05);
    tone.connect(gain).connect(output);
    tone.start(now);
    tone.stop(now + 0.6);
    await this.#play();
  }

  /** Call after another ringing device was chosen, or one was plugged in or out. */
  async rerouted() {
    await reroute(this.#element, 'ringer');
  }

  /** Silence, and give the sound device back. */
  close() {
    this.stop();
    if (this.#context && this.#context.state !== 'closed') void this.#context.close();
    this.#context = this.#output = null;
    this.#element.srcObject = null;
  }

  #open() {
    this.#context ??= new AudioContext();
    this.#output ??= this.#context.createMediaStreamDestination();
    this.#element.srcObject ??= this.#output.stream;
    return { context: this.#context, output: this.#output };
  }

  async #play() {
    if (this.#context?.state === 'suspended') void this.#context.resume();
    await route(this.#element, 'ringer');
    if (!this.#context) return;
    await this.#element.play().catch((error) => {
      if (error.name !== 'AbortError') throw error; // stop() came before the first sound: nothing is wrong
    });
  }
}

/**
 * One period: two strokes of a soft chord, then silence.
 * @param {AudioContext} context
 */
function ring(context) {
  const rate = context.sampleRate;
  const buffer = context.createBuffer(1, PERIOD * rate, rate);
  const samples = buffer.getChannelData(0);
  for (const [begin, root] of [[0, 0], [0.45, 1]]) {
    for (let i = 0; i < 0.9 * rate; i++) samples[begin * rate + i] += stroke(i / rate, root);
  }
  return buffer;
}

/**
 * @param {number} t seconds since the stroke
 * @param {number} root which partial is loudest
 */
function stroke(t, root) {
  const envelope = Math.min(1, t / 0.01) * Math.exp(-5 * t);
  const chord = PARTIALS.map((hz, i) => Math.sin(2 * Math.PI * hz * t) * (i === root ? 0.5 : 0.2));
  return envelope * chord.reduce((sum, value) => sum + value, 0);
}
