/** The agent's desk: one store, one connection, one clock; views are functions of the store. */

import { find, startMenus, startTheme } from '../live/page.js';
import { everySecond, setServerTime, start as startClock } from '../live/clock.js';
import { Live } from '../live/socket.js';
import { learn } from '../live/words.js';
import { Actions } from './actions.js';
import { drawAttention } from './attention.js';
import { showCallOut, startCallOut } from './call_out.js';
import { showConsult } from './consult.js';
import { askDay, askDayAgain, showDay } from './day.js';
import { startDevices } from './devices.js';
import { startDirectory } from './directory.js';
import { showHeader } from './header.js';
import { startKeypad } from './keypad.js';
import { startKeys } from './keys.js';
import { showQuality, startQuality } from './quality.js';
import { showLogOn, startLogOn } from './log_on.js';
import { showNotice, startNotice } from './notice.js';
import { startNotifications } from './notification.js';
import { Phone } from './phone.js';
import { showCustomer, showQueues } from './side.js';
import { drawRing, showStage } from './stage.js';
import { showSummary, startSummary } from './summary.js';
import { Store } from './store.js';
import { showTransfer, startTransfer } from './transfer.js';

const CUSTOMER_AGAIN_MS = 3000;
const first = JSON.parse(find('#state').textContent ?? '');
learn(first.words);
setServerTime(first.now);

const store = new Store({
  me: null, numbers: { caller: '', dialled: '' }, queues: new Map(), link: 'connecting', connection: '', phone: 'off', problem: '',
  displaced: false, busy: '', notice: null, lastCard: null, lastNumbers: null, day: first.day, customer: first.customer,
  callers: [], calledOut: '', about: '', quality: null,
});
const known = Object.fromEntries(first.entries.map((/** @type {any} */ { topic, seq }) => [topic, seq]));
const live = new Live({ known, desk: true, phone: true });
const phone = new Phone(store, live, { autoAnswer: first.autoAnswer, failed: (error) => actions.fail(error), level: showLevel });
const actions = new Actions(store, live, phone);

/** @param {any[]} entries of the board */
function take(entries) {
  const queues = new Map(store.state.queues);
  for (const { topic, document, ...more } of entries) {
    const [kind, id] = topic.split(':');
    if (kind === 'queue') queues.set(Number(id), document);
    else takeMe(document, more);
  }
  store.set({ queues });
}

/** @param {any} me @param {any} more numbers as people write them */
function takeMe(me, { numbers, callers, called_out: calledOut, about }) {
  const before = store.state.me;
  if (before?.card && !me?.card) store.set({ lastCard: before.card, lastNumbers: store.state.numbers });
  store.set({ me, numbers: numbers ?? { caller: '', dialled: '' }, callers: callers ?? [], calledOut: calledOut ?? '', about: about ?? '' });
  if (before !== null && me?.card && me.card.leg !== before?.card?.leg) void askCustomer();
  if (before && isDayAnother(before, me)) void askDay(store, live);
}

/** Not worth a message when it fails, the call itself is; but asked for until it is there. */
async function askCustomer() {
  const leg = store.state.me?.card?.leg;
  const answer = await live.ask('desk.customer').catch(() => null);
  if (answer) store.set({ customer: answer.customer });
  else setTimeout(() => live.connection && leg === store.state.me?.card?.leg && void askCustomer(), CUSTOMER_AGAIN_MS);
}

/** What was asked on the connection before was never answered. */
function askCustomerAgain() {
  const { me, customer } = store.state;
  if (me?.card && customer?.caller !== me.card.caller) void askCustomer();
}

/** A call is over, or the day. @param {any} before @param {any} me */
function isDayAnother(before, me) {
  return Boolean(before.card && before.card.leg !== me?.card?.leg) || before.calls_today !== me?.calls_today;
}

/** @param {number} level 0 to 1 */
function showLevel(level) {
  const bars = find('.level').children;
  for (let i = 0; i < bars.length; i++) bars[i].classList.toggle('on', level > (i + 0.5) / bars.length);
}

function draw() {
  const { state } = store;
  showHeader(state, first.profiles);
  showStage(state);
  showQuality(state);
  showSummary(state);
  showConsult(state);
  showTransfer(state);
  showCallOut(state);
  showLogOn(state);
  showNotice(state);
  showQueues(state);
  showDay(state);
  showCustomer(state);
  drawAttention(state);
}

live.addEventListener('link', (event) => store.set({ link: /** @type {CustomEvent} */ (event).detail, connection: live.connection }));
live.addEventListener('hello', askCustomerAgain);
live.addEventListener('hello', () => askDayAgain(store, live));
live.addEventListener('hello', (event) => setServerTime(/** @type {CustomEvent} */ (event).detail.now));
live.addEventListener('now', (event) => setServerTime(/** @type {CustomEvent} */ (event).detail));
live.addEventListener('board', (event) => take(/** @type {CustomEvent} */ (event).detail.entries));
live.addEventListener('topics', (event) => {
  const { topics } = /** @type {CustomEvent} */ (event).detail;
  store.set({ queues: new Map([...store.state.queues].filter(([id]) => topics.includes(`queue:${id}`))) });
});
store.addEventListener('change', draw);

take(first.entries);
startTheme();
startMenus();
startKeypad((digit) => void actions.press(digit));
startKeys(actions);
startLogOn(actions, first.agent);
startTransfer(actions, live);
startCallOut(actions, live);
startDirectory(actions, live);
startSummary(actions, first.note);
startQuality(store, phone.softphone);
startNotice(actions);
startNotifications();
startDevices(phone, actions);
everySecond(() => drawRing(store.state.me));
startClock();
live.connect();
