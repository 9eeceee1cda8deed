/**
 * Microphone, speaker and ringing device: which there are, which the person chose. The choice is kept in this browser
 * (localStorage) as device ids, which mean nothing outside it.
 */

import { MediaError } from './errors.js';

/** @typedef {'microphone' | 'speaker' | 'ringer'} Role */
/** @typedef {{ id: string, label: string }} Device */
/** @typedef {{ microphones: Device[], speakers: Device[] }} Devices speakers is empty where the browser cannot choose one */

const KEY = 'cc.devices';
const VOICE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
/** @type {Record<string, import('./errors.js').MediaErrorCode>} */
const CODES = {
  NotAllowedError: 'microphone-denied',
  SecurityError: 'microphone-denied',
  NotFoundError: 'microphone-missing',
  OverconstrainedError: 'microphone-missing',
  NotReadableError: 'microphone-busy',
  AbortError: 'microphone-busy',
};

/** @typedef {Partial<Record<Role, string>> & { picked?: string[] }} Remembered picked: see speakers.js */

/** @returns {Remembered} */
export function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}');
  } catch {
    return {}; // storage is switched off, or somebody wrote nonsense there: the system's devices do
  }
}

/**
 * The device chosen for `role`; '' is the system's own choice.
 * @param {Role} role
 * @returns {string}
 */
export function chosen(role) {
  return remembered()[role] ?? '';
}

/**
 * Remember `id` for `role` ('': the system's own choice).
 * @param {Role} role
 * @param {string} id
 */
export function choose(role, id) {
  keep({ [role]: id });
}

/** @param {Remembered} choices beside those that are there */
export function keep(choices) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...remembered(), ...choices }));
  } catch (error) {
    console.warn('The choice of device holds until the page is closed only', error);
  }
}

/**
 * All devices. Labels are empty until the microphone has been permitted once.
 * @returns {Promise<Devices>}
 */
export async function listDevices() {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const of = (/** @type {MediaDeviceKind} */ kind) =>
    all.filter((device) => device.kind === kind).map(({ deviceId, label }) => ({ id: deviceId, label }));
  return { microphones: of('audioinput'), speakers: canChooseSpeaker() ? of('audiooutput') : [] };
}

/** Whether the device that was chosen for `role` is plugged in; the system always has one. @param {Role} role */
export async function isThere(role) {
  const id = chosen(role);
  if (!id) return true;
  const { microphones, speakers } = await listDevices();
  return (role === 'microphone' ? microphones : speakers).some((device) => device.id === id);
}

/** The id of the device that `microphone` comes from; '' where the browser does not tell. @param {MediaStream} microphone */
export function deviceOf(microphone) {
  return microphone.getAudioTracks()[0].getSettings().deviceId ?? '';
}

/** Whether this browser lets a page say where sound goes. */
export function canChooseSpeaker() {
  return 'setSinkId' in HTMLMediaElement.prototype;
}

/**
 * Tells when a headset is plugged in or out.
 * @param {() => void} changed
 * @returns {() => void} stops telling
 */
export function watchDevices(changed) {
  navigator.mediaDevices?.addEventListener('devicechange', changed);
  return () => navigator.mediaDevices?.removeEventListener('devicechange', changed);
}

/**
 * The microphone's permission without asking for it: 'prompt' also where the browser does not tell.
 * @returns {Promise<PermissionState>}
 */
export async function microphonePermission() {
  try {
    return (await navigator.permissions.query({ name: /** @type {PermissionName} */ ('microphone') })).state;
  } catch {
    return 'prompt'; // Firefox has this query since version 132 only
  }
}

/**
 * Open the chosen microphone; when that one is gone, the system's. The browser asks the person the first time.
 * The caller stops the tracks.
 * @returns {Promise<MediaStream>}
 * @throws {MediaError} microphone-denied, microphone-missing, microphone-busy, insecure-page
 */
export async function openMicrophone() {
  if (!navigator.mediaDevices) throw new MediaError('insecure-page');
  const id = chosen('microphone');
  try {
    return await capture(id);
  } catch (error) {
    if (!id || codeOf(error) !== 'microphone-missing') throw new MediaError(codeOf(error), error);
  }
  try {
    return await capture('');
  } catch (error) {
    throw new MediaError(codeOf(error), error);
  }
}

/** @param {string} id */
function capture(id) {
  return navigator.mediaDevices.getUserMedia({ audio: id ? { ...VOICE, deviceId: { exact: id } } : VOICE });
}

/** @param {unknown} error */
function codeOf(error) {
  return CODES[/** @type {any} */ (error)?.name] ?? 'microphone-busy'; // an OverconstrainedError is a DOMException in new browsers only
}

/**
 * Send the sound of `element` to the device chosen for `role`; a device that is gone gives the system's. Asks nothing that a hidden page
 * waits for (Media Capture and Streams, 9.2: devices are listed for a page that is seen).
 * @param {HTMLMediaElement} element
 * @param {Role} role
 */
export async function route(element, role) {
  if (!canChooseSpeaker()) return;
  try {
    await element.setSinkId(chosen(role));
  } catch {
    await element.setSinkId('');
  }
}

/**
 * The same after something was plugged in or out, or chosen. An element whose device was taken away still has its id, and would not take
 * it up again when told the same.
 * @param {HTMLMediaElement} element
 * @param {Role} role
 */
export async function reroute(element, role) {
  if (canChooseSpeaker() && !(await isThere(role))) await element.setSinkId('');
  else await route(element, role);
}
