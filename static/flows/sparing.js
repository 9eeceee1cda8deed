/**
 * Changes of the page that are not made when nothing would differ: each one is told to everybody who watches the document (the
 * admin theme does), and a flow of 300 steps has thousands of attributes and options.
 */

/** @param {Element} element @param {Record<string, string | number>} attributes */
export function attributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
  }
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
