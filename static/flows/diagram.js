/** The diagram: boxes and lines follow the picture; only what differs is drawn anew, so that focus stays where it is. */

import { drawBox, spoken, svg } from './shapes.js';
import { attributes } from '../live/sparing.js';

/** @typedef {import('./shapes.js').Box} Box @typedef {import('./shapes.js').Picture} Picture */

/** What a diagram shows besides the picture. @typedef {{ selected: number, unsaved: Set<number>, passed: Map<number, string>, here: number }} Marks */

export class Diagram {
  /** @type {Map<number, { element: SVGElement, drawn: string }>} */ #boxes = new Map();
  /** @type {Map<string, SVGElement>} */ #lines = new Map();
  /** @type {Map<number, Box>} */ boxes = new Map();
  /** @type {Picture | null} */ #shown = null;

  /** @param {SVGSVGElement} root */
  constructor(root) {
    this.root = root;
    this.boxLayer = /** @type {SVGGElement} */ (root.querySelector('.boxes'));
    this.lineLayer = /** @type {SVGGElement} */ (root.querySelector('.lines'));
  }

  /** @param {Picture} picture @param {Marks} marks */
  show(picture, marks) {
    if (picture !== this.#shown) this.#draw(picture);
    this.#shown = picture;
    for (const [id, { element }] of this.#boxes) {
      element.classList.toggle('selected', id === marks.selected);
      element.classList.toggle('unsaved', marks.unsaved.has(id));
      element.classList.toggle('passed', marks.passed.has(id));
      element.classList.toggle('here', id === marks.here);
      attributes(element, { 'aria-pressed': String(id === marks.selected) });
      this.#tell(element, marks.passed.get(id) ?? '');
    }
    this.#rove(marks.selected || this.#focused() || this.first()?.id || 0);
  }

  /** @param {number} id */
  focus(id) {
    const found = this.#boxes.get(id);
    if (found) this.#rove(id);
    found?.element.focus({ preventScroll: true });
    return Boolean(found);
  }

  first() {
    return [...this.boxes.values()].find((box) => box.first) ?? [...this.boxes.values()][0];
  }

  /** @param {EventTarget | null} target @returns {Box | undefined} */
  boxAt(target) {
    const element = /** @type {Element | null} */ (target)?.closest?.('.flow-box');
    return this.boxes.get(Number(element?.getAttribute('data-step')));
  }

  /** The step of a call's path that a line goes from and to. @param {(from: number, to: number) => boolean} passed */
  markLines(passed) {
    for (const element of this.#lines.values()) {
      element.classList.toggle('passed', passed(Number(element.getAttribute('data-from')), Number(element.getAttribute('data-to'))));
    }
  }

  #focused() {
    return this.boxAt(document.activeElement)?.id ?? 0;
  }

  /** One box is in the tab order: the others are reached with arrow keys. @param {number} id */
  #rove(id) {
    for (const [other, { element }] of this.#boxes) attributes(element, { tabindex: other === id ? 0 : -1 });
  }

  /** What a caller did here. @param {SVGElement} element @param {string} text */
  #tell(element, text) {
    let label = element.querySelector('.passed-text');
    if (!text && !label) return;
    if (!label) label = element.appendChild(svg('text', { class: 'passed-text', x: 12, y: -6 }));
    if (label.textContent !== text) label.textContent = text;
  }

  /** @param {Picture} picture */
  #draw(picture) {
    this.boxes = new Map(picture.boxes.map((box) => [box.id, box]));
    const nameOf = (/** @type {number} */ id) => this.boxes.get(id)?.name ?? '';
    for (const [id, { element }] of this.#boxes) {
      if (!this.boxes.has(id)) {
        element.remove();
        this.#boxes.delete(id);
      }
    }
    for (const box of picture.boxes) this.#drawBox(box, picture.editable, spoken(box, nameOf));
    this.#drawLines(picture);
  }

  /** @param {Box} box @param {boolean} editable @param {string} label */
  #drawBox(box, editable, label) {
    let entry = this.#boxes.get(box.id);
    if (!entry) {
      const element = svg('g', { class: 'flow-box', role: 'button', 'data-step': box.id, tabindex: -1 });
      this.boxLayer.append(element);
      this.#boxes.set(box.id, (entry = { element, drawn: '' }));
    }
    const { element } = entry;
    attributes(element, { transform: `translate(${box.x} ${box.y})`, 'aria-label': label });
    const drawn = JSON.stringify({ ...box, x: 0, y: 0, ports: box.ports.map((port) => ({ ...port, y: port.y - box.y })) });
    if (drawn === entry.drawn) return;
    entry.drawn = drawn;
    element.setAttribute('class', `flow-box${box.problems.some((problem) => !problem.warning) ? ' flow-box-problem' : ''}`);
    element.replaceChildren(...drawBox(box, editable));
  }

  /** @param {Picture} picture */
  #drawLines(picture) {
    const wanted = new Map(picture.lines.map((line) => [`${line.from} ${line.exit}`, line]));
    for (const [key, element] of this.#lines) {
      if (!wanted.has(key)) {
        element.remove();
        this.#lines.delete(key);
      }
    }
    for (const [key, line] of wanted) {
      let element = this.#lines.get(key);
      if (!element) {
        element = svg('path', { 'marker-end': 'url(#flow-arrow)', 'data-from': line.from });
        this.lineLayer.append(element);
        this.#lines.set(key, element);
      }
      element.classList.toggle('flow-line', true); // `add` tells a change where there is none
      element.classList.toggle('flow-line-back', line.back);
      attributes(element, { 'data-to': line.to, d: line.d });
    }
  }
}
