/**
 * The page's one ticking clock. Times of the server are Unix seconds; the clock knows by how much this computer's clock is off.
 * An element with `data-clock` shows what `show` was told: the time since something, until something, or a fixed one.
 */

import { setText } from './sparing.js';

let offset = 0; // seconds to add to this computer's clock
/** @type {Set<(now: number) => void>} */
const watchers = new Set();

/** @param {number} serverTime just received */
export function setServerTime(serverTime) {
  offset = serverTime - Date.now() / 1000;
}

/** Unix seconds by the server's clock. */
export function now() {
  return Date.now() / 1000 + offset;
}

/**
 * @param {number} seconds
 * @param {string} [form] long: 00:02:13 · short: 02:13 · seconds: 13
 */
export function duration(seconds, form = 'short') {
  const whole = Math.max(0, Math.floor(seconds));
  if (form === 'seconds') return String(whole);
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return form === 'long' || hours ? `${two(hours)}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
}

/** @param {HTMLElement} element */
function draw(element) {
  const { since, until, seconds, form } = element.dataset;
  let text = '–';
  if (since) text = duration(now() - Number(since), form);
  else if (until) text = duration(Math.ceil(Number(until) - now()), form);
  else if (seconds) text = duration(Number(seconds), form);
  setText(element, text);
}

/**
 * Show a time in all elements with this `data-clock`, or in one element.
 * @param {string | HTMLElement} where
 * @param {{ since?: number | null, until?: number | null, seconds?: number | null }} time
 */
export function show(where, time) {
  const elements = typeof where === 'string' ? document.querySelectorAll(`[data-clock="${where}"]`) : [where];
  for (const element of /** @type {Iterable<HTMLElement>} */ (elements)) {
    for (const key of /** @type {const} */ (['since', 'until', 'seconds'])) {
      if (time[key] == null) delete element.dataset[key];
      else element.dataset[key] = String(time[key]);
    }
    element.toggleAttribute('data-ticks', time.since != null || time.until != null);
    draw(element);
  }
}

/** @param {(now: number) => void} watcher called every second */
export function everySecond(watcher) {
  watchers.add(watcher);
}

/** Tick on the server's full seconds, so that all the times of the page change together. */
export function start() {
  const tick = () => {
    document.querySelectorAll('[data-ticks]').forEach((element) => draw(/** @type {HTMLElement} */ (element)));
    watchers.forEach((watcher) => watcher(now()));
    setTimeout(tick, 1000 - ((now() * 1000) % 1000) + 5);
  };
  tick();
}
