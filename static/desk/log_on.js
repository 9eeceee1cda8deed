/** The form of the logged-off page: phone, profile, one button. The last choice is remembered in this browser. */

import { find, write } from '../live/page.js';
import { say, sayError } from '../live/words.js';
import { askForNotifications } from './attention.js';
import { phoneState } from './header.js';

const KEY = 'cc.log-on';

/** @param {import('./actions.js').Actions} actions */
export function startLogOn(actions) {
  const form = /** @type {HTMLFormElement} */ (find('#log-on'));
  recall(form);
  form.addEventListener('change', () => follow(form));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit(form, actions);
  });
  follow(form);
}

/** @param {HTMLFormElement} form @param {import('./actions.js').Actions} actions */
async function submit(form, actions) {
  const { phone, number, profile } = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
  askForNotifications();
  write('log-on-reason', '');
  const why = await actions.logOn({ profile: Number(profile), phone: phone === 'softphone' ? phone : number });
  write('log-on-reason', why);
  if (!why) remember({ phone, number, profile });
}

/** @param {HTMLFormElement} form */
function follow(form) {
  const external = form.elements.namedItem('phone').value === 'external';
  find('#external').hidden = !external;
  form.elements.namedItem('number').required = external;
  write('log-on-reason', '');
}

/** @param {object} choice */
function remember(choice) {
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    // storage is switched off: the form starts empty next time
  }
}

/** @param {HTMLFormElement} form */
function recall(form) {
  let choice = {};
  try {
    choice = JSON.parse(localStorage.getItem(KEY) ?? '{}');
  } catch {
    return;
  }
  for (const [name, value] of Object.entries(choice)) {
    const field = form.elements.namedItem(name);
    if (!field || !value) continue;
    const possible = !(field instanceof HTMLSelectElement) || [...field.options].some((option) => option.value === value);
    if (possible) /** @type {any} */ (field).value = value;
  }
}

/** What the test of the softphone has said (SP-03). @param {import('./store.js').State} state */
export function showCheck(state) {
  const { problem } = state;
  const word = phoneState(state);
  const text = problem ? sayError({ code: problem }) : say({ checking: 'phone.checking', online: 'phone.tested' }[word] ?? 'phone.not_tested');
  write('check', text);
  find('[data-text="check"]').dataset.check = problem ? 'problem' : word;
}
