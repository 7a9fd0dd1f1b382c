/** States: a word and a shape for each, beside its colour. */

import type { State } from '../../src/report/types.js';
import { h, s } from './dom.js';

/** From the worst. */
export const STATE_ORDER: readonly State[] = ['problem', 'warning', 'unknown', 'note', 'ok'];

/** What one is called. */
export const STATE_WORDS: Readonly<Record<State, string>> = {
  problem: 'Problem',
  warning: 'Warning',
  unknown: 'Unknown',
  note: 'Note',
  ok: 'OK',
};

/** Shapes that differ without their colour, in a square of 16. */
const SHAPES: Readonly<Record<State, readonly [outline: string, sign: string]>> = {
  problem: ['M5 1h6l4 4v6l-4 4H5l-4-4V5z', 'M5.5 5.5l5 5M10.5 5.5l-5 5'],
  warning: ['M8 1.2 15.2 14H.8z', 'M8 6v3.6M8 11.6v.2'],
  unknown: [
    'M1 8a7 7 0 1 0 14 0A7 7 0 1 0 1 8',
    'M6 6.2a2 2 0 1 1 2.6 1.9c-.5.2-.6.5-.6 1.1M8 11.4v.2',
  ],
  note: [
    'M3 1h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2',
    'M8 4.6v.2M8 7.4V11.4',
  ],
  ok: ['M1 8a7 7 0 1 0 14 0A7 7 0 1 0 1 8', 'M4.8 8.3l2.2 2.2 4.2-4.6'],
};

/** The shape alone; its word stands beside it. */
export function stateIcon(state: State): SVGElement {
  const [outline, sign] = SHAPES[state];
  return s(
    'svg',
    { class: `icon ${state}`, viewBox: '0 0 16 16', 'aria-hidden': 'true' },
    s('path', { class: 'outline', d: outline }),
    s('path', { class: 'sign', d: sign }),
  );
}

/** Shape and word. */
export function stateBadge(state: State): HTMLElement {
  const word = h('span', { class: 'word' }, STATE_WORDS[state]);
  return h('span', { class: `badge ${state}` }, stateIcon(state), word);
}

/** The worst of several. */
export function stateOfFindings(findings: readonly { readonly state: State }[]): State {
  return STATE_ORDER.find((state) => findings.some((one) => one.state === state)) ?? 'ok';
}
