/** Whether the softphone is proved on the page's present connection (SP-03): a gateway was found, and its sound was heard. */

import { MediaError } from '../softphone/errors.js';

export class Proof {
  /** @type {{ connection: string, done: Promise<void> } | null} */ #turn = null;
  #proved = ''; // the connection on which it was

  /**
   * @param {import('./store.js').Store} store
   * @param {import('../live/socket.js').Live} live
   * @param {import('../softphone/softphone.js').Softphone} softphone
   */
  constructor(store, live, softphone) {
    this.store = store;
    this.live = live;
    this.softphone = softphone;
  }

  get holds() {
    return this.#proved !== '' && this.#proved === this.live.connection;
  }

  /** Whether it is being made. */
  get runs() {
    return this.#turn !== null;
  }

  /** What was proved holds no longer. */
  lapse() {
    this.#proved = '';
  }

  /**
   * Prove it; whoever asks meanwhile waits for the same. What was begun on a connection before says nothing about this one.
   * @throws what the softphone or the server says; a connection that came meanwhile is asked again
   */
  async make() {
    for (;;) {
      const turn = this.#turnOf(this.live.connection);
      try {
        return await turn.done;
      } catch (error) {
        const { connection } = this.live;
        if (connection === turn.connection || connection === '') throw error;
      }
    }
  }

  /** @param {string} connection */
  #turnOf(connection) {
    if (this.#turn?.connection === connection) return this.#turn;
    const before = this.#turn?.done.catch(() => {});
    if (before) this.softphone.giveUpTest();
    const turn = { connection, done: this.#make(connection, before) };
    const over = () => void (this.#turn === turn && (this.#turn = null));
    turn.done.then(over, over);
    this.#turn = turn;
    return turn;
  }

  /** @param {string} connection @param {Promise<void>} [before] */
  async #make(connection, before) {
    await before;
    try {
      await this.softphone.open();
      await this.live.ask('softphone.ready', { ready: true });
      if (this.store.state.displaced) throw new MediaError('closed'); // a newer page took the phone before the answer came
      this.#proved = this.live.connection;
      this.store.set({ problem: '' });
    } catch (error) {
      if (connection === this.live.connection && !this.store.state.displaced) this.store.set({ problem: /** @type {any} */ (error).code ?? 'fault' });
      throw error;
    }
  }
}
