/** What the person can do, by name: a button has `data-do`, a key is in keys.js, both end here. */

import { say, sayError } from '../live/words.js';
import { chosenCaller } from './call_out.js';
import { openLogOnChange } from './log_on.js';
import { CALLING, UP, decides, isPhone, mayChangeLogOn, nextExtension, panelOf } from './panel.js';
import { SoundTest } from './sound_test.js';

const NOTICE_MS = 10_000;

export class Actions {
  #timer = 0;
  /** @type {Map<string, { wish: string, done: Promise<boolean> }>} the newest of each name that is under way */ #turns = new Map();

  /**
   * @param {import('./store.js').Store} store
   * @param {import('../live/socket.js').Live} live
   * @param {import('./phone.js').Phone} phone
   */
  constructor(store, live, phone) {
    this.store = store;
    this.live = live;
    this.phone = phone;
    this.soundTest = new SoundTest(phone);
    store.addEventListener('change', () => store.state.me?.card && this.soundTest.interrupt());
    document.addEventListener('click', ({ target }) => {
      const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('[data-do]'));
      if (button) void this.run(button.dataset.do ?? '', button.dataset);
    });
  }

  /**
   * Who presses twice wants it once. Who chooses something else while the first is under way has the last word: it follows.
   * @param {string} name
   * @param {DOMStringMap} [data] of the button
   * @returns {Promise<boolean>} whether it was done
   */
  run(name, data = {}) {
    const before = this.#turns.get(name);
    const wish = JSON.stringify({ ...data, do: undefined, from: this.#toggled(name) }); // a key and a button wish the same
    if (before?.wish === wish) return Promise.resolve(false);
    const newest = () => this.#turns.get(name) === turn;
    const turn = { wish, done: before ? before.done.then(() => newest() && this.#do(name, data)) : this.#do(name, data) };
    this.#turns.set(name, turn);
    void turn.done.then(() => newest() && this.#turns.delete(name));
    return turn.done;
  }

  /** @param {string} name @param {DOMStringMap} data */
  async #do(name, data) {
    const work = this.#find(name, data);
    if (!work) return false;
    this.store.set({ busy: name, busyNumber: data.number });
    try {
      await work();
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    } finally {
      this.#free(name);
    }
  }

  /**
   * What a toggle is at: who sees that it has become what he wished wishes the opposite by the same key. Or which call is meant.
   * @param {string} name
   */
  #toggled(name) {
    const card = this.store.state.me?.card;
    if (!card) return undefined;
    const { leg } = card;
    return { mute: this.phone.muted(card), hold: card.state, record: card.recording, mask: card.masked, answer: leg, reject: leg, hang_up: leg }[name];
  }

  /** What began later is shown as busy still. @param {string} name */
  #free(name) {
    if (this.store.state.busy === name) this.store.set({ busy: '' });
  }

  /** Tell why something did not work. @param {any} error */
  fail(error) {
    this.tell(sayError(error));
  }

  /** It goes away by itself. @param {string} text */
  tell(text) {
    clearTimeout(this.#timer);
    this.store.set({ notice: { text } });
    this.#timer = setTimeout(() => this.dismiss(), NOTICE_MS);
  }

  dismiss() {
    this.store.set({ notice: null });
  }

  get panel() {
    return panelOf(this.store.state.me);
  }

  /**
   * What `name` means in the present state; undefined: nothing.
   * @param {string} name
   * @param {DOMStringMap} data
   * @returns {(() => Promise<any>) | undefined}
   */
  #find(name, data) {
    const { me } = this.store.state;
    return this.#aboutCall(name, me?.card) ?? this.#aboutStatus(name, data, me) ?? this.#aboutPage(name);
  }

  /** @param {string} name @param {any} card */
  #aboutCall(name, card) {
    if (!card) return undefined;
    const ringing = card.state === 'ringing';
    const up = UP.includes(card.state);
    const ask = (/** @type {string} */ m, /** @type {object} */ content = {}) => () => this.live.ask(m, content);
    if (name === 'answer' && ringing && isPhone(this.store.state)) return () => this.phone.answer(card.leg);
    if (name === 'reject' && ringing) return () => this.phone.reject(card.leg);
    if (name === 'hang_up' && (up || CALLING.includes(card.state))) return ask('softphone.hang_up');
    if (name === 'mute' && up) return () => this.phone.mute(card.leg, !this.phone.muted(card));
    if (name === 'hold' && up && !card.consult && !card.consulted) return ask('softphone.hold', { on: card.state !== 'held' });
    if (name === 'record' && up && decides(card) && card.recording_mode === 'pausable') return ask('softphone.record', { on: card.recording !== 'on' });
    if (name === 'mask' && up && decides(card)) return ask('softphone.mask', { on: !card.masked });
    return this.#aboutConsult(name, card.consult);
  }

  /** @param {string} name @param {any} consult */
  #aboutConsult(name, consult) {
    if (!consult) return undefined;
    if (name === 'complete' && consult.state !== 'waiting') return () => this.live.ask('transfer.complete');
    if (name === 'join_all' && consult.state === 'talking') return () => this.live.ask('transfer.join_all');
    if (name === 'take_back') return () => this.live.ask('transfer.take_back');
    return undefined;
  }

  /** @param {string} name @param {DOMStringMap} data @param {any} me */
  #aboutStatus(name, data, me) {
    if (!me || me.status === 'logged_off') return undefined;
    if (name === 'ready') return () => this.live.ask('desk.ready');
    if (name === 'pause' && data.reason) return () => this.live.ask('desk.pause', { reason: data.reason });
    if (name === 'call_back' && data.number) return () => this.#call(data.number ?? '', chosenCaller());
    if (name === 'change_log_on' && mayChangeLogOn(me)) return async () => openLogOnChange(me);
    if (name === 'log_off') return () => this.live.ask('desk.log_off');
    if (name === 'dispose' && me.summary) return () => this.live.ask('desk.disposition', { call: data.call, disposition: Number(data.disposition) });
    if (name === 'extend' && nextExtension(me) > 0) return () => this.live.ask('desk.extend_wrap_up', { seconds: nextExtension(me) });
    return undefined;
  }

  /** @param {string} name */
  #aboutPage(name) {
    if (name === 'test_phone') return () => this.phone.open();
    if (name === 'test_sound') return () => this.#testSound();
    if (name === 'take_phone') return async () => this.phone.takeOver();
    if (name === 'reconnect') return async () => this.live.connect();
    if (name === 'sign_in') return async () => location.reload();
    if (name === 'keys') return async () => /** @type {HTMLDialogElement} */ (document.getElementById('keys')).showModal();
    return undefined;
  }

  async #testSound() {
    const { me, displaced } = this.store.state;
    if (me?.card) throw { code: 'in_call' };
    if (displaced) throw { code: 'other_page' };
    await this.soundTest.begin();
  }

  /**
   * @param {string} digits
   */
  press(digits) {
    return this.live.ask('softphone.keys', { digits }).catch((error) => this.fail(error));
  }

  /** @param {string} number @param {number} caller_id 0: the first that he may choose */
  #call(number, caller_id) {
    return this.live.ask('desk.call_out', { number, caller_id });
  }

  /**
   * @param {string} number as a person writes it
   * @returns {Promise<string>} '' or why not, in words
   */
  async callOut(number) {
    this.store.set({ busy: 'call_out' });
    try {
      await this.#call(number, chosenCaller());
      return '';
    } catch (error) {
      return sayError(error) || say('refused.fault');
    } finally {
      this.#free('call_out');
    }
  }

  /**
   * Bring the customer to somebody: asked first, or blind. A number sees the one that the agent has chosen for his calls.
   * @param {'consult' | 'blind'} how
   * @param {{ kind: string, id?: number, number?: string }} to
   * @returns {Promise<string>} '' or why not, in words
   */
  async passOn(how, to) {
    this.store.set({ busy: how });
    try {
      await this.live.ask(`transfer.${how}`, { to: to.kind === 'number' ? { ...to, caller_id: chosenCaller() } : to });
      return '';
    } catch (error) {
      return sayError(error) || say('refused.fault');
    } finally {
      this.#free(how);
    }
  }

  /**
   * Also while logged on: then profile and phone change, and the status stays as it is.
   * @param {{ profile: number, phone: string, pause?: string }} choice phone: 'softphone', or a number; pause: the reason of one to begin in
   * @returns {Promise<string>} '' or why not, in words
   */
  async logOn({ profile, phone, pause = '' }) {
    this.store.set({ busy: 'log_on' });
    try {
      if (phone === 'softphone' && this.store.state.displaced) await this.phone.takeOver();
      if (phone === 'softphone' && !this.phone.ready) await this.phone.open();
      await this.live.ask('desk.log_on', { profile, phone, pause });
      return '';
    } catch (error) {
      return sayError(error) || say('refused.fault');
    } finally {
      this.#free('log_on');
    }
  }
}
