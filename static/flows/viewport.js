/** What part of the diagram is seen, and how large: buttons, wheel, two fingers, dragging the ground. */

import { attributes } from '../live/sparing.js';

const SMALLEST = 0.02; // all of a flow of 300 steps
const LARGEST = 2;
const STEP = 1.25;
const MARGIN = 24; // px around what is brought into view
const READABLE = 0.8; // "show all" of a long flow begins no smaller than this

export class Viewport {
  /** @type {Map<number, { x: number, y: number }>} */ #fingers = new Map();
  /** What is to be seen when the room for the diagram has changed. */
  resized = () => {};
  scale = 1;
  x = 0;
  y = 0;
  size = { width: 1, height: 1 }; // of the whole picture

  /** @param {SVGSVGElement} svg @param {SVGGElement} view @param {(percent: number) => void} tell */
  constructor(svg, view, tell) {
    this.svg = svg; // larger than what is seen of it
    this.room = /** @type {HTMLElement} */ (svg.parentElement);
    this.view = view;
    this.tell = tell;
    new ResizeObserver(() => this.resized()).observe(this.room);
    svg.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    svg.addEventListener('pointerdown', (event) => this.#down(event));
    svg.addEventListener('pointermove', (event) => this.#move(event));
    for (const end of ['pointerup', 'pointercancel']) svg.addEventListener(end, (event) => this.#fingers.delete(/** @type {PointerEvent} */ (event).pointerId));
  }

  /** Where a point of the window is in the picture. @param {number} clientX @param {number} clientY */
  inside(clientX, clientY) {
    const { left, top } = this.svg.getBoundingClientRect();
    return { x: (clientX - left - this.x) / this.scale, y: (clientY - top - this.y) / this.scale };
  }

  /** @param {number} scale @param {{ x: number, y: number }} [about] point of the diagram that stays where it is */
  zoom(scale, about = { x: this.room.clientWidth / 2, y: this.room.clientHeight / 2 }) {
    const wanted = Math.min(LARGEST, Math.max(SMALLEST, scale));
    this.x = about.x - ((about.x - this.x) / this.scale) * wanted;
    this.y = about.y - ((about.y - this.y) / this.scale) * wanted;
    this.scale = wanted;
    this.#show();
  }

  larger() {
    this.zoom(this.scale * STEP);
  }

  smaller() {
    this.zoom(this.scale / STEP);
  }

  /** The whole flow. @param {boolean} [readable] rather a readable part of it */
  fit(readable = false) {
    const { clientWidth, clientHeight } = this.room;
    const fits = Math.min(1, clientWidth / this.size.width, clientHeight / this.size.height);
    this.scale = Math.max(SMALLEST, readable ? Math.max(READABLE, fits) : fits);
    this.x = Math.max(0, (clientWidth - this.size.width * this.scale) / 2);
    this.y = Math.max(0, (clientHeight - this.size.height * this.scale) / 2);
    this.#show();
  }

  /** Move as little as needed. @param {{ x: number, y: number, width: number, height: number }} box */
  reveal(box) {
    const { clientWidth, clientHeight } = this.room;
    const near = (/** @type {number} */ at, /** @type {number} */ length, /** @type {number} */ offset, /** @type {number} */ room) => {
      const from = at * this.scale + offset - MARGIN;
      const to = (at + length) * this.scale + offset + MARGIN;
      if (from < 0) return offset - from;
      return to > room ? offset - Math.min(to - room, from) : offset;
    };
    this.x = near(box.x, box.width, this.x, clientWidth);
    this.y = near(box.y, box.height, this.y, clientHeight);
    this.#show();
  }

  #show() {
    attributes(this.view, { transform: `translate(${this.x} ${this.y}) scale(${this.scale})` });
    this.tell(Math.round(this.scale * 100));
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      const { left, top } = this.svg.getBoundingClientRect();
      this.zoom(this.scale * Math.exp(-event.deltaY / 300), { x: event.clientX - left, y: event.clientY - top });
      return;
    }
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    this.x -= (event.shiftKey ? event.deltaY : event.deltaX) * lines;
    this.y -= (event.shiftKey ? 0 : event.deltaY) * lines;
    this.#show();
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (/** @type {Element} */ (event.target).closest('.port-hand')) return;
    this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    if (event.pointerType === 'mouse' && !event.buttons) {
      this.#fingers.delete(event.pointerId);
      return;
    }
    const now = { x: event.clientX, y: event.clientY };
    const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.#fingers.set(event.pointerId, now);
    if (other) this.#pinch(before, now, other);
    else {
      this.x += now.x - before.x;
      this.y += now.y - before.y;
      this.#show();
    }
  }

  /** @typedef {{ x: number, y: number }} Point @param {Point} before @param {Point} now @param {Point} other the finger that rests */
  #pinch(before, now, other) {
    const length = (/** @type {Point} */ a) => Math.max(1, Math.hypot(a.x - other.x, a.y - other.y));
    const { left, top } = this.svg.getBoundingClientRect();
    this.zoom((this.scale * length(now)) / length(before), { x: other.x - left, y: other.y - top });
  }
}
