/**
 * The phone of one page: keeps the microphone open and an offer ready, so that answering costs one round trip. It knows
 * nothing of the page's socket: it is given four functions that carry an SDP offer to the gateway and bring its answer.
 *
 *     const phone = new Softphone({
 *       test: (offer) => socket.ask('softphone.test', { offer }),
 *       answer: (leg, offer) => …, reattach: (leg, offer) => …, call: (number, offer) => …,   // each gives { sdp, leg }
 *     });
 *     phone.addEventListener('change', () => draw(phone.state, phone.muted));
 *     await phone.open();            // microphone and media path: throws MediaError with the reason (SP-03)
 *     await phone.answer(leg);       // resolves when audio flows
 *     phone.hangUp();                // media only; the switch ends the leg
 */

import { choose, watchDevices } from './devices.js';
import { MediaError } from './errors.js';
import { Media } from './media.js';
import { Microphone } from './microphone.js';
import { Spare } from './spare.js';

/** @typedef {{ sdp: string, leg: string }} Answer */
/**
 * Each rejects with whatever the page's socket rejects with when the gateway refuses (codes of MediaRefused).
 * @typedef {object} Carrier
 * @property {(offer: string) => Promise<Answer>} test
 * @property {(leg: string, offer: string) => Promise<Answer>} answer
 * @property {(leg: string, offer: string) => Promise<Answer>} reattach
 * @property {(number: string, offer: string) => Promise<Answer>} [call]
 * @property {(offer: string) => Promise<Answer>} [echo]
 */
/**
 * off: not opened · checking · idle: ready for a call · connecting, connected, interrupted, failed: the leg's media. Interrupted
 * media are mended once by new ones (the network, or the gateway, is another now); failed: that did not help.
 * @typedef {'off' | 'checking' | 'idle' | 'connecting' | 'connected' | 'interrupted' | 'failed'} PhoneState
 */

/**
 * Dispatches 'change' when any of its properties changed, 'microphone' when another one is in use, and CustomEvent 'deaf' with a MediaError
 * when none is left.
 */
export class Softphone extends EventTarget {
  /** @type {Carrier} */ #carrier;
  /** @type {Media | null} the running leg's */ media = null;
  /** The running leg; '' when there is none. */
  leg = '';
  /** @type {PhoneState} */ state = 'off';
  /** @type {Media | null} of the test that runs */ #trying = null;
  #microphone = new Microphone((stream) => this.#speakInto(stream), (error) => this.dispatchEvent(new CustomEvent('deaf', { detail: error })));
  #spare = new Spare(() => this.#open());
  #muted = false;
  #mending = false;
  #stopWatching = () => {};

  /** @param {Carrier} carrier */
  constructor(carrier) {
    super();
    this.#carrier = carrier;
    this.networkChanged = this.networkChanged.bind(this);
  }

  /**
   * Open the microphone and prove the media path with the gateway (SP-03); audio that flows is proof enough. Safe to call again.
   * @throws {MediaError} the reason; the state is 'off' then
   */
  async open() {
    this.#become('checking');
    try {
      await this.#microphone.open();
      if (this.media?.state !== 'connected') await this.#tryPath();
    } catch (error) {
      if (this.leg) this.#settle();
      else if (/** @type {MediaError} */ (error).code !== 'closed') this.close();
      throw error;
    }
    if (!this.microphone) throw new MediaError('closed'); // meanwhile: nothing is watched then
    this.#stopWatching();
    this.#stopWatching = watchDevices(() => void this.#plugged());
    globalThis.addEventListener('online', this.networkChanged);
    this.networkChanged();
    this.#settle();
  }

  /** Whoever opens it now begins anew: the test that runs is of no use any more, and rejects with `closed`. */
  giveUpTest() {
    this.#trying?.close();
  }

  /** Answer the ringing `leg`. @param {string} leg */
  async answer(leg) {
    await this.#begin(leg, (offer) => this.#carrier.answer(leg, offer));
  }

  /** New media for a leg that is up: after a reload, or when the state became 'failed'. @param {string} leg */
  async reattach(leg) {
    await this.#begin(leg, (offer) => this.#carrier.reattach(leg, offer));
  }

  /** A test call to an access number. @param {string} number */
  async call(number) {
    await this.#begin('', (offer) => /** @type {NonNullable<Carrier['call']>} */ (this.#carrier.call)(number, offer));
  }

  /**
   * Hear oneself, a moment later, for 15 s at the most. Not in a call.
   * @returns {Promise<Media>} the caller closes it
   * @throws {MediaError}
   */
  async echo() {
    const media = new Media(this.#open());
    try {
      const { sdp } = await /** @type {NonNullable<Carrier['echo']>} */ (this.#carrier.echo)(await media.prepare());
      await media.answer(sdp);
      return media;
    } catch (error) {
      media.close();
      throw error;
    }
  }

  /** Close the leg's media and be ready for the next. Who ends the leg itself is the switch. */
  hangUp() {
    this.media?.close();
    this.media = null;
    this.leg = '';
    this.#muted = false;
    this.#become(this.microphone ? 'idle' : 'off');
  }

  /** @returns {MediaStream | null} */
  get microphone() {
    return this.#microphone.stream;
  }

  get muted() {
    return this.#muted;
  }

  set muted(muted) {
    this.#muted = muted;
    if (this.media) this.media.muted = muted;
    this.dispatchEvent(new Event('change'));
  }

  /** @param {string} digits of 0-9 A-D * # */
  sendDigits(digits) {
    this.media?.sendDigits(digits);
  }

  /**
   * Choose a device now and for next time.
   * @param {'microphone' | 'speaker'} role
   * @param {string} id '': the system's own choice
   */
  async use(role, id) {
    choose(role, id);
    if (role === 'speaker') await this.media?.rerouted();
    else if (this.microphone) await this.#microphone.change();
  }

  /** The offer gathered beforehand is of the old network: gather another. Running media mend themselves. */
  networkChanged() {
    this.#spare.drop();
    if (this.microphone) this.#spare.stock();
  }

  /** Switch the phone off: microphone released. */
  close() {
    this.giveUpTest();
    this.#stopWatching();
    globalThis.removeEventListener('online', this.networkChanged);
    this.#spare.drop();
    this.#microphone.close();
    this.hangUp();
  }

  async #tryPath() {
    const media = new Media(this.#open());
    this.#trying = media;
    try {
      const offer = await media.prepare();
      const { sdp } = await media.unlessClosed(this.#carrier.test(offer));
      await media.answer(sdp);
    } finally {
      media.close();
    }
  }

  /**
   * Connect, or be idle again.
   * @param {string} leg
   * @param {(offer: string) => Promise<Answer>} ask
   */
  async #begin(leg, ask) {
    const media = await this.#take(leg);
    try {
      await this.#connect(media, ask);
    } catch (error) {
      if (this.media === media) this.hangUp();
      throw error;
    } finally {
      if (this.microphone) this.#spare.stock(); // now that audio flows: before, gathering would take the processor from it
    }
  }

  /** New media for the running leg, once; the page hears of it by the state only. */
  async #mend() {
    const leg = this.leg;
    if (this.#mending || !leg) return;
    this.#mending = true;
    let media = this.media;
    try {
      media = await this.#take(leg); // there is none without a microphone
      await this.#connect(media, (offer) => this.#carrier.reattach(leg, offer));
    } catch (error) {
      console.warn('The audio could not be mended', error);
      if (media && this.media === media && media.state !== 'connected') this.#become('failed'); // it may have mended itself
    } finally {
      this.#mending = false;
      if (this.microphone) this.#spare.stock(); // now that audio flows: before, gathering would take the processor from it
    }
  }

  /** The spare media, for `leg`. @param {string} leg */
  async #take(leg) {
    const media = await this.#spare.take();
    this.media?.close();
    this.media = media;
    this.leg = leg;
    media.muted = this.#muted;
    this.#become('connecting');
    media.addEventListener('state', () => this.#follow(media));
    return media;
  }

  /**
   * @param {Media} media
   * @param {(offer: string) => Promise<Answer>} ask
   */
  async #connect(media, ask) {
    if (this.media !== media) throw new MediaError('closed'); // it ended while the offer was gathered
    const answer = await media.unlessClosed(ask(media.offer));
    this.leg = answer.leg || this.leg;
    await media.answer(answer.sdp);
  }

  /** @param {Media} media */
  #follow(media) {
    const state = media.state;
    if (media !== this.media) return;
    if (state === 'connected' || state === 'interrupted' || state === 'failed') this.#become(state);
    if (state === 'interrupted') void this.#mend();
  }

  #open() {
    if (!this.microphone) throw new MediaError('closed');
    return this.microphone;
  }

  /** Another microphone, in mid-call too; an offer that was gathered with the one before is gathered anew. @param {MediaStream} microphone */
  async #speakInto(microphone) {
    await this.media?.useMicrophone(microphone).catch(ifOver);
    this.#spare.renew();
    this.dispatchEvent(new Event('change'));
    this.dispatchEvent(new Event('microphone'));
  }

  /** Something was plugged in or out: what was chosen is used as soon as it is there, and the system's while it is not. */
  async #plugged() {
    try {
      await Promise.all([this.media?.rerouted(), this.#microphone.plugged()]);
    } catch (error) {
      if (/** @type {any} */ (error).code !== 'closed') console.warn('What was plugged in cannot be used yet', error);
    }
    this.dispatchEvent(new Event('change'));
  }

  /** As the leg's media are, after something else was looked at. */
  #settle() {
    const { state } = this.media ?? {};
    if (state === 'connected' || state === 'interrupted' || state === 'failed') this.#become(state);
    else this.#become(this.media ? 'connecting' : this.microphone ? 'idle' : 'off');
  }

  /** @param {PhoneState} state */
  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }
}

/** A call that ended meanwhile needs no microphone. @param {any} error */
function ifOver(error) {
  if (error.code !== 'closed') throw error;
}
