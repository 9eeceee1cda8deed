/**
 * Changes of the page that are not made when nothing would differ. A view is drawn anew whenever anything of the state is another, many
 * times a second while queues move, and what is replaced loses what a person has there: the focus jumps to <body>, a press of the mouse
 * gives no click, selected text is selected no more. Each change is told to everybody who watches the document (the admin theme does),
 * too, and a flow of 300 steps has thousands of attributes and options.
 */

/** @type {WeakMap<Element, string>} rows of lists -> the key of what they show */
const keys = new WeakMap();
/** @type {WeakMap<Element, unknown[]>} lists -> the items that they show */
const shown = new WeakMap();

/** The text of an element that has nothing but text. @param {Element} element @param {string | number} wanted */
export function setText(element, wanted) {
  const value = String(wanted);
  if (element.textContent !== value) element.textContent = value;
}

/** @param {Element} element @param {Record<string, string | number>} attributes */
export function attributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
  }
}

/**
 * The rows of a list, one for each item. A row stays the same element as long as an item with its key is there, whatever comes above it.
 * @template Item
 * @param {Element} list that has no other children
 * @param {Item[]} items the same array again has nothing new, unless `fill` looks at more
 * @param {(item: Item) => Element} newRow
 * @param {object} [how]
 * @param {(item: Item) => string} [how.key] what it is known by; unless told everything that it says
 * @param {(row: any, item: Item) => void} [how.fill] what may change in a row, a new one too
 */
export function rows(list, items, newRow, { key = JSON.stringify, fill } = {}) {
  if (!fill && shown.get(list) === items) return;
  shown.set(list, items);
  const before = Map.groupBy([...list.children], (row) => keys.get(row));
  const wanted = items.map((item) => {
    const name = key(item);
    const row = before.get(name)?.shift() ?? newRow(item);
    keys.set(row, name);
    fill?.(row, item);
    return row;
  });
  for (const row of [...before.values()].flat()) row.remove();
  wanted.forEach((row, at) => list.children[at] === row || list.insertBefore(row, list.children[at] ?? null));
}

/** The options of a list, as texts or as texts with values. @param {Element} list @param {(string | [string, string])[]} wanted */
export function options(list, wanted) {
  wanted.forEach((item, index) => {
    const [text, value] = typeof item === 'string' ? [item, item] : item;
    const there = /** @type {HTMLOptionElement | undefined} */ (list.children[index]);
    if (!there) list.append(new Option(text, value));
    else if (there.text !== text || there.value !== value) there.replaceWith(new Option(text, value));
  });
  while (list.children.length > wanted.length) list.lastElementChild?.remove();
}
