/** The diagram's parts as SVG. What they look like is a function of the picture (apps/flows/picture.py). */

import { say } from '../live/words.js';

const SVG = 'http://www.w3.org/2000/svg';
const HEAD = 46; // as in apps/flows/diagram.py
const NAME_LENGTH = 24;
const PORT_LENGTH = 25;
const HAND = 11; // radius of what a finger can take hold of

/** @typedef {{ name: string, label: string, y: number, missing: boolean, to: number }} Port */
/** @typedef {{ step: number | null, name: string, text: string, warning: boolean }} Problem */
/**
 * @typedef {object} Box
 * @property {number} id
 * @property {string} kind
 * @property {string} title of the kind
 * @property {string} icon
 * @property {string} name
 * @property {number} x @property {number} y @property {number} width @property {number} height
 * @property {boolean} first @property {boolean} fault
 * @property {Port[]} ports
 * @property {{ name: string, label: string }[]} spare
 * @property {Problem[]} problems
 * @property {string} form
 */
/** @typedef {{ d: string, from: number, exit: string, to: number, back: boolean }} Line */
/**
 * @typedef {object} Picture
 * @property {number} revision @property {boolean} editable @property {string} by
 * @property {number} width @property {number} height
 * @property {Box[]} boxes @property {Line[]} lines @property {Problem[]} problems
 * @property {string} undo @property {string} redo
 */

/** @param {string} tag @param {Record<string, string | number>} attributes @param {...(Node | string)} content */
export function svg(tag, attributes, ...content) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...content);
  return element;
}

/** @param {string} text @param {number} length */
const short = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

/** Everything about a step in one sentence after the other, for those who hear the page. @param {Box} box @param {(id: number) => string} nameOf */
export function spoken(box, nameOf) {
  const exits = box.ports.map((port) => (port.to ? say('leads', { exit: port.label, step: nameOf(port.to) }) : say('nowhere', { exit: port.label })));
  const said = [`${box.title}: ${box.name}`, ...marksOf(box), ...exits, ...box.problems.map(inWords)];
  return said.map((text) => text.replace(/\.$/, '')).join('. ');
}

/** @param {Problem} problem */
export function inWords(problem) {
  return say(problem.warning ? 'warning' : 'problem', { text: problem.text });
}

/** @param {Box} box */
function marksOf(box) {
  return [box.first && say('first'), box.fault && say('after_fault')].filter((mark) => typeof mark === 'string' && mark);
}

/** @param {Box} box @param {boolean} editable */
export function drawBox(box, editable) {
  const bad = box.problems.some((problem) => !problem.warning);
  const sign = bad ? '✕' : box.problems.length ? '!' : '';
  return [
    svg('rect', { class: 'box-face', width: box.width, height: box.height, rx: 6 }),
    svg('text', { class: 'box-icon', x: 10, y: 24, 'aria-hidden': 'true' }, box.icon),
    svg('text', { class: 'flow-kind', x: 34, y: 17 }, [box.title, ...marksOf(box)].join(' · ')),
    svg('text', { class: 'flow-name', x: 34, y: 36 }, short(box.name, NAME_LENGTH)),
    svg('text', { class: `box-sign${bad ? ' bad' : ''}`, x: box.width - 22, y: 20 }, sign),
    ...box.ports.flatMap((port) => drawPort(box, port, editable)),
    ...(editable && box.spare.length ? drawSpare(box) : []),
  ];
}

/** @param {Box} box @param {Port} port @param {boolean} editable */
function drawPort(box, port, editable) {
  const y = port.y - box.y;
  const missing = port.missing ? ' flow-missing' : '';
  const parts = [
    svg('text', { class: `flow-port${missing}`, x: box.width - 12, y: y + 4 }, short(port.label, PORT_LENGTH) + (port.missing ? ' ✕' : '')),
    svg('circle', { class: `flow-dot${missing}`, cx: box.width, cy: y, r: 4 }),
  ];
  if (editable) parts.push(svg('circle', { class: 'port-hand', 'data-exit': port.name, cx: box.width, cy: y, r: HAND }));
  return parts;
}

/** One handle for all exits that lead nowhere and need not. @param {Box} box */
function drawSpare(box) {
  const y = HEAD / 2;
  const title = svg('title', {}, say('spare', { exits: box.spare.map(({ label }) => label).join(', ') }));
  return [
    svg('circle', { class: 'spare-dot', cx: box.width, cy: y, r: 7 }),
    svg('text', { class: 'spare-sign', x: box.width, y: y + 4 }, '+'),
    svg('circle', { class: 'port-hand', 'data-exit': '', cx: box.width, cy: y, r: HAND }, title),
  ];
}
