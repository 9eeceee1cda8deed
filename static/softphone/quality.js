/**
 * How a call sounds, from what the browser counts: the E-model of ITU-T G.107, as in contactcenter/lib/mos.py, where the equations
 * are explained. A test compares the two.
 */

const G711 = { impairment: 0, robustness: 25.1 }; // the one codec that the gateway speaks
const BASIC = 94.769;
const SIMULTANEOUS = 1.414;
const TALKER_ECHO = 94.769;
const TELR = 65;
const WEPL = 110;
const PACKET_MS = 20;
const GOOD = 80;
const FAIR = 70;
const WINDOW = 6; // looks that count together: one lost packet is no bad line, and ten seconds ago is over

/** @typedef {'good' | 'fair' | 'poor'} Grade */
/** @typedef {'loss' | 'jitter' | 'delay'} Cause what costs the most */
/** @typedef {{ received: number, lost: number, jitterMs: number, rttMs: number | null, farLossPercent: number }} Totals since the media began, but for the last */
/**
 * @typedef {object} Quality of the last seconds
 * @property {number} lossPercent of the worse direction
 * @property {number} jitterMs
 * @property {number | null} rttMs round trip, browser to gateway and back; null while unknown
 * @property {number} mos mean opinion score, 1 (bad) to 4.4 (best that G.711 gives)
 * @property {Grade} grade
 * @property {Cause} cause
 */

/**
 * R, 0 to 93.2.
 * @param {{ lossPercent: number, jitterMs: number, rttMs: number }} figures
 */
export function rating({ lossPercent, jitterMs, rttMs }) {
  const delay = rttMs / 2 + 2 * jitterMs + PACKET_MS;
  return Math.min(100, Math.max(0, BASIC - SIMULTANEOUS - delayImpairment(delay) - lossImpairment(lossPercent)));
}

/** @param {number} t one way, ms */
function delayImpairment(t) {
  return talkerEcho(t) + listenerEcho(2 * t) + tooLate(t);
}

/** @param {number} t */
function talkerEcho(t) {
  const heard = TELR - 40 * Math.log10((1 + t / 10) / (1 + t / 150)) + 6 * Math.exp(-0.3 * t * t);
  const away = TALKER_ECHO - (80 + 2.5 * (heard - 14));
  return (away / 2 + Math.sqrt((away * away) / 4 + 100) - 1) * (1 - Math.exp(-t));
}

/** @param {number} roundTrip */
function listenerEcho(roundTrip) {
  const away = BASIC - 10.5 * (WEPL + 7) * (roundTrip + 1) ** -0.25;
  return away / 2 + Math.sqrt((away * away) / 4 + 169);
}

/** @param {number} t */
function tooLate(t) {
  if (t <= 100) return 0;
  const x = Math.log2(t / 100);
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
}

/** @param {number} percent */
function lossImpairment(percent) {
  return G711.impairment + ((95 - G711.impairment) * percent) / (percent + G711.robustness);
}

/** @param {number} r */
export function opinion(r) {
  if (r <= 0) return 1;
  return r >= 100 ? 4.5 : Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

/** @param {number} mos @returns {Grade} */
export function gradeOf(mos) {
  if (mos >= opinion(GOOD)) return 'good';
  return mos >= opinion(FAIR) ? 'fair' : 'poor';
}

/** @param {{ lossPercent: number, jitterMs: number, rttMs: number }} figures @returns {Cause} */
export function causeOf({ lossPercent, jitterMs, rttMs }) {
  const none = delayImpairment(PACKET_MS);
  const costs = { loss: lossImpairment(lossPercent), jitter: delayImpairment(PACKET_MS + 2 * jitterMs) - none, delay: delayImpairment(PACKET_MS + rttMs / 2) - none };
  return /** @type {Cause} */ (Object.entries(costs).sort(([, one], [, other]) => other - one)[0][0]);
}

/** The last seconds of a call, look by look. */
export class Looks {
  /** @type {Totals[]} */ #seen = [];

  /**
   * @param {Totals} totals at equal intervals
   * @returns {Quality | null} null: too early to say
   */
  add(totals) {
    if (this.#seen.length && totals.received < /** @type {Totals} */ (this.#seen.at(-1)).received) this.#seen = []; // new media
    this.#seen = [...this.#seen, totals].slice(-WINDOW);
    if (this.#seen.length < 2) return null;
    const rttMs = this.#roundTrip();
    const figures = { lossPercent: this.#loss(), jitterMs: this.#mean('jitterMs'), rttMs: rttMs ?? 0 };
    const mos = opinion(rating(figures));
    return { ...figures, rttMs, mos, grade: gradeOf(mos), cause: causeOf(figures) };
  }

  /** Of the worse direction: what does not arrive here, or what the far end says that does not arrive there. */
  #loss() {
    const [first, last] = [this.#seen[0], /** @type {Totals} */ (this.#seen.at(-1))];
    const lost = Math.max(0, last.lost - first.lost);
    const expected = last.received - first.received + lost;
    return Math.max(expected > 0 ? (100 * lost) / expected : 0, this.#mean('farLossPercent'));
  }

  /** @param {'jitterMs' | 'farLossPercent'} name */
  #mean(name) {
    return mean(this.#seen.map((totals) => totals[name]));
  }

  /** Of the looks that knew one. */
  #roundTrip() {
    const known = this.#seen.flatMap(({ rttMs }) => (rttMs === null ? [] : [rttMs]));
    return known.length ? mean(known) : null;
  }
}

/** @param {number[]} values at least one */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
