/** The media of the next leg, with an offer that is gathered beforehand: then answering costs one round trip. */

import { Media } from './media.js';

export class Spare {
  /** @type {Promise<Media> | null} */ #media = null;

  /** @param {() => MediaStream} microphone throws while there is none */
  constructor(microphone) {
    this.microphone = microphone;
  }

  /** Gather it, if it is not there. */
  stock() {
    this.#media ??= this.#prepare();
  }

  /** The network, or the microphone, is another: what was gathered is of no use. */
  renew() {
    if (this.#media) {
      this.drop();
      this.stock();
    }
  }

  /** @returns {Promise<Media>} whoever takes it hears of what went wrong */
  async take() {
    const taken = this.#media ?? this.#prepare();
    this.#media = null;
    const media = await taken;
    try {
      const microphone = this.microphone();
      if (media.microphone !== microphone) await media.useMicrophone(microphone); // plugged in while the offer was gathered
    } catch (error) {
      media.close();
      throw error;
    }
    return media;
  }

  drop() {
    this.#media?.then((media) => media.close(), () => {});
    this.#media = null;
  }

  #prepare() {
    const media = new Media(this.microphone());
    const prepared = media.prepare().then(() => media);
    prepared.catch(() => media.close());
    return prepared;
  }
}
