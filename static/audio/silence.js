/** Where the sound in a recording begins and ends. */

const FRAME = 0.02; // seconds
const BELOW = 30; // dB under the loudest frame is silence …
const QUIETEST = -55; // … and so is what is under this, dB of full scale
const AROUND = 0.15; // seconds that are kept before and after

/**
 * The part of `samples` that is not silence, in seconds. Null: there is nothing but silence.
 * @param {Float32Array} samples
 * @param {number} rate Hz
 * @returns {{ begin: number, end: number } | null}
 */
export function soundIn(samples, rate) {
  const levels = frames(samples, Math.round(FRAME * rate));
  const least = Math.max(Math.max(...levels) - BELOW, QUIETEST);
  const first = levels.findIndex((level) => level > least);
  if (first < 0) return null;
  const last = levels.findLastIndex((level) => level > least);
  const length = samples.length / rate;
  return { begin: Math.max(0, first * FRAME - AROUND), end: Math.min(length, (last + 1) * FRAME + AROUND) };
}

/** @param {Float32Array} samples @param {number} size @returns {number[]} dB of full scale */
function frames(samples, size) {
  /** @type {number[]} */
  const levels = [];
  for (let begin = 0; begin < samples.length; begin += size) {
    const frame = samples.subarray(begin, begin + size);
    levels.push(10 * Math.log10(frame.reduce((sum, x) => sum + x * x, 0) / frame.length || Number.MIN_VALUE));
  }
  return levels;
}
