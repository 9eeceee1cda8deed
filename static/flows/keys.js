/** The keyboard: arrows go along the lines, letters do what buttons do. Not while somebody types. */

/** @typedef {import('./shapes.js').Box} Box @typedef {import('./shapes.js').Picture} Picture */

/** @param {Picture} picture @param {Box} box @param {string} key @param {number} from the step that one came from @returns {number} the next step, 0: none */
export function next(picture, box, key, from) {
  const column = picture.boxes.filter(({ x }) => x === box.x).sort((a, b) => a.y - b.y);
  const at = column.indexOf(box);
  switch (key) {
    case 'ArrowRight':
      return box.ports.find(({ to }) => to)?.to ?? 0;
    case 'ArrowLeft': {
      const sources = picture.lines.filter(({ to }) => to === box.id).map((line) => line.from);
      return sources.includes(from) ? from : (sources[0] ?? 0);
    }
    case 'ArrowDown':
      return column[at + 1]?.id ?? 0;
    case 'ArrowUp':
      return column[at - 1]?.id ?? 0;
    case 'Home':
      return picture.boxes.find(({ first }) => first)?.id ?? 0;
    default:
      return 0;
  }
}

const TYPING = 'input:not([type="checkbox"]):not([type="radio"]), textarea, select, [contenteditable]';

/** @type {Record<string, string>} */
const LETTERS = { a: 'add', A: 'add', p: 'next-problem', P: 'next-problem', '/': 'find', '+': 'zoom-in', '-': 'zoom-out', 0: 'zoom-fit', '?': 'keys' };

/** What a key asks for, anywhere on the page; '' nothing. @param {KeyboardEvent} event */
export function wish(event) {
  const typing = /** @type {Element} */ (event.target).closest?.(TYPING);
  if (event.ctrlKey || event.metaKey) {
    if (typing || event.altKey) return '';
    const key = event.key.toLowerCase();
    if (key === 'z') return event.shiftKey ? 'redo' : 'undo';
    return key === 'y' ? 'redo' : '';
  }
  if (event.key === 'Escape') return 'close';
  return typing || event.altKey ? '' : (LETTERS[event.key] ?? '');
}
