/** The quality sign of a call by softphone: words and bars, figures on demand, and what to do about it (SP-06). */

import { find, write } from '../live/page.js';
import { say } from '../live/words.js';
import { Looks } from '../softphone/quality.js';
import { UP, isPhone } from './panel.js';

const LOOK_MS = 2000;

/**
 * Look at the media of the running call, again and again.
 * @param {import('./store.js').Store} store
 * @param {import('../softphone/softphone.js').Softphone} softphone
 */
export function startQuality(store, softphone) {
  let looks = new Looks();
  /** @type {object | null} */ let watched = null;
  setInterval(async () => {
    const media = softphone.state === 'connected' && UP.includes(store.state.me?.card?.state) ? softphone.media : null;
    if (media !== watched) looks = new Looks();
    watched = media;
    const quality = media ? looks.add(await media.statistics()) : null;
    if (media === watched && quality !== store.state.quality) store.set({ quality });
  }, LOOK_MS);
}

/** @param {import('./store.js').State} state */
export function showQuality(state) {
  const { quality, me } = state;
  const sign = find('.quality');
  sign.hidden = !quality || !me?.card || !isPhone(state);
  const grade = sign.hidden ? '' : quality.grade;
  const advice = grade === '' || grade === 'good' ? '' : say(`quality.advice.${quality.cause}`);
  tell(grade, advice);
  write('quality-advice', grade === 'poor' ? advice : '');
  if (!grade) return;
  sign.dataset.quality = grade;
  write('quality', say(`quality.${grade}`));
  write('quality-loss', say('quality.loss', { number: number(quality.lossPercent, 1) }));
  write('quality-jitter', say('quality.jitter', { number: number(quality.jitterMs, 0) }));
  write('quality-rtt', quality.rttMs === null ? '–' : say('quality.rtt', { number: number(quality.rttMs, 0) }));
  write('quality-mos', number(quality.mos, 1));
  write('quality-means', advice || say('quality.means.good'));
}

let told = '';

/** A screen reader hears of it when the sound becomes poor, and of nothing else. @param {string} grade @param {string} advice */
function tell(grade, advice) {
  if (grade === told) return;
  told = grade;
  find('#quality-told').textContent = grade === 'poor' ? `${say('quality.poor')}. ${advice}` : '';
}

/** @param {number} value @param {number} decimals */
function number(value, decimals) {
  return value.toLocaleString(document.documentElement.lang, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
