/** A call from the browser to an access number, as a customer would make it: media by the desk's modules, what happens from the journal. */

import { LevelMeter } from '../softphone/level.js';
import { Softphone } from '../softphone/softphone.js';
import { Live } from '../live/socket.js';

const SILENCE_MS = 4000; // a cell sends packets all the time: without any for so long the call is over

/** @typedef {'idle' | 'calling' | 'connected' | 'ended'} CallState */

/** Dispatches 'state', 'event' (detail: a fact of the call), 'level' (detail: 0 to 1), 'hello' and 'link' (as Live does), 'failed' (detail: the error). */
export class TestCall extends EventTarget {
  /** @type {LevelMeter | null} */ #meter = null;
  #watching = 0;
  /** @type {object} */ #wanted = {};
  /** @type {CallState} */ state = 'idle';

  constructor() {
    super();
    this.live = new Live({ desk: false, phone: false });
    this.phone = new Softphone({
      test: (offer) => this.live.ask('softphone.test', { offer }),
      answer: () => Promise.reject(new Error('nobody calls this page')),
      reattach: () => Promise.reject(new Error('a test call that is cut is made again')),
      call: (number, offer) => this.live.ask('testcall.call', { ...this.#wanted, number, offer }),
    });
    for (const name of ['hello', 'link']) this.live.addEventListener(name, (event) => this.#tell(name, /** @type {CustomEvent} */ (event).detail));
    this.live.addEventListener('event', (event) => this.#happened(/** @type {CustomEvent} */ (event).detail));
    this.live.addEventListener('link', (event) => /** @type {CustomEvent} */ (event).detail === 'offline' && this.running && this.#end('ended'));
  }

  get running() {
    return this.state === 'calling' || this.state === 'connected';
  }

  /** @param {string} number @param {{ caller: string, clock?: string, draft?: number }} wanted */
  async call(number, wanted) {
    if (this.running) return;
    this.#wanted = wanted;
    this.#enter('calling');
    try {
      if (!this.phone.microphone) await this.phone.open();
      await this.phone.call(number);
      this.#connected();
    } catch (error) {
      this.#tell('failed', error);
      this.#end('idle');
    }
  }

  async hangUp() {
    this.#end('ended');
    await this.live.ask('testcall.hang_up').catch(() => {}); // the call ends with the connection too
  }

  /** @param {string} digit @returns {boolean} whether it was sent */
  press(digit) {
    if (this.state !== 'connected') return false;
    this.phone.sendDigits(digit);
    return true;
  }

  #connected() {
    this.#enter('connected');
    if (this.phone.media) this.#meter = new LevelMeter(this.phone.media.remoteStream, (level) => this.#tell('level', level));
    let received = -1;
    this.#watching = setInterval(async () => {
      const figures = await this.phone.media?.statistics();
      if (!figures || figures.received === received) this.#end('ended');
      received = figures?.received ?? -1;
    }, SILENCE_MS);
  }

  /** @param {any} event */
  #happened(event) {
    this.#tell('event', event);
    if (event.what === 'CallEnded' && this.state === 'connected') this.#end('ended');
  }

  /** @param {'idle' | 'ended'} state */
  #end(state) {
    clearInterval(this.#watching);
    this.#meter?.close();
    this.#meter = null;
    this.#tell('level', 0);
    this.phone.hangUp();
    this.#enter(state);
  }

  /** @param {CallState} state */
  #enter(state) {
    this.state = state;
    this.#tell('state', state);
  }

  /** @param {string} type @param {any} detail */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
