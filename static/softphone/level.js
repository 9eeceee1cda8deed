/** A level meter for a stream: the person's own microphone, or the other party. */

const FLOOR = -60; // dBFS that is drawn as nothing
const FALL = 0.04; // of full scale per frame, so that the needle falls as an eye expects

/** Calls `show(level)` before each repaint, level from 0 (silence) to 1 (full scale), in decibels. Costs nothing in a hidden tab. */
export class LevelMeter {
  /** @type {AudioContext} */ #context;
  /** @type {AnalyserNode} */ #analyser;
  /** @type {Float32Array<ArrayBuffer>} */ #samples;
  #frame = 0;
  #level = 0;

  /**
   * @param {MediaStream} stream with an audio track
   * @param {(level: number) => void} show
   */
  constructor(stream, show) {
    this.#context = new AudioContext();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
    this.#watch(show);
  }

  /** Stop measuring. The stream stays as it is. */
  close() {
    cancelAnimationFrame(this.#frame);
    if (this.#context.state !== 'closed') void this.#context.close();
  }

  /** @param {(level: number) => void} show */
  #watch(show) {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    this.#level = Math.max(levelOf(this.#samples), this.#level - FALL);
    show(this.#level);
    this.#frame = requestAnimationFrame(() => this.#watch(show));
  }
}

/**
 * Effective value of `samples` on a scale from 0 (-60 dBFS and below) to 1 (0 dBFS).
 * @param {Float32Array} samples
 */
export function levelOf(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const decibels = 10 * Math.log10(power || Number.MIN_VALUE);
  return Math.min(1, Math.max(0, 1 - decibels / FLOOR));
}
