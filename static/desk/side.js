/** Views: queues, customer. */

import { day as dayOf, find, make, timeOfDay, write } from '../live/page.js';
import { duration, show } from '../live/clock.js';
import { attributes, rows, setText } from '../live/sparing.js';
import { say } from '../live/words.js';
import { went } from './day.js';
import { callerName } from './panel.js';

/** @param {import('./store.js').State} state */
export function showQueues({ queues }) {
  const list = find('#queues');
  const shown = [...queues.values()].filter(Boolean).sort((a, b) => a.name.localeCompare(b.name));
  rows(list, shown, newRow, { key: ({ queue }) => String(queue), fill });
  write('no-queues', shown.length ? '' : say('queues.none'));
}

/** @param {any} queue */
function newRow({ queue }) {
  const row = make(
    'li', 'queue', make('span', 'queue-name'), make('span', 'figure waiting'), make('span', 'time longest'),
    make('span', 'staff'), make('span', 'small muted queue-ready'),
  );
  row.dataset.queue = queue;
  return row;
}

/** @param {HTMLElement} row @param {any} queue */
function fill(row, queue) {
  const [name, waiting, longest, staff, ready] = /** @type {HTMLElement[]} */ ([...row.children]);
  setText(name, queue.name);
  setText(waiting, queue.waiting);
  row.classList.toggle('busy', queue.waiting > 0);
  show(longest, { since: queue.waiting ? queue.oldest : null });
  const people = [['ready', queue.ready], ['connected', queue.connected], ['paused', queue.paused]];
  rows(staff, people.filter(([, count]) => count), ([kind]) => make('i', kind), {
    key: ([kind]) => kind,
    fill: (part, [, count]) => part.style.setProperty('--people', String(count)),
  });
  attributes(staff, { title: say('queue.staff', queue) });
  setText(ready, say('queue.ready', { count: queue.ready }));
}

/** @param {import('./store.js').State} state */
export function showCustomer(state) {
  const { me, numbers, lastCard, lastNumbers, customer } = state;
  const card = me?.card ?? (me?.status === 'wrap_up' ? lastCard : null);
  const shown = me?.card ? numbers : lastNumbers;
  const number = card ? shown?.caller || say('caller.withheld') : '';
  const name = card ? callerName(state, card) : '';
  write('customer-name', name || number);
  write('customer-number', name ? number : '');
  const known = card && customer?.caller === card.caller ? customer : null;
  showContacts(known, name);
  const earlier = known?.earlier ?? null;
  write('earlier-title', earlier?.count ? say('earlier.count', earlier) : '');
  rows(find('#earlier'), earlier?.last ?? [], earlierRow);
  write('earlier-none', earlierNone(card, earlier));
}

/** Whose number it is; of several contacts nobody knows which one calls. @param {any} customer @param {string} name that stands above */
function showContacts(customer, name) {
  const contacts = customer?.contacts ?? [];
  write('customer-several', contacts.length > 1 ? say('customer.several') : '');
  const named = (/** @type {any} */ contact) => contacts.length > 1 || contact.name !== name;
  rows(find('#contacts'), contacts.map((/** @type {any} */ contact) => ({ ...contact, name: named(contact) ? contact.name : '' })), contactRow);
  write('customer-more', customer?.more ? say('customer.more', { count: customer.more }) : '');
}

/** @param {any} contact with a name only if that must be told */
function contactRow({ name, company, tags, note }) {
  const who = [name, company].filter(Boolean).join(' · ');
  const lines = [[who, ''], [tags, 'small muted'], [note, 'small note']];
  return make('li', '', ...lines.filter(([text]) => text).map(([text, how]) => make('p', how, text)));
}

/** @param {any} card @param {any} earlier */
function earlierNone(card, earlier) {
  if (!card) return say('earlier.nobody');
  if (!card.caller) return say('earlier.withheld');
  return earlier && !earlier.count ? say('earlier.none') : '';
}

/** @param {any} call */
function earlierRow(call) {
  const about = [call.queue, call.answered || call.out ? call.agent : '', call.answered ? '' : went(call)].filter(Boolean).join(' · ');
  const when = `${dayOf(call.at)} ${timeOfDay(call.at)}`;
  const said = [call.disposition ? make('span', 'went', call.disposition) : '', call.note ? make('span', 'noted', call.note) : ''];
  return make(
    'li', '', make('span', 'time muted', when), make('span', 'who', about), make('span', 'time', call.answered ? duration(call.talked) : '–'), ...said,
  );
}
