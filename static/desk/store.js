/**
 * The state of the desk.
 *
 * @typedef {object} State
 * @property {object | null} me the agent's document (apps/switch/board.py AgentDocument)
 * @property {{ caller: string, dialled: string }} numbers the card's numbers as people write them
 * @property {Map<number, object>} queues documents by queue
 * @property {'connecting' | 'online' | 'offline' | 'signed_out'} link
 * @property {string} connection this page's name at the switch, new with every connection
 * @property {'off' | 'checking' | 'idle' | 'connecting' | 'connected' | 'interrupted' | 'failed'} phone the browser's media
 * @property {string} problem why the softphone does not work (code), '' if it does
 * @property {boolean} displaced another page of the same agent has the phone
 * @property {string} busy the request that is on its way
 * @property {string} [busyNumber] of the button that was pressed, if it has one
 * @property {{ text: string, act?: string } | null} notice
 * @property {object | null} lastCard the call that wrap-up is about
 * @property {object | null} lastNumbers
 * @property {{ id: number, number: string, name: string }[]} callers numbers that he may show to whom he calls
 * @property {string} about number of the customer whom the summary is about, as people write it
 * @property {string} calledOut whom he called last
 * @property {import('../softphone/quality.js').Quality | null} quality how the call sounds; null: not known, or no call
 * @property {object} day
 * @property {object | null} customer what is known of the number on the card (apps/live/record.py customer)
 */

export { Store } from '../live/store.js';
