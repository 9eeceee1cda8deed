/**
 * The one state of a page. Everything that is seen is a function of it; everything that happens goes through `set`.
 * Dispatches 'change' once after any number of `set` in one go.
 * @template State
 */
export class Store extends EventTarget {
  #waiting = false;

  /** @param {State} state */
  constructor(state) {
    super();
    /** @type {Readonly<State>} */
    this.state = state;
  }

  /** @param {Partial<State>} patch */
  set(patch) {
    this.state = { ...this.state, ...patch };
    if (this.#waiting) return;
    this.#waiting = true;
    queueMicrotask(() => {
      this.#waiting = false;
      this.dispatchEvent(new Event('change'));
    });
  }
}
