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
export function startLine(store, softphone) {
  let looks = new Looks();
  /** @type {object | null} */ let watched = null;
  setInterval(async () => {
    const media = softphone.state === 'connected' && UP.includes(store.state.me?.card?.state) ? softphone.media : null;
    if (media !== watched) looks = new Looks();
    watched = media;
    const line = media ? looks.add(await media.statistics()) : null;
    if (line !== store.state.line && media === softphone.media) store.set({ line });
  }, LOOK_MS);
}

/** @param {import('./store.js').State} state */
export function showLine(state) {
  const { line, me } = state;
  const sign = find('.line');
  sign.hidden = !line || !me?.card || !isPhone(state);
  const grade = sign.hidden ? '' : line.grade;
  const advice = grade === '' || grade === 'good' ? '' : say(`line.advice.${line.cause}`);
  tell(grade, advice);
  write('line-advice', grade === 'poor' ? advice : '');
  if (!grade) return;
  sign.dataset.line = grade;
  write('line', say(`line.${grade}`));
  const figures = { loss: line.lossPercent, jitter: line.jitterMs, rtt: line.rttMs };
  for (const [name, value] of Object.entries(figures)) write(`line-${name}`, say(`line.${name}`, { number: number(value, name === 'loss' ? 1 : 0) }));
  write('line-mos', number(line.mos, 1));
  write('line-means', advice || say('line.means.good'));
}

let told = '';

/** A screen reader hears of it when the line becomes poor, and of nothing else. @param {string} grade @param {string} advice */
function tell(grade, advice) {
  if (grade === told) return;
  told = grade;
  find('#line-told').textContent = grade === 'poor' ? `${say('line.poor')}. ${advice}` : '';
}

/** @param {number} value @param {number} decimals */
function number(value, decimals) {
  return value.toLocaleString(document.documentElement.lang, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
