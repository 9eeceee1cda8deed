/** What scripts say, in the page's language: a JSON object in the page (apps/desk/words.py). */

/** @type {Record<string, string>} */
let catalogue = {};

/** To what is known already. @param {Record<string, string>} words */
export function learn(words) {
  catalogue = { ...catalogue, ...words };
}

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values] for the {places} in the text
 */
export function say(key, values = {}) {
  const text = catalogue[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

/** @param {string} key */
export function known(key) {
  return key in catalogue;
}

/** The words for an error: of the server (Refusal), of the browser's media (MediaError), or of neither. @param {any} error */
export function sayError(error) {
  for (const family of ['refused', 'media']) {
    const key = `${family}.${error?.code}`;
    if (known(key)) return say(key);
  }
  console.error(error);
  return say('refused.fault');
}
