/**
 * The rows of an inline of a form (Django's formsets): add, remove, move. It knows prefixes and counts, not what the rows mean.
 * Whatever it changes is told with an 'input' event, as typing is.
 */

const INDEX = /-\d+(?=-|$)/;

/** @param {HTMLElement} group @returns {HTMLElement[]} all rows, also those that are to be removed */
const rowsOf = (group) => /** @type {HTMLElement[]} */ ([...group.querySelectorAll('.rows > .row')]);
/** @param {HTMLElement} group */
const shown = (group) => rowsOf(group).filter((row) => !row.hidden);

/** @param {HTMLElement} form */
export function startRows(form) {
  for (const group of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll('.panel-rows'))) {
    group.addEventListener('click', (event) => clicked(group, event));
    group.addEventListener('pointerdown', (event) => taken(group, event));
    limit(group);
  }
}

/** The rows as they will be sent: what the answer tells about each of them comes in this order. @param {HTMLElement} form @returns {Map<string, HTMLElement[]>} */
export function rowsSent(form) {
  const groups = /** @type {HTMLElement[]} */ ([...form.querySelectorAll('.panel-rows')]);
  return new Map(groups.map((group) => [group.dataset.prefix ?? '', rowsOf(group)]));
}

/**
 * What has become of the rows that were sent: those that are there now have an id, those that were removed go.
 * @param {HTMLElement} form
 * @param {Map<string, HTMLElement[]>} sent
 * @param {Record<string, (number | null)[]>} fates
 */
export function settle(form, sent, fates) {
  for (const [prefix, ids] of Object.entries(fates)) {
    const group = /** @type {HTMLElement | null} */ (form.querySelector(`.panel-rows[data-prefix="${prefix}"]`));
    if (!group) continue;
    (sent.get(prefix) ?? []).forEach((row, index) => {
      const id = ids[index];
      const field = idField(row);
      if (field && id) field.value = String(id);
      if (!id && row.hidden) row.remove();
    });
    renumber(group);
  }
}

/** @param {HTMLElement} row @returns {HTMLInputElement | null} */
function idField(row) {
  return row.querySelector(`input[name="${row.dataset.rowPrefix}-id"]`);
}

/** @param {HTMLElement} group @param {Event} event */
function clicked(group, event) {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[data-row]'));
  if (!button) return;
  const row = /** @type {HTMLElement | null} */ (button.closest('.row'));
  if (button.dataset.row === 'add') add(group);
  else if (row && button.dataset.row === 'remove') remove(group, row);
  else if (row && button.dataset.row === 'up') move(group, row, -1, button);
  else if (row && button.dataset.row === 'down') move(group, row, 1, button);
}

/** @param {HTMLElement} group */
function add(group) {
  const template = /** @type {HTMLTemplateElement} */ (group.querySelector(':scope > template'));
  const fresh = document.createElement('template'); // as text, because widgets hide templates of their own in it
  fresh.innerHTML = template.innerHTML.replaceAll('__prefix__', String(rowsOf(group).length));
  const row = /** @type {HTMLElement} */ (fresh.content.firstElementChild);
  group.querySelector('.rows')?.append(row);
  for (const choice of /** @type {NodeListOf<HTMLSelectElement>} */ (row.querySelectorAll('select[data-distinct]'))) choose(choice, group);
  changed(group);
  row.dispatchEvent(new CustomEvent('formset:added', { bubbles: true, detail: { formsetName: group.dataset.prefix } })); // Django's own widgets wake up
  /** @type {HTMLElement | null} */ (row.querySelector('input:not([type=hidden]):not([hidden]), select, textarea'))?.focus();
}

/** The first value that no other row has. @param {HTMLSelectElement} choice @param {HTMLElement} group */
function choose(choice, group) {
  const others = /** @type {NodeListOf<HTMLSelectElement>} */ (group.querySelectorAll('.rows > .row:not([hidden]) select[data-distinct]'));
  const taken = new Set([...others].filter((other) => other !== choice).map(({ value }) => value));
  const free = [...choice.options].find(({ value }) => value && !taken.has(value));
  if (free) choice.value = free.value;
}

/** @param {HTMLElement} group @param {HTMLElement} row */
function remove(group, row) {
  const near = shown(group);
  const next = near[near.indexOf(row) + 1] ?? near[near.indexOf(row) - 1];
  if (idField(row)?.value) {
    const box = /** @type {HTMLInputElement | null} */ (row.querySelector('input[name$="-DELETE"]'));
    if (box) box.checked = true;
    row.hidden = true;
  } else row.remove();
  changed(group);
  /** @type {HTMLElement | null} */ ((next ?? group).querySelector('[data-row]:not(.row-handle)'))?.focus();
}

/** @param {HTMLElement} group @param {HTMLElement} row @param {number} by @param {HTMLElement} button */
function move(group, row, by, button) {
  const near = shown(group);
  const other = near[near.indexOf(row) + by];
  if (!other) return;
  other[by < 0 ? 'before' : 'after'](row);
  changed(group);
  button.focus();
}

/** Dragging a row by its handle. @param {HTMLElement} group @param {PointerEvent} event */
function taken(group, event) {
  const handle = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('.row-handle'));
  const row = /** @type {HTMLElement | null} */ (handle?.closest('.row') ?? null);
  if (!handle || !row) return;
  event.preventDefault();
  row.classList.add('dragged');
  const drag = (/** @type {PointerEvent} */ { clientY }) => {
    for (const other of shown(group)) {
      const { top, height } = other.getBoundingClientRect();
      if (other === row || clientY < top || clientY > top + height) continue;
      const above = clientY < top + height / 2;
      if ((above ? other.previousElementSibling : other.nextElementSibling) !== row) other[above ? 'before' : 'after'](row);
    }
  };
  const drop = () => {
    document.removeEventListener('pointermove', drag);
    row.classList.remove('dragged');
    changed(group);
  };
  document.addEventListener('pointermove', drag); // not captured: moving the row in the page would end that
  document.addEventListener('pointerup', drop, { once: true });
}

/** @param {HTMLElement} group */
function changed(group) {
  renumber(group);
  group.dispatchEvent(new Event('change', { bubbles: true }));
}

/** Indexes as the rows stand, positions as they are shown, and the counts. @param {HTMLElement} group */
function renumber(group) {
  const rows = rowsOf(group);
  rows.forEach((row, index) => rename(row, `${group.dataset.prefix}-${index}`));
  shown(group).forEach((row, position) => {
    const field = /** @type {HTMLInputElement | null} */ (row.querySelector('[data-position]'));
    if (field) field.value = String(position);
  });
  count(group, 'TOTAL', rows.length);
  count(group, 'INITIAL', rows.filter((row) => idField(row)?.value).length);
  limit(group);
}

/** @param {HTMLElement} group @param {string} which @param {number} value */
function count(group, which, value) {
  const field = /** @type {HTMLInputElement | null} */ (group.querySelector(`[name="${group.dataset.prefix}-${which}_FORMS"]`));
  if (field) field.value = String(value);
}

/** @param {HTMLElement} row @param {string} prefix */
function rename(row, prefix) {
  if (row.dataset.rowPrefix === prefix) return;
  const old = row.dataset.rowPrefix ?? '';
  row.dataset.rowPrefix = prefix;
  const index = prefix.match(INDEX)?.[0] ?? '';
  for (const element of row.querySelectorAll('*')) {
    for (const name of ['name', 'id', 'for', 'data-errors', 'aria-describedby']) {
      const value = element.getAttribute(name);
      if (value?.includes(old)) element.setAttribute(name, value.replace(old, old.replace(INDEX, index)));
    }
  }
}

/** No more rows than the form takes. @param {HTMLElement} group */
function limit(group) {
  const button = /** @type {HTMLButtonElement | null} */ (group.querySelector('[data-row="add"]'));
  if (button) button.disabled = shown(group).length >= Number(group.dataset.most || Infinity);
}
