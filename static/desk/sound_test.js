/** The dialog in which a person hears himself: whether microphone, network and loudspeaker work, and what to do if not (SP-03, SP-06). */

import { find, write } from '../live/page.js';
import { say, sayError } from '../live/words.js';
import { LevelMeter } from '../softphone/level.js';
import { Looks } from '../softphone/quality.js';

const LASTS_MS = 12_000; // the gateway ends it after 15 s
const LOOK_MS = 1000;
const SILENT = 0.15; // of LevelMeter: -51 dBFS; a microphone that is switched off gives less
const FAINT = 0.42; // -35 dBFS: speech is above it
const BARS = 20;

/**
 * What the figures mean. A pure function.
 * @param {{ spoken: number, returned: number, quality: import('../softphone/quality.js').Quality | null }} measured levels 0 to 1, the highest
 * @returns {string} key of words
 */
export function verdictOf({ spoken, returned, quality }) {
  if (spoken < SILENT) return 'sound.no_voice';
  if (returned < SILENT) return 'sound.nothing_back';
  if (quality?.grade === 'poor') return `sound.poor.${quality.cause}`;
  return spoken < FAINT ? 'sound.faint' : 'sound.fine';
}

export class SoundTest {
  /** @type {import('../softphone/media.js').Media | null} */ #media = null;
  /** @type {LevelMeter[]} */ #meters = [];
  #timers = [0, 0];
  #run = 0; // number of the newest try: what an older one still brings is nobody's
  #measured = { spoken: 0, returned: 0, quality: /** @type {any} */ (null) };

  /** @param {import('./phone.js').Phone} phone */
  constructor(phone) {
    this.phone = phone;
    this.dialog = /** @type {HTMLDialogElement} */ (find('#sound-test'));
    this.dialog.addEventListener('close', () => this.#stop());
    find('#sound-again').addEventListener('click', () => void this.begin());
    for (const choice of this.dialog.querySelectorAll('[data-device]')) choice.addEventListener('change', () => this.dialog.open && this.#changed());
    for (const bars of this.dialog.querySelectorAll('.bar-level')) bars.append(...Array.from({ length: BARS }, () => document.createElement('i')));
  }

  /** A call has come, or is on. */
  interrupt() {
    if (this.dialog.open) this.dialog.close();
  }

  async begin() {
    this.#stop();
    const run = ++this.#run;
    if (!this.dialog.open) this.dialog.showModal();
    this.#say('sound.connecting');
    try {
      await this.phone.open();
      const media = await this.phone.softphone.echo();
      if (run === this.#run && this.dialog.open) this.#listen(media);
      else media.close();
    } catch (error) {
      if (run === this.#run) this.#end(sayError(error));
    }
  }

  /** @param {import('../softphone/media.js').Media} media */
  #listen(media) {
    this.#media = media;
    this.#measured = { spoken: 0, returned: 0, quality: null };
    this.#say('sound.speak');
    const { microphone } = this.phone.softphone;
    if (microphone) this.#meters.push(this.#meter('spoken', microphone));
    this.#meters.push(this.#meter('returned', media.remoteStream));
    const looks = new Looks();
    const look = async () => this.#look(looks.add(await media.statistics()));
    this.#timers = [setInterval(() => void look(), LOOK_MS), setTimeout(() => this.#conclude(), LASTS_MS)];
  }

  /** @param {'spoken' | 'returned'} name @param {MediaStream} stream */
  #meter(name, stream) {
    const bars = find(`#sound-${name}`).children;
    return new LevelMeter(stream, (level) => {
      this.#measured[name] = Math.max(this.#measured[name], level);
      for (let i = 0; i < bars.length; i++) bars[i].classList.toggle('on', level > (i + 0.5) / bars.length);
    });
  }

  /** @param {import('../softphone/quality.js').Quality | null} quality */
  #look(quality) {
    if (!quality || !this.#media) return;
    this.#measured.quality = quality;
    const number = (/** @type {number} */ value, decimals = 0) => value.toLocaleString(document.documentElement.lang, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    const figures = { loss: number(quality.lossPercent, 1), jitter: number(quality.jitterMs), rtt: quality.rttMs === null ? '–' : number(quality.rttMs), mos: number(quality.mos, 1) };
    write('sound-quality', `${say(`quality.${quality.grade}`)} · ${say('sound.figures', figures)}`);
  }

  #conclude() {
    const verdict = verdictOf(this.#measured);
    this.#end(say(verdict), verdict === 'sound.fine');
  }

  /** @param {string} text @param {boolean} [fine] */
  #end(text, fine = false) {
    this.#stop();
    write('sound-verdict', text);
    this.dialog.dataset.sound = fine ? 'fine' : 'trouble';
  }

  /** @param {string} key */
  #say(key) {
    this.dialog.dataset.sound = 'running';
    write('sound-verdict', say(key));
    write('sound-quality', '–');
  }

  /** Another device: from the beginning, when it is in use. */
  #changed() {
    this.#stop();
    this.#timers[1] = setTimeout(() => void this.begin(), LOOK_MS);
  }

  #stop() {
    this.#run += 1;
    this.#timers.forEach((timer) => clearTimeout(timer));
    this.#meters.forEach((meter) => meter.close());
    this.#meters = [];
    this.#media?.close();
    this.#media = null;
    for (const bar of this.dialog.querySelectorAll('.bar-level .on')) bar.classList.remove('on');
  }
}
