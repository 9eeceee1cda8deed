/** A call from the browser to an access number, as a customer would make it: media by the desk's modules, what happens from the journal. */

import { MediaError } from '../softphone/errors.js';
import { LevelMeter } from '../softphone/level.js';
import { Softphone } from '../softphone/softphone.js';
import { Live } from '../live/socket.js';

const SILENCE_MS = 4000; // a cell sends packets all the time: without any for so long the call is over

/** @typedef {'idle' | 'calling' | 'connected' | 'ended'} CallState */
/** @typedef {{ number: string, caller: string, clock?: string, draft?: number }} Wanted */

/** Dispatches 'state', 'event' (detail: a fact of the call), 'level' (detail: 0 to 1), 'hello' and 'link' (as Live does), 'failed' (detail: the error). */
export class TestCall extends EventTarget {
  /** @type {LevelMeter | null} */ #meter = null;
  #watching = 0;
  /** @type {Wanted | null} the call that goes on, also while it is set up; null when it is hung up */ #call = null;
  /** @type {Wanted | null} the call that is being set up, hung up meanwhile or not */ #settingUp = null;
  /** @type {Promise<void>} its end: one is set up after the other */ #setUp = Promise.resolve();
  /** @type {CallState} */ state = 'idle';

  constructor() {
    super();
    this.live = new Live({ desk: false, phone: false });
    this.phone = new Softphone({
      test: (offer) => this.live.ask('softphone.test', { offer }),
      answer: () => Promise.reject(new Error('nobody calls this page')),
      reattach: () => Promise.reject(new Error('a test call that is cut is made again')),
      call: (_number, offer) => this.#place(offer),
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
    const call = (this.#call = { ...wanted, number });
    this.#enter('calling');
    this.#setUp = this.#setUp.then(() => this.#begin(call));
    await this.#setUp;
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

  /** Whoever hangs up does not wait for the microphone, the offer or the answer; what comes of them then is of no interest. @param {Wanted} call */
  async #begin(call) {
    const goesOn = () => this.#call === call;
    this.#settingUp = call;
    try {
      if (goesOn() && !this.phone.microphone) await this.phone.open();
      if (goesOn()) await this.phone.call(call.number);
      if (goesOn()) this.#connected();
    } catch (error) {
      if (!goesOn()) return;
      this.#tell('failed', error);
      this.#end('idle');
    }
  }

  /** @param {string} offer @returns {Promise<import('../softphone/softphone.js').Answer>} */
  #place(offer) {
    if (!this.#call || this.#call !== this.#settingUp) return Promise.reject(new MediaError('closed')); // it took long to gather the offer
    return this.live.ask('testcall.call', { ...this.#call, offer });
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
    this.#call = null;
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
