/** What stands beside the diagram when no step is open: problems, the palette, where callers begin. Also the head of an open step. */

import { find, make, write } from '../live/page.js';
import { say } from '../live/words.js';
import { options, rows, setText } from '../live/sparing.js';

/** @typedef {import('./shapes.js').Picture} Picture @typedef {import('./shapes.js').Problem} Problem @typedef {import('./shapes.js').Box} Box */

/** @param {Problem} problem @param {boolean} named with the step's name, as a button that opens it */
function row(problem, named) {
  const item = make('li', problem.warning ? 'flow-warning' : 'flow-error');
  const sign = make('span', '', problem.warning ? '!' : '✕');
  sign.setAttribute('aria-hidden', 'true');
  const text = make('span', '');
  if (problem.warning) text.append(`${say('warning', { text: '' })}`);
  if (named && problem.step) {
    const button = make('button', 'flow-link', problem.name);
    button.dataset.open = String(problem.step);
    text.append(button, ': ');
  }
  text.append(problem.text);
  item.append(sign, text);
  return item;
}

/** @param {{ kind: string, title: string, purpose: string, icon: string }[]} palette */
export function drawPalette(palette) {
  document.querySelector('#palette')?.replaceChildren(
    ...palette.map(({ kind, title, purpose, icon }) => {
      const button = /** @type {HTMLButtonElement} */ (make('button', 'palette-kind'));
      button.type = 'button';
      button.dataset.kind = kind;
      const sign = make('span', 'material-symbols-outlined', icon);
      sign.setAttribute('aria-hidden', 'true');
      button.append(sign, make('span', '', make('strong', '', title), make('span', 'flow-note', purpose)));
      return make('li', '', button);
    }),
  );
}

/** @type {Picture | null} */
let drawn = null;

/** Only when something has changed: what has the focus keeps it. @param {Picture} picture */
export function drawFlow(picture) {
  if (picture === drawn) return;
  drawn = picture;
  const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.open;
  const problems = picture.problems.map((problem) => row(problem, true));
  find('#problems').replaceChildren(...(problems.length ? problems : [make('li', 'flow-good', `✓ ${say('no_problems')}`)]));
  if (focused) /** @type {HTMLElement | null} */ (document.querySelector(`#problems [data-open="${focused}"]`) ?? find('#side-title')).focus();
  const number = picture.problems.filter(({ warning }) => !warning).length;
  write('problems', number ? `✕ ${say('problems', { number })}` : `✓ ${say('no_problems')}`);
  choices('start', picture, picture.boxes.find(({ first }) => first));
  choices('default_exit', picture, picture.boxes.find(({ fault }) => fault));
  options(find('#find-steps'), picture.boxes.map(({ name }) => name));
}

/** @param {string} name @param {Picture} picture @param {Box | undefined} chosen */
function choices(name, picture, chosen) {
  const select = /** @type {HTMLSelectElement | null} */ (document.querySelector(`select[name="${name}"]`));
  if (!select) return;
  options(select, [['–', ''], .../** @type {[string, string][]} */ (picture.boxes.map((box) => [box.name, String(box.id)]))]);
  select.value = chosen ? String(chosen.id) : '';
}

/** @param {Box | undefined} box the open step; none: the flow as a whole @param {boolean} testing */
export function drawHead(box, testing) {
  find('#side-step').hidden = !box;
  find('#side-flow').hidden = Boolean(box) || testing;
  find('#side-test').hidden = Boolean(box) || !testing;
  setText(find('#side-icon'), box?.icon ?? (testing ? 'call' : 'account_tree'));
  setText(find('#side-title'), box ? box.name : say(testing ? 'test_call' : 'whole'));
  find('[data-do="close"]').hidden = !box && !testing;
  rows(find('#step-problems'), box?.problems ?? [], (problem) => row(problem, false));
  for (const [name, already] of /** @type {[string, boolean | undefined][]} */ ([['make-first', box?.first], ['make-fault', box?.fault]])) {
    const button = /** @type {HTMLElement | null} */ (document.querySelector(`[data-do="${name}"]`));
    if (button) button.hidden = Boolean(already);
  }
}
