/**
 * Loudspeakers where the browser does not list them all (Firefox): the person picks one in the browser's own dialog, and a page may use it
 * once it has asked for it. Both need a click or a key (Audio Output Devices API, selectAudioOutput). A page that is loaded anew asks
 * for the same one again, by its id; the browser leaves out its dialog then, if it still permits it, and may give it another id.
 */

import { canChooseSpeaker, choose, chosen, keep, remembered } from './devices.js';
import { MediaError } from './errors.js';

const GESTURES = ['click', 'keydown'];

/** Whether this browser has such a dialog. */
export function asksForSpeakers() {
  return canChooseSpeaker() && 'selectAudioOutput' in (navigator.mediaDevices ?? {});
}

/**
 * Let the person pick; from a click or a key.
 * @returns {Promise<string>} the id, to be chosen; '' when he closed the dialog
 * @throws {MediaError} speaker-missing
 */
export async function pickSpeaker() {
  const id = await ask();
  if (id) keep({ picked: [...new Set([...picked(), id])] });
  return id;
}

/**
 * What was picked on a page before is asked for on the first click or key of this one.
 * @param {() => void} permitted it may be used now
 */
export function askAgain(permitted) {
  const wanted = new Set([chosen('speaker'), chosen('ringer')].filter((id) => picked().includes(id)));
  if (!asksForSpeakers() || !wanted.size) return;
  const again = async () => {
    if (navigator.userActivation && !navigator.userActivation.isActive) return; // Escape is no activation
    for (const name of GESTURES) document.removeEventListener(name, again, true);
    for (const id of wanted) replace(id, await ask(id).catch(() => '')); // which the menu of the devices tells
    permitted();
  };
  for (const name of GESTURES) document.addEventListener(name, again, true);
}

/** @returns {string[]} ids */
function picked() {
  const ids = remembered().picked;
  return Array.isArray(ids) ? ids : [];
}

/** @param {string} old @param {string} id of the same device; '': not permitted */
function replace(old, id) {
  if (!id || id === old) return;
  for (const role of /** @type {const} */ (['speaker', 'ringer'])) if (chosen(role) === old) choose(role, id);
  keep({ picked: [...picked().filter((one) => one !== old), id] });
}

/** @param {string} [deviceId] @returns {Promise<string>} */
async function ask(deviceId) {
  try {
    return (await /** @type {any} */ (navigator.mediaDevices).selectAudioOutput(deviceId ? { deviceId } : {})).deviceId;
  } catch (error) {
    const { name } = /** @type {any} */ (error);
    if (name === 'NotAllowedError') return '';
    throw name === 'NotFoundError' ? new MediaError('speaker-missing', error) : error;
  }
}
