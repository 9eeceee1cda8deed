/** To whom a customer can be brought, as a list of options for what stands in the field (TR-01). */

import { known, say } from '../live/words.js';

const NUMBER = /^\+?[\d\s()-]{3,}$/;

/**
 * @typedef {object} Option
 * @property {string} key the same as long as it is the same target
 * @property {{ kind: string, id?: number, number?: string }} to
 * @property {string} name
 * @property {string} about status, queue's figures, number
 * @property {string} sign icon of its kind
 * @property {boolean} free whether it can be chosen now
 * @property {boolean} asks whether it can be asked first
 */

/**
 * @param {{ agents: any[], queues: any[], flows: any[] }} targets
 * @param {any[]} contacts found for `text`
 * @param {string} text
 * @returns {Option[]} a typed number first; then agents (the free ones before the others), queues, contacts, flows
 */
export function optionsFor({ agents, queues, flows }, contacts, text) {
  const wanted = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const fits = (/** @type {{ name: string }} */ { name }) => wanted.every((word) => name.toLocaleLowerCase().includes(word));
  const typed = NUMBER.test(text.trim()) ? [ofNumber(text.trim())] : [];
  return [...typed, ...agents.filter(fits).map(ofAgent), ...queues.filter(fits).map(ofQueue), ...contacts.flatMap(ofContact), ...flows.filter(fits).map(ofFlow)];
}

/** @param {string} number @returns {Option} */
function ofNumber(number) {
  return { key: 'typed', to: { kind: 'number', number }, name: number, about: say('target.number'), sign: 'i-phone', free: true, asks: true };
}

/** @param {any} agent @returns {Option} */
function ofAgent({ id, name, status, reason, free }) {
  const about = status === 'pause' && reason ? reason : known(`status.${status}`) ? say(`status.${status}`) : status;
  return { key: `agent:${id}`, to: { kind: 'agent', id }, name, about, sign: 'i-user', free, asks: true };
}

/** @param {any} queue @returns {Option} */
function ofQueue({ id, name, waiting, ready, served }) {
  const about = served ? say('target.queue', { waiting, ready }) : say('target.unserved');
  return { key: `queue:${id}`, to: { kind: 'queue', id }, name, about, sign: 'i-queue', free: served, asks: true };
}

/** @param {any} flow @returns {Option} */
function ofFlow({ id, name }) {
  return { key: `flow:${id}`, to: { kind: 'flow', id }, name, about: say('target.flow'), sign: 'i-flow', free: true, asks: false };
}

/** @param {any} contact @returns {Option[]} */
function ofContact({ name, company, numbers }) {
  return numbers.map((/** @type {any} */ { number, shown, calls }) => ({
    key: `number:${number}`, to: { kind: 'number', number }, name: company ? `${name}, ${company}` : name, about: shown, sign: 'i-phone', free: calls, asks: true,
  }));
}
