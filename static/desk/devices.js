/** The menu of microphone, loudspeaker and ringing device. */

import { choose, chosen, listDevices, watchDevices } from '../softphone/devices.js';
import { options } from '../live/sparing.js';
import { say } from '../live/words.js';

/** @typedef {import('../softphone/devices.js').Role} Role */

/**
 * @param {import('./phone.js').Phone} phone
 * @param {(error: any) => void} failed
 */
export function startDevices(phone, failed) {
  const selects = /** @type {NodeListOf<HTMLSelectElement>} */ (document.querySelectorAll('[data-device]'));
  const refresh = () => void fillAll(selects);
  for (const select of selects) {
    select.addEventListener('change', () => use(phone, /** @type {Role} */ (select.dataset.device), select.value).catch(failed));
  }
  document.querySelector('.phone')?.addEventListener('click', refresh);
  watchDevices(refresh);
  refresh();
}

/** @param {import('./phone.js').Phone} phone @param {Role} role @param {string} id */
async function use(phone, role, id) {
  if (role === 'ringer') {
    choose(role, id);
    await phone.ringer.rerouted();
    await phone.ringer.beep();
  } else await phone.softphone.use(role, id);
}

/** @param {Iterable<HTMLSelectElement>} selects */
async function fillAll(selects) {
  const { microphones, speakers } = await listDevices();
  for (const select of selects) {
    const role = /** @type {Role} */ (select.dataset.device);
    const devices = role === 'microphone' ? microphones : speakers;
    const named = devices.filter(({ id, label }) => id && label && id !== 'default' && id !== 'communications');
    options(select, [[say('device.default'), ''], .../** @type {[string, string][]} */ (named.map(({ id, label }) => [label, id]))]);
    select.value = chosen(role);
    if (select.selectedIndex < 0) select.selectedIndex = 0;
  }
}
