/**
 * The agent's browser as his phone: opens and proves the softphone, rings, answers, and comes back into a call after a
 * reload or a lost connection. Which call there is says the switch; this module makes the browser's media follow it.
 */

import { Ringer } from '../softphone/ringer.js';
import { microphonePermission, watchDevices } from '../softphone/devices.js';
import { MediaError } from '../softphone/errors.js';
import { LevelMeter } from '../softphone/level.js';
import { Softphone } from '../softphone/softphone.js';
import { UP, isPhone } from './panel.js';
import { Proof } from './proof.js';
import { Reattach } from './reattach.js';

const PAUSES = [1000, 2000, 4000, 8000, 15_000]; // ms between two tries to prove the phone to whoever is logged on; the last one again and again

export class Phone {
  /** @type {LevelMeter | null} */ #meter = null;
  /** @type {MediaStream | null} what it measures */ #metered = null;
  /** @type {{ leg: string, on: boolean } | null} what the switch has not said yet */ #muting = null;
  #owned = false;
  #taken = ''; // the leg that was answered or rejected here
  #byHand = ''; // the leg that was not got by answering it: nothing answers it again by itself

  /**
   * @param {import('./store.js').Store} store
   * @param {import('../live/socket.js').Live} live
   * @param {{ autoAnswer: boolean, failed: (error: any) => void, level: (level: number) => void }} options
   */
  constructor(store, live, { autoAnswer, failed, level }) {
    this.store = store;
    this.live = live;
    this.autoAnswer = autoAnswer;
    this.failed = failed;
    this.level = level;
    this.ringer = new Ringer();
    this.softphone = new Softphone({
      test: (offer) => live.ask('softphone.test', { offer }),
      echo: (offer) => live.ask('softphone.echo', { offer }),
      answer: (leg, offer) => live.ask('softphone.answer', { leg, offer }),
      reattach: (leg, offer) => live.ask('softphone.reattach', { leg, offer }),
    });
    this.proof = new Proof(store, live, this.softphone);
    this.reattach = new Reattach(this.proof, { follow: () => this.#follow(), failed: (leg, error) => this.#tell(leg, error) });
    this.softphone.addEventListener('change', () => this.#changed());
    this.softphone.addEventListener('deaf', (event) => this.#deaf(/** @type {CustomEvent} */ (event).detail));
    watchDevices(() => this.#pluggedIn());
    live.urgent = () => UP.includes(store.state.me?.card?.state) && !store.state.displaced;
    live.leg = () => (this.softphone.state === 'connected' ? this.softphone.leg : '');
    live.addEventListener('hello', () => void this.#comeBack());
    live.addEventListener('link', (event) => /** @type {CustomEvent} */ (event).detail === 'signed_out' && this.softphone.close());
    store.addEventListener('change', () => this.#follow());
  }

  /** Microphone and media path, then tell the switch (SP-03). Throws with the reason. */
  async open() {
    try {
      await this.proof.make();
    } catch (error) {
      if (/** @type {any} */ (error).code === 'other_page') this.#giveAway();
      throw error;
    }
  }

  /** Whether the softphone is proved on this connection. */
  get ready() {
    return this.proof.holds;
  }

  /** What fails is told, and the desk rings (again): a desk that answers by itself does so once on a connection. @param {string} leg */
  async answer(leg) {
    if (this.#taken === leg) return; // it is being answered, by itself perhaps
    this.#silence(leg);
    try {
      await this.#connect(leg);
    } catch (error) {
      if (this.#taken === leg) this.#taken = '';
      this.#byHand = leg;
      this.#follow();
      if (!this.#overBefore(leg, error)) throw error;
    }
  }

  /** A page that was just loaded, or has just come back, proves its phone first. @param {string} leg */
  async #connect(leg) {
    if (!this.ready || this.proof.runs) await this.open();
    if (this.store.state.me?.card?.leg !== leg) throw new MediaError('closed');
    await this.softphone.answer(leg);
  }

  /** At once in the browser, then at the mixer (SP-05). @param {string} leg @param {boolean} on */
  async mute(leg, on) {
    const wish = { leg, on };
    this.#muting = wish;
    this.#follow();
    try {
      await this.live.ask('softphone.mute', { on });
    } catch (error) {
      if (this.#muting === wish) this.#muting = null;
      this.#follow();
      throw error;
    }
  }

  /** Whether he is muted, or has asked for it. @param {any} card */
  muted(card) {
    return this.#muting?.leg === card.leg ? this.#muting.on : card.muted;
  }

  /** The call ended while its sound was being set up: no fault of the sound's. @param {string} leg @param {any} error */
  #overBefore(leg, error) {
    return error.code === 'closed' && this.store.state.me?.card?.leg !== leg;
  }

  /** @param {string} leg @param {any} error */
  #tell(leg, error) {
    if (!this.#overBefore(leg, error)) this.failed(error);
  }

  /** No more ringing for this leg here. @param {string} leg */
  #silence(leg) {
    this.#taken = leg;
    this.ringer.stop();
  }

  /** @param {string} leg */
  async reject(leg) {
    this.#silence(leg);
    try {
      await this.live.ask('softphone.reject', { leg });
    } catch (error) {
      if (this.#taken === leg) this.#taken = '';
      this.#follow();
      throw error;
    }
  }

  /** This page becomes the agent's phone again: as soon as the promise resolves, if the server can be reached. */
  takeOver() {
    this.store.set({ displaced: false });
    this.live.phone = true;
    const connected = new Promise((resolve) => this.live.addEventListener('link', resolve, { once: true }));
    this.live.connect();
    return connected;
  }

  /** A new connection: the media path is proved anew if it is wanted. A call's audio that goes on is kept, else it is set up again. */
  async #comeBack() {
    this.proof.lapse();
    this.#owned = false;
    this.#taken = this.#byHand = '';
    if (!(await this.#wanted())) return;
    if (this.softphone.leg && !this.live.leg()) this.softphone.hangUp();
    await this.#prove(this.live.connection, 0);
    this.#follow();
  }

  /**
   * Whoever is logged on gets no calls without it: what passes (a gateway that starts, a network that was just changed) is tried again.
   * @param {string} connection
   * @param {number} times that it was tried
   */
  async #prove(connection, times) {
    try {
      await this.open();
    } catch (error) {
      const { code } = /** @type {any} */ (error);
      if (connection !== this.live.connection || this.store.state.displaced) return;
      if (!times && this.store.state.me?.phone !== 'softphone') this.failed(error); // else it stands under the panel for as long as it is so
      if (code?.startsWith('microphone') || code === 'insecure-page') return; // that is for the person to mend
      setTimeout(() => void this.#proveAgain(connection, times + 1), PAUSES[Math.min(times, PAUSES.length - 1)]);
    }
  }

  /** @param {string} connection @param {number} times */
  async #proveAgain(connection, times) {
    const { me } = this.store.state;
    if (connection !== this.live.connection || this.ready || !me || me.status === 'logged_off' || !(await this.#wanted())) return;
    await this.#prove(connection, times);
    this.#follow();
  }

  /** The microphone was unplugged, and there is no other. A call goes on, and hears nothing from here. @param {any} error */
  #deaf(error) {
    this.store.set({ problem: error.code });
    if (!this.softphone.leg) this.softphone.close();
  }

  /** Whether the microphone is missed still. */
  #isDeaf() {
    const missed = this.store.state.problem.startsWith('microphone');
    return missed && this.softphone.microphone?.getAudioTracks()[0].readyState !== 'live';
  }

  /** Perhaps the one that was missed. */
  async #pluggedIn() {
    if (this.store.state.problem === 'microphone-missing' && (await this.#wanted())) await this.open().catch(() => {}); // which is told already
  }

  async #wanted() {
    const { me, displaced } = this.store.state;
    if (displaced) return false;
    if (this.softphone.state !== 'off') return true;
    if (me && me.status !== 'logged_off') return me.phone === 'softphone';
    return (await microphonePermission()) === 'granted'; // nobody is asked before he wants the softphone
  }

  #changed() {
    const { microphone, state } = this.softphone;
    if (state === 'idle' && this.#isDeaf()) return this.softphone.close(); // the call in which it was unplugged is over
    if (microphone !== this.#metered) this.#measure(microphone);
    if (state === 'off' && this.ready) {
      this.proof.lapse();
      void this.live.ask('softphone.ready', { ready: false }).catch(() => {}); // offline: the switch knows already
    }
    if (state === 'interrupted') this.live.check();
    if (state === 'connected' && this.store.state.phone === 'connecting') this.reattach.tell();
    if (state !== this.store.state.phone) this.store.set({ phone: state });
  }

  /** @param {MediaStream | null} microphone */
  #measure(microphone) {
    this.#meter?.close();
    this.#metered = microphone;
    this.#meter = microphone && new LevelMeter(microphone, this.level);
    if (!microphone) this.level(0);
  }

  #follow() {
    const { me } = this.store.state;
    this.#notice();
    const card = isPhone(this.store.state) ? me.card : null;
    const ringing = card?.state === 'ringing' && card.leg !== this.#taken;
    if (ringing && this.autoAnswer && this.ready && card.leg !== this.#byHand) this.#answerItself(card.leg);
    else if (card?.state === 'phone' && card.leg !== this.#taken) this.#connectOwn(card.leg);
    else if (ringing) void this.ringer.start();
    else this.ringer.stop();
    this.#followLeg(card);
  }

  /** @param {any} card of a call that is this page's */
  #followLeg(card) {
    if (!card) {
      const over = this.live.connection && !this.store.state.me?.card; // a new connection is not on the card yet
      if (over && this.softphone.leg) this.softphone.hangUp();
      return;
    }
    if (card.state === 'ringing' && this.softphone.leg && this.softphone.leg !== card.leg) this.softphone.hangUp(); // of a call that is over
    this.reattach.follow(card);
    if (this.#muting && (this.#muting.leg !== card.leg || this.#muting.on === card.muted)) this.#muting = null;
    const muted = this.muted(card);
    if (this.softphone.leg === card.leg && this.softphone.muted !== muted) this.softphone.muted = muted;
  }

  /** Did a newer page take the phone? (SP-07) */
  #notice() {
    const { me, connection, displaced } = this.store.state;
    if (me?.connection === connection && connection) this.#owned = true;
    else if (this.#owned && me?.connection && connection && !displaced) this.#giveAway();
  }

  /** A newer page has the phone. */
  #giveAway() {
    this.#owned = false;
    this.live.phone = false; // also after a reconnection: two pages must not take it from each other for ever
    this.proof.lapse();
    this.softphone.close();
    this.store.set({ displaced: true, problem: '' });
  }

  /** @param {string} leg */
  #answerItself(leg) {
    void this.ringer.beep();
    this.answer(leg).catch((error) => this.failed(error));
  }

  /** He calls somebody: his own leg comes first, at once. Without it nobody is called. @param {string} leg */
  #connectOwn(leg) {
    this.#silence(leg);
    this.#connect(leg).catch((error) => {
      this.#tell(leg, error);
      if (this.store.state.me?.card?.leg === leg) this.live.ask('softphone.hang_up').catch(() => {}); // the switch has ended it already
    });
  }
}
