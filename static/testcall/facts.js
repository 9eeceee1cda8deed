/** Facts of a call in words, as the journal has them (apps/live/modules/testcall.py). */

import { known, say } from '../live/words.js';

const CODES = ['cause', 'result', 'exit'];

/** @param {any} event */
export function inWords(event) {
  const values = { ...event };
  for (const key of CODES) if (known(`word.${event[key]}`)) values[key] = say(`word.${event[key]}`);
  values.value = event.label || event.value || '';
  return say(`test.${event.what}`, values).trim();
}
