/** A line under a field that says what becomes of what was given there. */

/**
 * Empty `text`: the line goes.
 * @param {HTMLElement} field
 * @param {string} text
 * @param {{ fault?: boolean, progress?: number | null }} [how] progress in percent, for a bar
 */
export function note(field, text, { fault = false, progress = null } = {}) {
  const place = placeOf(field);
  const line = /** @type {HTMLElement} */ (place.querySelector(':scope > .cc-note') ?? made(place));
  line.classList.toggle('cc-fault', fault);
  line.hidden = !text;
  const words = /** @type {HTMLElement} */ (line.querySelector('span'));
  if (words.textContent !== text) words.textContent = text; // a screen reader speaks what changes
  const bar = /** @type {HTMLProgressElement} */ (line.querySelector('progress'));
  bar.hidden = progress === null;
  if (progress) bar.value = progress;
  else bar.removeAttribute('value'); // nobody knows how far it is
}

/**
 * Where things are added to a field of the form: below it, within its cell. What is no field of the form is a place itself.
 * @param {HTMLElement} field
 * @returns {HTMLElement}
 */
export function placeOf(field) {
  return field.closest('.field-line')?.querySelector(':scope > .grow') ?? field;
}

/** @param {HTMLElement} place */
function made(place) {
  const line = document.createElement('p');
  line.className = 'cc-note';
  line.setAttribute('role', 'status');
  const bar = document.createElement('progress');
  bar.max = 100;
  bar.setAttribute('aria-hidden', 'true'); // the words say it
  line.append(document.createElement('span'), bar);
  place.append(line);
  return line;
}
