/** The diagram in its window, and what opens over it. */

import { find, write } from '../live/page.js';
import { say } from '../live/words.js';
import { Chooser } from './chooser.js';
import { Diagram } from './diagram.js';
import { Viewport } from './viewport.js';

const root = /** @type {SVGSVGElement} */ (/** @type {unknown} */ (document.querySelector('#canvas svg')));
export const diagram = new Diagram(root);
export const viewport = new Viewport(root, /** @type {SVGGElement} */ (root.querySelector('.view')), (percent) => write('zoom', say('zoom', { percent })));
export const chooser = new Chooser(find('#chooser'));
