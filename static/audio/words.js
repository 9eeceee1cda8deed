/** What the page says, in the reader's language. */

/** @type {Record<string, string>} */
export const words = JSON.parse(document.getElementById('sound-words')?.textContent ?? '{}');

/**
 * `text` with each {name} replaced.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}
