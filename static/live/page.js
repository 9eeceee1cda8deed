/** Small things that every page needs: texts by name, menus, colours, the language's times. */

import { setText } from './sparing.js';
import { say } from './words.js';

/**
 * Write `text` into every element named so by `data-text`. An empty text hides those that have `data-hides`.
 * @param {string} name
 * @param {string | number} text
 */
export function write(name, text) {
  for (const element of document.querySelectorAll(`[data-text="${name}"]`)) {
    setText(element, text);
    if (element.hasAttribute('data-hides')) /** @type {HTMLElement} */ (element).hidden = text === '';
  }
}

/** @template {Element} E @param {string} selector @returns {E} */
export function find(selector) {
  const element = document.querySelector(selector);
  if (!element) throw new Error(`The page has no ${selector}`);
  return /** @type {E} */ (element);
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {...(Node | string)} content
 */
export function make(tag, className, ...content) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...content);
  return element;
}

/** English as it is written here: 24 hours, the day before the month. */
const locale = () => (document.documentElement.lang === 'en' ? 'en-GB' : document.documentElement.lang);

/**
 * 09:41 in the user's zone.
 * @param {number} at Unix seconds
 * @param {boolean} [seconds] 09:41:07
 */
export function timeOfDay(at, seconds = false) {
  const second = seconds ? '2-digit' : undefined;
  return new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit', second }).format(at * 1000);
}

/** 12 Nov, with the year if it is another. @param {number} at Unix seconds */
export function day(at) {
  const date = new Date(at * 1000);
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : 'numeric';
  return new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'short', year }).format(date);
}

/** Buttons that open a list below them: click or Enter opens, Escape or a click elsewhere closes, arrows move. */
export function startMenus() {
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[aria-haspopup][aria-controls]'))) {
    const list = /** @type {HTMLElement} */ (document.getElementById(button.getAttribute('aria-controls') ?? ''));
    const open = (/** @type {boolean} */ wanted) => {
      list.hidden = !wanted;
      button.setAttribute('aria-expanded', String(wanted));
    };
    button.addEventListener('click', () => open(list.hidden));
    list.addEventListener('click', ({ target }) => /** @type {Element} */ (target).closest('[data-do]') && open(false));
    document.addEventListener('click', ({ target }) => {
      if (!button.parentElement?.contains(/** @type {Node} */ (target))) open(false);
    });
    button.parentElement?.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !list.hidden) {
        event.stopPropagation();
        open(false);
        button.focus();
      } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') move(event, list, () => open(true));
    });
  }
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} list
 * @param {() => void} open
 */
function move(event, list, open) {
  if (/** @type {Element} */ (event.target).tagName === 'SELECT') return;
  event.preventDefault();
  open();
  const items = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('button:not([hidden]), a, select')]);
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  items[(at + (event.key === 'ArrowDown' ? 1 : at < 0 ? 0 : -1) + items.length) % items.length]?.focus();
}

const THEMES = ['auto', 'light', 'dark'];
const SIGNS = { auto: '#i-theme', light: '#i-sun', dark: '#i-moon' };

/** The colour scheme is kept in a cookie, so that the server paints it right from the beginning. */
export function startTheme() {
  const button = find('#theme');
  const show = () => {
    const theme = document.documentElement.dataset.theme ?? 'auto';
    const words = say(`theme.${theme}`);
    button.setAttribute('aria-label', words);
    button.setAttribute('title', words);
    button.querySelector('use')?.setAttribute('href', SIGNS[/** @type {keyof SIGNS} */ (theme)]);
  };
  button.addEventListener('click', () => {
    const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? 'auto') + 1) % THEMES.length];
    if (next === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    document.cookie = `cc_theme=${next}; path=/; max-age=31536000; samesite=lax`;
    show();
  });
  show();
}
