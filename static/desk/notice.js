/** View: the trouble line under the centre panel: what is wrong, and what can be done. */

import { find } from '../live/page.js';
import { setText } from '../live/sparing.js';
import { say, sayError } from '../live/words.js';

const CUT = ['connecting', 'interrupted', 'failed', 'idle']; // no audio of a call that is up

/** @param {import('./actions.js').Actions} actions */
export function startNotice(actions) {
  find('[data-notice="close"]').addEventListener('click', () => actions.dismiss());
}

/** @param {import('./store.js').State} state */
export function showNotice(state) {
  const notice = noticeOf(state);
  const box = find('#notice');
  box.hidden = !notice;
  if (!notice) return;
  setText(find('[data-notice="text"]'), notice.text);
  const act = find('[data-notice="act"]');
  act.hidden = !notice.act;
  act.dataset.do = notice.act ?? '';
  setText(act, notice.words ?? '');
  find('[data-notice="close"]').hidden = state.notice === null || notice.text !== state.notice.text;
}

/**
 * The worst trouble first.
 * @param {import('./store.js').State} state
 * @returns {{ text: string, act?: string, words?: string } | null}
 */
function noticeOf({ me, link, displaced, problem, notice, phone }) {
  if (link === 'signed_out') return { text: say('link.signed_out'), act: 'sign_in', words: say('sign.in') };
  const cut = me?.card && CUT.includes(phone) ? 'link.cut' : 'link.offline';
  if (link === 'offline') return { text: say(cut), act: 'reconnect', words: say('try.again') };
  if (displaced) return { text: say('other.page'), act: 'take_phone', words: say('other.take') };
  const onSoftphone = me && me.status !== 'logged_off' && me.phone === 'softphone';
  if (onSoftphone && problem) return { text: sayError({ code: problem }), act: 'test_phone', words: say('try.again') };
  return notice;
}

