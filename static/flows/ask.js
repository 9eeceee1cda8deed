/** Asking the server: JSON or a piece of HTML, as the person who is signed in. */

const PATIENCE_MS = 15_000;
const AWAY = [502, 503, 504]; // what a proxy says when nobody is behind it

/** Nobody answered: to be tried again. */
export class Offline extends Error {}

/** The server said no. `answer` is what it said, with a `code`. */
export class Refused extends Error {
  /** @param {number} status @param {any} answer */
  constructor(status, answer) {
    super(answer?.code ?? String(status));
    this.status = status;
    this.code = answer?.code ?? 'fault';
    this.answer = answer ?? {};
  }
}

const token = () => /** @type {HTMLInputElement} */ (document.querySelector('[name="csrfmiddlewaretoken"]')).value;

/** @param {string} url @param {URLSearchParams | FormData} [body] @throws {Offline | Refused} */
async function send(url, body) {
  const options = { headers: { 'X-CSRFToken': token() }, signal: AbortSignal.timeout(PATIENCE_MS) };
  try {
    const response = await fetch(url, body ? { ...options, method: 'POST', body } : options);
    if (AWAY.includes(response.status)) throw new Offline();
    if (response.redirected) throw new Refused(401, { code: 'signed_out' });
    return response;
  } catch (error) {
    throw error instanceof Refused ? error : new Offline();
  }
}

/** @param {string} url @param {URLSearchParams | FormData} [body] @returns {Promise<any>} @throws {Offline | Refused} */
export async function askJson(url, body) {
  const response = await send(url, body);
  const answer = response.headers.get('Content-Type')?.includes('json') ? await response.json().catch(() => null) : null;
  if (!response.ok || answer === null) throw new Refused(response.status, answer);
  return answer;
}

/** @param {string} url @returns {Promise<string>} @throws {Offline | Refused} */
export async function askHtml(url) {
  const response = await send(url);
  if (!response.ok) throw new Refused(response.status, null);
  return response.text();
}
