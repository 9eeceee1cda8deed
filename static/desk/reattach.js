/**
 * The way back into a call: after a reload, a lost connection, or media that failed, its audio is set up anew in this page, and the
 * switch is told when it flows.
 */

import { UP } from './panel.js';

const AGAIN_MS = 1000; // between two tries to get the audio of a call back

export class Reattach {
  #timer = 0; // of the next try; 0: at once

  /**
   * @param {import('./proof.js').Proof} proof that the softphone works
   * @param {{ follow: () => void, failed: (leg: string, error: any) => void }} phone `follow`: look at the card once more
   */
  constructor(proof, phone) {
    this.proof = proof;
    this.phone = phone;
    this.store = proof.store;
    this.live = proof.live;
    this.softphone = proof.softphone;
  }

  /** What is missing is set up; if that fails, again and again until the switch says that the call is over. @param {any} card */
  follow(card) {
    if (this.#timer || !UP.includes(card.state) || !this.#lacksAudio(card)) return;
    const { holds } = this.proof;
    if (!holds && this.store.state.problem.startsWith('microphone')) return; // that is for the person to mend
    this.#waitAwhile();
    const proved = holds ? Promise.resolve() : this.proof.make();
    proved.then(() => this.softphone.reattach(card.leg)).catch((error) => this.phone.failed(card.leg, error));
  }

  /** Audio flows again: the switch takes the music away from the customer. */
  tell() {
    const { me } = this.store.state;
    const { leg } = this.softphone;
    if (!this.live.connection || me?.card?.leg !== leg || !UP.includes(me.card.state)) return;
    this.#waitAwhile();
    this.live.ask('softphone.attached', { leg }).catch(() => {}); // tried again as long as the card says "lost"
  }

  /**
   * Whether this page must get the audio of its call (again). Audio that is being set up or mended is waited for; audio that is
   * lost to the customer (`lost`) is lost, however connected it looks from here.
   * @param {any} card
   */
  #lacksAudio(card) {
    const { state, leg } = this.softphone;
    if (['checking', 'connecting', 'interrupted'].includes(state)) return false;
    return leg !== card.leg || state !== 'connected' || card.state === 'lost';
  }

  #waitAwhile() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.phone.follow();
    }, AGAIN_MS);
  }
}
