/** A short list to choose from at a place of the page: with the pointer, with arrow keys and Enter; Escape or a click elsewhere is no choice. */

import { make } from '../live/page.js';

/** @typedef {{ value: string, text: string, icon?: string }} Item */

export class Chooser {
  /** @type {((value: string) => void) | null} */ #answer = null;
  /** @type {HTMLElement | null} */ #before = null;

  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
    list.addEventListener('click', ({ target }) => {
      const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('[data-value]'));
      if (item) this.#close(item.dataset.value ?? '');
    });
    list.addEventListener('keydown', (event) => this.#key(event));
    document.addEventListener('pointerdown', ({ target }) => !list.contains(/** @type {Node} */ (target)) && this.#close(''));
  }

  /**
   * @param {{ x: number, y: number }} at of the window
   * @param {string} title
   * @param {Item[]} items
   * @returns {Promise<string>} the value; '' if nothing was chosen
   */
  choose(at, title, items) {
    this.#close('');
    this.#before = /** @type {HTMLElement | null} */ (document.activeElement);
    this.list.replaceChildren(make('p', 'flow-note', title), ...items.map(row));
    this.list.hidden = false;
    const { offsetWidth, offsetHeight } = this.list;
    this.list.style.left = `${Math.max(8, Math.min(at.x, innerWidth - offsetWidth - 8))}px`;
    this.list.style.top = `${Math.max(8, Math.min(at.y, innerHeight - offsetHeight - 8))}px`;
    /** @type {HTMLElement | null} */ (this.list.querySelector('button'))?.focus();
    return new Promise((resolve) => (this.#answer = resolve));
  }

  /** @param {string} value */
  #close(value) {
    if (this.list.hidden) return;
    this.list.hidden = true;
    this.#before?.focus();
    this.#answer?.(value);
    this.#answer = null;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Escape') this.#close('');
    else if (move) {
      const items = /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll('button')]);
      const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
      items[(at + move + items.length) % items.length].focus();
    } else if (event.key !== 'Enter' && event.key !== ' ') return;
    else {
      event.stopPropagation();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

/** @param {Item} item */
function row({ value, text, icon }) {
  const button = /** @type {HTMLButtonElement} */ (make('button', ''));
  button.type = 'button';
  button.setAttribute('role', 'menuitem');
  button.dataset.value = value;
  if (icon) {
    const sign = make('span', 'material-symbols-outlined', icon);
    sign.setAttribute('aria-hidden', 'true');
    button.append(sign);
  }
  button.append(text);
  return button;
}
