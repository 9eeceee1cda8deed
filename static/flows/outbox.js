/**
 * What has been changed and the server does not know yet: sent one after the other, kept while nobody answers.
 *
 * Each change has a name of its own, so that the server does it once, however often it is sent.
 */

import { Offline, Refused, askJson } from './ask.js';

const WAITS = [500, 1000, 2000, 4000, 8000]; // ms before each next try
const page = crypto.getRandomValues(new Uint32Array(2)).join('');

/**
 * @typedef {object} Change
 * @property {string} url
 * @property {() => URLSearchParams | FormData} body read when it is sent: it may still grow until then
 * @property {string} request
 * @property {(answer: any) => void} resolve
 * @property {(refused: Refused) => void} reject
 */

/** Dispatches 'change' when `waiting` or `offline` differ. */
export class Outbox extends EventTarget {
  /** @type {Change[]} */ #changes = [];
  #number = 0;
  #tries = 0;
  #timer = 0;
  #sending = false;
  offline = false;

  constructor() {
    super();
    globalThis.addEventListener('online', () => this.#send());
  }

  get waiting() {
    return this.#changes.length;
  }

  /**
   * @param {string} url
   * @param {() => URLSearchParams | FormData} body
   * @returns {Promise<any>} the server's answer
   * @throws {Refused}
   */
  put(url, body) {
    return new Promise((resolve, reject) => {
      this.#changes.push({ url, body, request: `${page}.${++this.#number}`, resolve, reject });
      this.#changed();
      void this.#send();
    });
  }

  async #send() {
    if (this.#sending || !this.#changes.length) return;
    this.#sending = true;
    clearTimeout(this.#timer);
    const [change] = this.#changes;
    try {
      const body = change.body();
      body.set('request', change.request);
      this.#settle((answer) => change.resolve(answer), await askJson(change.url, body));
    } catch (error) {
      if (error instanceof Offline || (error instanceof Refused && error.code === 'signed_out')) this.#wait(error);
      else this.#settle((refused) => change.reject(refused), error);
    }
  }

  /** @param {(answer: any) => void} tell @param {any} answer */
  #settle(tell, answer) {
    this.#changes.shift();
    this.#sending = false;
    this.#tries = 0;
    this.offline = false;
    tell(answer);
    this.#changed();
    void this.#send();
  }

  /** @param {Error} error */
  #wait(error) {
    this.#sending = false;
    this.offline = true;
    this.signedOut = error instanceof Refused;
    this.#timer = setTimeout(() => this.#send(), WAITS[Math.min(this.#tries++, WAITS.length - 1)]);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
