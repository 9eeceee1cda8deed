/** The menus of microphone, loudspeaker and ringing device: what is in use, and what of it was plugged in or out. */

import { choose, chosen, deviceOf, listDevices, watchDevices } from '../softphone/devices.js';
import { askAgain, asksForSpeakers, pickSpeaker } from '../softphone/speakers.js';
import { find } from '../live/page.js';
import { options } from '../live/sparing.js';
import { say } from '../live/words.js';

/** @typedef {import('../softphone/devices.js').Role} Role */
/** @typedef {import('../softphone/devices.js').Device} Device */

const ROLES = /** @type {Role[]} */ (['microphone', 'speaker', 'ringer']);

/**
 * @param {import('./phone.js').Phone} phone
 * @param {import('./actions.js').Actions} actions
 */
export function startDevices(phone, actions) {
  const menus = new DeviceMenus(phone, actions);
  document.querySelector('.phone')?.addEventListener('click', () => void menus.fill());
  phone.softphone.addEventListener('microphone', () => void menus.fill());
  watchDevices(() => void menus.plugged());
  const pick = find('#pick-speaker');
  pick.hidden = !asksForSpeakers();
  pick.addEventListener('click', () => void menus.pick());
  askAgain(() => void menus.permitted());
  void menus.fill();
}

class DeviceMenus {
  /** @type {Map<string, string>} id -> label of all that were ever there */ #names = new Map();
  /** @type {Role[] | null} whose chosen device is away; null: nobody has looked yet */ #away = null;
  #selects = /** @type {NodeListOf<HTMLSelectElement>} */ (document.querySelectorAll('[data-device]'));

  /**
   * @param {import('./phone.js').Phone} phone
   * @param {import('./actions.js').Actions} actions
   */
  constructor(phone, actions) {
    this.phone = phone;
    this.actions = actions;
    for (const select of this.#selects) {
      select.addEventListener('change', () => void this.#use(/** @type {Role} */ (select.dataset.device), select.value));
    }
  }

  /** Microphone and loudspeaker are the softphone's to look after. */
  async plugged() {
    await this.phone.ringer.rerouted();
    await this.fill();
  }

  /** A loudspeaker that the browser does not list. */
  async pick() {
    const id = await pickSpeaker().catch((error) => this.actions.fail(error));
    if (id) await this.#use('speaker', id);
  }

  /** Loudspeakers that were picked on a page before, in a call that has gone on meanwhile too. */
  async permitted() {
    this.#away = null; // they were not away
    await this.phone.softphone.use('speaker', chosen('speaker'));
    await this.plugged();
  }

  async fill() {
    const { microphones, speakers } = await listDevices();
    const listed = { microphone: microphones, speaker: speakers, ringer: speakers };
    const all = [...microphones, ...speakers];
    for (const { id, label } of all) if (label) this.#names.set(id, label);
    if (!all.some(({ id }) => id)) return this.#empty(); // the browser names none before the microphone is permitted
    for (const select of this.#selects) {
      const role = /** @type {Role} */ (select.dataset.device);
      const named = listed[role].filter(({ id, label }) => id && label && id !== 'default' && id !== 'communications');
      this.#show(select, named, this.#inUse(role, listed[role]));
    }
    this.#tell(ROLES.filter((role) => chosen(role) !== this.#inUse(role, listed[role])));
  }

  #empty() {
    for (const select of this.#selects) options(select, [system()]);
  }

  /** @param {Role} role @param {string} id */
  async #use(role, id) {
    this.#away = null; // he looks himself
    try {
      if (role === 'ringer') {
        choose(role, id);
        await this.phone.ringer.rerouted();
        await this.phone.ringer.beep();
      } else await this.phone.softphone.use(role, id);
    } catch (error) {
      this.actions.fail(error);
    }
    await this.fill();
  }

  /**
   * The id of the device that `role` has; '': the system's choice. A microphone tells which it is, loudspeakers follow what is there.
   * @param {Role} role
   * @param {Device[]} listed
   */
  #inUse(role, listed) {
    const id = chosen(role);
    const { microphone } = this.phone.softphone;
    if (!listed.some((device) => device.id === id)) return '';
    return role === 'microphone' && microphone && deviceOf(microphone) !== id ? '' : id;
  }

  /**
   * One that is away stands there as such, so that it can be given up for the system's choice.
   * @param {HTMLSelectElement} select
   * @param {Device[]} named
   * @param {string} inUse
   */
  #show(select, named, inUse) {
    const id = chosen(/** @type {Role} */ (select.dataset.device));
    const away = id && !named.some((device) => device.id === id) ? [{ id, label: this.#nameAway(id) }] : [];
    options(select, [system(), ...[...named, ...away].map(option)]);
    select.value = away.length ? id : inUse;
  }

  /** @param {string} id */
  #nameAway(id) {
    const device = this.#names.get(id);
    return device ? say('device.away', { device }) : say('device.away.nameless');
  }

  /** In words, once for a headset, which is three devices. @param {Role[]} away */
  #tell(away) {
    const before = this.#away;
    this.#away = away;
    if (!before) return;
    this.#tellOf('device.gone', away.filter((role) => !before.includes(role)));
    this.#tellOf('device.back', before.filter((role) => !away.includes(role)));
  }

  /** @param {string} words @param {Role[]} roles */
  #tellOf(words, roles) {
    const names = new Set(roles.map((role) => this.#names.get(chosen(role)) ?? ''));
    names.delete('');
    if (names.size) this.actions.tell(say(words, { device: new Intl.ListFormat(document.documentElement.lang).format(names) }));
  }
}

/** @returns {[string, string]} */
function system() {
  return [say('device.default'), ''];
}

/** @param {Device} device @returns {[string, string]} */
function option({ id, label }) {
  return [label, id];
}
