/**
 * The page's one connection to the server (apps/live/consumer.py). It comes back by itself, with growing waits, and asks
 * only for what has changed since.
 *
 *     const live = new Live({ known: { 'agent:7': 12 }, desk: true, phone: true });
 *     live.addEventListener('board', ({ detail }) => …);      // also: link, hello, topics, event
 *     await live.ask('desk.pause', { reason: 'Lunch' });      // throws Refusal
 */

const WAITS = [250, 500, 1000, 2000, 3000]; // ms before each next try: whoever waits for calls is not away for longer once the server is back
const CONNECT_MS = 10_000; // a network that is away answers nothing, and the browser would wait for minutes
const URGENT = { wait: 200, connect: 1200 }; // ms at the most, in a call; a browser tries one socket at a time (RFC 6455, 4.1), so one
// that was sent into a dead network must be given up soon. TCP, TLS and WebSocket take three round trips: of 400 ms at the most.
const ALIVE = '/health/live';
const ASK_MS = 8000; // the server itself gives up after 5 s
const PING_MS = 10_000;
const CHECK_MS = 2000;
const SIGNED_OUT = 4401;

/** Something that was asked cannot be. `code` is put into words by the page. */
export class Refusal extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.name = 'Refusal';
    this.code = code;
  }
}

/** @typedef {'connecting' | 'online' | 'offline' | 'signed_out'} Link */

export class Live extends EventTarget {
  /** @type {WebSocket | null} */ #socket = null;
  /** @type {Map<number, { resolve: (answer: any) => void, reject: (error: Refusal) => void, timer: number }>} */ #asked = new Map();
  #tries = 0;
  #opening = false; // the page connects for the first time
  #number = 0;
  #retry = 0;
  #ping = 0;
  /** Whether somebody is in a call here. */
  urgent = () => false;
  /** The leg whose audio this page has and keeps when it connects anew; '' if none. */
  leg = () => '';

  /**
   * @param {object} options
   * @param {Record<string, number>} [options.known] topic -> seq of the documents that the page has
   * @param {boolean} options.desk whether it wants the board
   * @param {boolean} options.phone whether it wants to be the agent's phone
   */
  constructor({ known = {}, desk, phone }) {
    super();
    this.known = known;
    this.desk = desk;
    this.phone = phone;
    this.connection = '';
    globalThis.addEventListener('online', () => this.#tries && this.connect());
    globalThis.addEventListener('offline', () => this.#lost());
  }

  /** Something looks wrong: find out now whether the connection lives. */
  check() {
    if (this.connection) this.#test(CHECK_MS);
  }

  /** Connect now; a connection that exists is given up for the new one. */
  connect() {
    clearTimeout(this.#retry);
    this.#leave();
    this.#opening = !this.#tries;
    this.#tell('link', this.#tries ? 'offline' : 'connecting');
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/live`);
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    socket.onclose = ({ code }) => socket === this.#socket && this.#lost(code);
    if (this.urgent()) this.#expectSoon();
    else this.#expect(CONNECT_MS);
  }

  /**
   * Lost, unless something comes through meanwhile: a server that has just started, with all its desks at the door, is slow to take a
   * socket, and would never get further with those that are given up while it is at work on them.
   */
  #expectSoon() {
    let alive = false;
    fetch(ALIVE, { cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(URGENT.connect) }).then(({ ok }) => (alive = ok), () => {});
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => (alive ? this.#expect(CONNECT_MS) : this.#lost()), URGENT.connect);
  }

  #opened() {
    this.#expect(CONNECT_MS);
    this.#send({ m: 'live.start', known: this.known, desk: this.desk, phone: this.phone, leg: this.leg() });
  }

  /** Lost, unless it gets further before. @param {number} patience ms */
  #expect(patience) {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#lost(), patience);
  }

  /**
   * A page that is just being opened asks as soon as it is connected.
   * @param {string} m name of the message
   * @param {object} [content]
   * @param {number} [patience] ms
   * @returns {Promise<any>} what the reply carries
   * @throws {Refusal}
   */
  async ask(m, content = {}, patience = ASK_MS) {
    if (this.#opening) await this.#linkChanges(patience);
    if (!this.connection) throw new Refusal('offline');
    const id = ++this.#number;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id, 'no_answer_from_switch'), patience);
      this.#asked.set(id, { resolve, reject, timer });
      this.#send({ m, id, ...content });
    });
  }

  /** @param {number} patience ms */
  #linkChanges(patience) {
    return new Promise((resolve) => {
      this.addEventListener('link', resolve, { once: true });
      setTimeout(resolve, patience);
    });
  }

  /** @param {any} message */
  #hear(message) {
    if (message.m === 'live.reply') this.#settle(message.id, message.code, message);
    else if (message.m === 'live.hello') this.#welcome(message);
    else if (message.m === 'live.board') this.#read(message);
    else this.#tell(message.m.split('.')[1], message);
  }

  /** @param {any} message */
  #welcome(message) {
    this.#tries = 0;
    this.#opening = false;
    clearTimeout(this.#retry);
    this.connection = message.connection;
    this.#watch();
    this.#tell('link', 'online');
    this.#tell('hello', message);
  }

  /** @param {any} message */
  #read(message) {
    for (const { topic, seq } of message.entries) this.known[topic] = seq;
    this.#tell('board', message);
    this.#send({ m: 'live.seen', batch: message.batch });
  }

  /**
   * @param {number} id
   * @param {string} code
   * @param {any} [answer]
   */
  #settle(id, code, answer) {
    const asked = this.#asked.get(id);
    if (!asked) return;
    this.#asked.delete(id);
    clearTimeout(asked.timer);
    if (code) asked.reject(new Refusal(code));
    else asked.resolve(answer);
  }

  /** A dead connection looks like a silent one until somebody asks. */
  #watch() {
    clearInterval(this.#ping);
    this.#ping = setInterval(() => this.#test(ASK_MS), PING_MS);
  }

  /** @param {number} patience ms */
  #test(patience) {
    const { connection } = this;
    this.ask('live.ping', {}, patience).then(({ now }) => this.#tell('now', now), () => connection === this.connection && this.#lost());
  }

  /** Gone, or as good as gone. @param {number} [code] why the socket closed (RFC 6455) */
  #lost(code) {
    clearTimeout(this.#retry);
    this.#opening = false;
    this.#leave();
    if (code === SIGNED_OUT) {
      this.#tell('link', 'signed_out');
      return;
    }
    const wait = Math.min(WAITS[Math.min(this.#tries++, WAITS.length - 1)], this.urgent() ? URGENT.wait : Infinity);
    this.#tell('link', 'offline');
    this.#retry = setTimeout(() => this.connect(), wait * (0.8 + 0.4 * Math.random())); // not all pages at once
  }

  #leave() {
    clearInterval(this.#ping);
    this.connection = '';
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    for (const id of [...this.#asked.keys()]) this.#settle(id, 'offline');
  }

  /** @param {object} message */
  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /**
   * @param {string} type
   * @param {any} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
