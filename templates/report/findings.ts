/** Findings as a list. */

import type { ReportFinding } from '../../src/report/types.js';
import { h } from './dom.js';
import { stateBadge } from './states.js';

/** Each with its state, its source, and what to do. */
export function findingList(findings: readonly ReportFinding[]): HTMLElement {
  return h('ul', { class: 'findings' }, ...findings.map(findingItem));
}

function findingItem({
  state,
  source,
  text,
  hint,
  next,
  place,
  lines,
}: ReportFinding): HTMLElement {
  return h(
    'li',
    { class: state },
    stateBadge(state),
    h(
      'div',
      {},
      h('p', {}, text),
      hint === '' ? undefined : h('p', { class: 'hint' }, `Hint: ${hint}`),
      next === '' ? undefined : h('p', { class: 'next' }, 'Next: ', h('code', {}, next)),
      lines.length === 0 ? undefined : h('pre', {}, lines.join('\n')),
      h(
        'p',
        { class: 'source' },
        source,
        place === '' ? undefined : h('span', { class: 'mono' }, ` ${place}`),
      ),
    ),
  );
}
