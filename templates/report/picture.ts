/** Draws the picture of a Service port. */

import type { ReportPort } from '../../src/report/types.js';
import { h, s } from './dom.js';
import { pictureContent } from './picture-content.js';
import { narrowPicture } from './picture-narrow.js';
import { type Box, LINE_HEIGHT, type Line, middleOf, type Picture } from './picture-shapes.js';
import { widePicture } from './picture-wide.js';

/**
 * The picture with its legend, from left to right and from top to bottom: the style shows the one
 * that fits. The tables below it say the same to those who do not see it.
 */
export function picture(port: ReportPort, clients: readonly string[]): HTMLElement {
  const content = pictureContent(port, clients);
  const label = `Paths of ${port.title}, ${port.family}, from its addresses to its endpoints; the tables that follow list them`;
  return h(
    'figure',
    { class: 'path' },
    drawn(widePicture(content), 'wide', label),
    drawn(narrowPicture(content), 'narrow', label),
    content.branches.some(({ isMasqueraded }) => isMasqueraded) ? legend() : undefined,
  );
}

function drawn(
  { width, height, boxes, lines }: Picture,
  name: 'wide' | 'narrow',
  label: string,
): SVGElement {
  const viewBox = `-1 -1 ${width + 2} ${height + 2}`;
  return s(
    'svg',
    { class: `picture ${name}`, viewBox, role: 'img', 'aria-label': label },
    ...lines.map(lineElement),
    ...boxes.map(boxElement),
  );
}

function legend(): HTMLElement {
  const sample = (name: string): SVGElement =>
    s(
      'svg',
      { class: 'sample', viewBox: '0 0 32 8', 'aria-hidden': 'true' },
      s('path', { class: name, d: 'M0 4H32' }),
    );
  return h(
    'figcaption',
    {},
    h('span', {}, sample('line'), 'keeps its source'),
    h('span', {}, sample('line masqueraded'), 'source masqueraded'),
  );
}

function lineElement({
  path,
  tip,
  toLeft,
  label,
  labelAt: [x, y],
  anchor,
  isMasqueraded,
}: Line): SVGElement {
  return s(
    'g',
    {},
    s('path', { class: isMasqueraded ? 'line masqueraded' : 'line', d: path }),
    s('path', { class: 'tip', d: `M${tip.join(' ')}l${toLeft ? 8 : -8} -4v8z` }),
    s('text', { class: 'label', x, y, 'text-anchor': anchor }, label),
  );
}

/** Inside of a box, before its text and at least behind it. */
const PADDING = 13;
const PADDING_END = 3;
/** The width of a character; of a monospace font, somewhat more. */
const CHARACTER = 6.35;
const MONO_CHARACTER = 7.3;

function boxElement(box: Box): SVGElement {
  const { x, width, top, height, kind, lines } = box;
  const first = middleOf(box) - ((lines.length - 1) * LINE_HEIGHT) / 2 + 4.5;
  return s(
    'g',
    { class: `box ${kind}` },
    s('title', {}, lines.join('\n')),
    s('rect', { x, y: top, width, height, rx: 7 }),
    ...lines.map((line, i) => {
      const isMono = isMonospace(kind, i);
      const fitting = (width - PADDING - PADDING_END) / (isMono ? MONO_CHARACTER : CHARACTER);
      return s(
        'text',
        {
          ...{ x: x + PADDING, y: first + i * LINE_HEIGHT },
          class: `${isMono ? 'mono' : ''} line-${i}`,
        },
        cut(line, Math.floor(fitting)),
      );
    }),
  );
}

function isMonospace(kind: string, line: number): boolean {
  return kind === 'address' ? line === 1 : line === 0 && /endpoint|unused/.test(kind);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
