/** A line under a field that says what becomes of what was given there. */

/**
 * Empty `text`: the line goes.
 * @param {HTMLElement} field
 * @param {string} text
 * @param {{ fault?: boolean, progress?: number | null }} [how] progress in percent, for a bar
 */
export function note(field, text, { fault = false, progress = null } = {}) {
  const group = /** @type {HTMLElement} */ (field.closest('.group') ?? field.parentElement);
  const line = group.querySelector(':scope > .cc-note') ?? made(group);
  line.classList.toggle('cc-fault', fault);
  line.hidden = !text;
  const words = /** @type {HTMLElement} */ (line.querySelector('span'));
  if (words.textContent !== text) words.textContent = text; // a screen reader speaks what changes
  const bar = /** @type {HTMLProgressElement} */ (line.querySelector('progress'));
  bar.hidden = progress === null;
  bar.value = progress ?? 0;
}

/** @param {HTMLElement} group */
function made(group) {
  const line = document.createElement('p');
  line.className = 'cc-note';
  line.setAttribute('role', 'status');
  const bar = document.createElement('progress');
  bar.max = 100;
  bar.setAttribute('aria-hidden', 'true'); // the words say it
  line.append(document.createElement('span'), bar);
  group.append(line);
  return line;
}
