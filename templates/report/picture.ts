/** Draws the picture of a Service port. */

import type { ReportPort } from '../../src/report/types.js';
import { h, s } from './dom.js';
import { type Box, COLUMNS, type Line, pictureOf } from './picture-layout.js';

/** The picture with its legend. The tables below it say the same to those who do not see it. */
export function picture(port: ReportPort, clients: readonly string[]): HTMLElement {
  const { height, boxes, lines } = pictureOf(port, clients);
  const isMasqueraded = lines.some((line) => line.isMasqueraded);
  const svg = s(
    'svg',
    {
      ...{ class: 'picture', viewBox: `-1 -1 1002 ${height + 2}`, role: 'img' },
      'aria-label': `Paths of ${port.title}, ${port.family}, from its addresses to its endpoints; the tables that follow list them`,
    },
    ...lines.map(lineElement),
    ...boxes.map(boxElement),
  );
  return h(
    'figure',
    { class: 'path' },
    h('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Picture' }, svg),
    isMasqueraded ? legend() : undefined,
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

function lineElement({ from, to, label, labelAt, isMasqueraded }: Line): SVGElement {
  const [x1, y1] = from;
  const [x2, y2] = to;
  const end = x2 - 7;
  // A level part for the label, and a curve for the rest.
  const [c1, c2] = labelAt === 'start' ? [x1 + 168, end] : [x1, end - 38];
  const middle = (c1 + c2) / 2;
  const d = `M${x1} ${y1}H${c1}C${middle} ${y1} ${middle} ${y2} ${c2} ${y2}H${end}`;
  const [x, y, anchor] = labelAt === 'start' ? [x1 + 8, y1 - 5, 'start'] : [end - 3, y2 - 5, 'end'];
  return s(
    'g',
    {},
    s('path', { class: isMasqueraded ? 'line masqueraded' : 'line', d }),
    s('path', { class: 'tip', d: `M${x2} ${y2}l-8 -4v8z` }),
    s('text', { class: 'label', x, y, 'text-anchor': anchor }, label),
  );
}

/** Characters that fit into a line of a box. */
const FITTING = [30, 26, 30];

function boxElement({ column, kind, lines, height, y }: Box): SVGElement {
  const [x, width] = COLUMNS[column] ?? [0, 0];
  const top = y - height / 2;
  const first = y - ((lines.length - 1) * 17) / 2 + 4.5;
  return s(
    'g',
    { class: `box ${kind}` },
    s('title', {}, lines.join('\n')),
    s('rect', { x, y: top, width, height, rx: 7 }),
    ...lines.map((line, i) =>
      s(
        'text',
        { x: x + 13, y: first + i * 17, class: lineClass(kind, i) },
        cut(line, FITTING[column] ?? 30),
      ),
    ),
  );
}

function lineClass(kind: string, line: number): string {
  const isMono = kind === 'address' ? line === 1 : line === 0 && /endpoint|unused/.test(kind);
  return `${isMono ? 'mono' : ''} line-${line}`;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
