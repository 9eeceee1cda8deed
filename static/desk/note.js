/**
 * The note about one call: saved as it is typed, tried again while it cannot be, and never kept in the browser but in this page.
 *
 *     const note = new Note(live, call, (state) => …);   // state: saved · saving · unsaved
 *     await note.fetch();                                 // what was written before
 *     note.type('Wants the blue one');
 */

const AFTER_MS = 600; // after the last key
const AT_LATEST_MS = 3000; // while somebody types on and on
const AGAIN_MS = 3000;
// A call that is over is his when the archive has it, which is some seconds behind, and more after its database was away: 3 minutes in all.
const ARCHIVE_MS = [3000, 6000, 12_000, 24_000, 48_000, 96_000];

/** @typedef {'' | 'saved' | 'saving' | 'unsaved'} NoteState '': there is nothing to save */

export class Note {
  #revision = 0;
  #saved = '';
  /** @type {Set<string>} what was sent since the server's last answer */ #sent = new Set();
  #saving = false;
  #timer = 0;
  #unknown = 0; // times in a row that it was no call of his
  #since = 0; // when the oldest change that is not saved was typed

  /**
   * @param {import('../live/socket.js').Live} live
   * @param {string} call
   * @param {(note: Note) => void} told when state or text changed by themselves
   */
  constructor(live, call, told) {
    this.live = live;
    this.call = call;
    this.told = told;
    this.text = '';
    /** @type {NoteState} */ this.state = '';
  }

  /** Whether something typed is not on the server yet. */
  get dirty() {
    return this.text !== this.#saved;
  }

  /** @param {{ text: string, revision: number }} note as the server has it */
  begin({ text, revision }) {
    const ours = this.#sent.has(text); // it was written, and only the answer was lost
    if (!this.dirty) this.text = text;
    else if (text && !ours) this.text = `${text}\n${this.text}`; // nothing that anybody has written is lost
    this.#revision = revision;
    this.#saved = text;
    this.#sent.clear();
    this.#tell(this.dirty ? 'saving' : text ? 'saved' : '');
  }

  async fetch() {
    const found = await this.live.ask('desk.note', { call: this.call }).catch(() => null); // the first save brings it, too
    if (found && !this.#saving && found.revision > this.#revision) this.begin(found);
  }

  /** @param {string} text */
  type(text) {
    this.text = text;
    if (!this.dirty) return this.#tell(text ? 'saved' : '');
    this.#since ||= Date.now();
    this.#tell('saving');
    this.#later(Math.min(AFTER_MS, Math.max(0, this.#since + AT_LATEST_MS - Date.now())));
  }

  /** Save now what is not saved. */
  async save() {
    clearTimeout(this.#timer);
    if (this.#saving || !this.dirty) return;
    this.#saving = true;
    const text = this.text;
    this.#since = 0;
    this.#sent.add(text);
    try {
      this.#take(text, await this.live.ask('desk.write_note', { call: this.call, text, revision: this.#revision }));
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#saving = false;
    }
    if (this.dirty && this.state !== 'unsaved') this.#later(0);
  }

  /** @param {string} text @param {{ revision: number, changed?: string }} answer */
  #take(text, { revision, changed }) {
    if (changed !== undefined) return this.begin({ text: changed, revision }); // another window has written meanwhile
    this.#revision = revision;
    this.#saved = text;
    this.#unknown = 0;
    this.#sent.clear();
    this.#tell(this.dirty ? 'saving' : 'saved');
  }

  /** @param {any} error */
  #failed(error) {
    console.warn('The note is not saved yet:', error?.code ?? 'fault');
    this.#tell('unsaved');
    this.#unknown = error?.code === 'not_your_call' ? this.#unknown + 1 : 0;
    const wait = this.#unknown ? ARCHIVE_MS[this.#unknown - 1] : AGAIN_MS;
    if (wait) this.#later(wait);
  }

  /** @param {number} wait */
  #later(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), wait);
  }

  /** @param {NoteState} state */
  #tell(state) {
    this.state = state;
    this.told(this);
  }
}
