/** Dragging an exit to the step it shall lead to, or to nowhere, where a new step is made. */

/** @typedef {import('./diagram.js').Diagram} Diagram @typedef {import('./viewport.js').Viewport} Viewport */

const SLACK = 5; // px that a click may move

export class Wiring {
  /** @type {{ from: number, exit: string, x: number, y: number, moved: boolean, startX: number, startY: number } | null} */ #drag = null;

  /**
   * @param {Diagram} diagram
   * @param {Viewport} viewport
   * @param {(from: number, exit: string, to: number, at: { x: number, y: number }) => void} wired `exit` '' for one of the spare ones; `to` 0: nowhere
   */
  constructor(diagram, viewport, wired) {
    this.diagram = diagram;
    this.viewport = viewport;
    this.wired = wired;
    this.line = /** @type {SVGPathElement} */ (diagram.root.querySelector('.wire'));
    diagram.root.addEventListener('pointerdown', (event) => this.#down(event));
    diagram.root.addEventListener('pointermove', (event) => this.#move(event));
    diagram.root.addEventListener('pointerup', (event) => this.#up(event));
    diagram.root.addEventListener('pointercancel', () => this.cancel());
  }

  /** Whether something is being dragged. */
  get busy() {
    return this.#drag !== null;
  }

  cancel() {
    this.#drag = null;
    this.line.setAttribute('hidden', '');
    this.#aim(undefined);
  }

  /** @param {PointerEvent} event */
  #down(event) {
    const hand = /** @type {Element} */ (event.target).closest('.port-hand');
    const box = this.diagram.boxAt(hand);
    if (!hand || !box || event.button) return;
    event.preventDefault();
    this.diagram.root.setPointerCapture(event.pointerId);
    const x = box.x + box.width;
    const y = box.y + Number(hand.getAttribute('cy'));
    this.#drag = { from: box.id, exit: hand.getAttribute('data-exit') ?? '', x, y, moved: false, startX: event.clientX, startY: event.clientY };
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const drag = this.#drag;
    if (!drag) return;
    drag.moved ||= Math.hypot(event.clientX - drag.startX, event.clientY - drag.startY) > SLACK;
    if (!drag.moved) return;
    const { x, y } = this.viewport.inside(event.clientX, event.clientY);
    const bend = Math.max(30, Math.abs(x - drag.x) / 2);
    this.line.setAttribute('d', `M${drag.x} ${drag.y} C${drag.x + bend} ${drag.y} ${x - bend} ${y} ${x} ${y}`);
    this.line.removeAttribute('hidden');
    this.#aim(this.#under(event));
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const drag = this.#drag;
    this.cancel();
    if (drag?.moved) this.wired(drag.from, drag.exit, this.#under(event)?.id ?? 0, { x: event.clientX, y: event.clientY });
  }

  /** @param {PointerEvent} event */
  #under(event) {
    return this.diagram.boxAt(document.elementFromPoint(event.clientX, event.clientY));
  }

  /** @param {import('./shapes.js').Box | undefined} box */
  #aim(box) {
    for (const element of this.diagram.root.querySelectorAll('.flow-box.aimed')) element.classList.remove('aimed');
    if (box) this.diagram.root.querySelector(`[data-step="${box.id}"]`)?.classList.add('aimed');
  }
}
