/** The microphone of one page: the chosen one while it is there, else the system's. */

import { chosen, deviceOf, isThere, openMicrophone } from './devices.js';
import { MediaError } from './errors.js';

export class Microphone {
  /** @type {MediaStream | null} */ stream = null;
  /** @type {Promise<unknown>} one change at a time */ #turn = Promise.resolve();
  #opened = 0; // number of the time that it is open: what was asked for before it was closed comes too late

  /**
   * @param {(stream: MediaStream) => Promise<unknown>} changed the new one; the old one speaks until this is done
   * @param {(error: any) => void} lost there is none left
   */
  constructor(changed, lost) {
    this.changed = changed;
    this.lost = lost;
  }

  /** A track that has ended never speaks again. */
  get live() {
    return this.stream?.getAudioTracks()[0].readyState === 'live';
  }

  /** @throws {MediaError} see openMicrophone; closed */
  open() {
    return this.#next(() => this.live || this.#replace());
  }

  /** Another one was chosen. @throws {MediaError} the one before goes on */
  change() {
    return this.#next(() => this.#replace());
  }

  /** Something was plugged in or out: perhaps the chosen one is there again. @throws {MediaError} */
  async plugged() {
    if (this.#lacksChosen() && (await isThere('microphone'))) await this.#next(() => this.#lacksChosen() && this.#replace());
  }

  close() {
    this.#opened += 1;
    stop(this.stream);
    this.stream = null;
  }

  #lacksChosen() {
    const id = chosen('microphone');
    return this.stream !== null && id !== '' && (!this.live || deviceOf(this.stream) !== id);
  }

  /** @param {() => unknown} work */
  #next(work) {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {}); // whoever wanted it hears of it
    return done;
  }

  async #replace() {
    const opened = this.#opened;
    const stream = await openMicrophone();
    if (opened !== this.#opened) {
      stop(stream);
      throw new MediaError('closed');
    }
    const old = this.stream;
    this.stream = stream;
    stream.getAudioTracks()[0].onended = () => void this.#unplugged(stream);
    await this.changed(stream);
    stop(old);
  }

  /** The browser ended the track. @param {MediaStream} stream */
  async #unplugged(stream) {
    if (stream !== this.stream) return;
    await this.change().catch((error) => error.code !== 'closed' && this.lost(error));
  }
}

/** @param {MediaStream | null} stream */
function stop(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}
