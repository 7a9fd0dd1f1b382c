/** The notes of a diff: settings, flows, and what does not count as a difference. */

import type { StaleFlow } from '../../flows/stale-flows.js';
import type { FamilySummary } from '../../plan/summary-types.js';
import type { HostChange } from '../../plan/types.js';
import { leftBy } from '../../profiles/leftovers.js';
import { count } from './counts.js';

export type Paint = (text: string, style: 'red' | 'green' | 'yellow' | 'bold' | 'dim') => string;

/** The settings of the machine that would be made. */
export function settingLines(changes: readonly HostChange[], paint: Paint): readonly string[] {
  if (changes.length === 0) return [];
  const lines = changes.map((change) =>
    change.kind === 'nfacct'
      ? `    nfacct object ${change.name} is not there`
      : `    ${change.name}  ${change.before || 'unknown'} -> ${change.after}`,
  );
  return [`${paint('~ this machine', 'yellow')}  settings that the rules need`, ...lines, ''];
}

/** More flows than this are counted. */
const MOST_FLOWS = 10;

/** The tracked connections that would be forgotten. */
export function flowLines(flows: readonly StaleFlow[]): readonly string[] {
  if (flows.length === 0) return [];
  const hidden = flows.length - MOST_FLOWS;
  return [
    `note: ${count(flows.length, 'tracked flow')} would go where the rules do not send them; apply forgets them:`,
    ...flows
      .slice(0, MOST_FLOWS)
      .map(({ origin, reason }) => `  ${origin || 'unknown'}: ${reason}`),
    ...(hidden > 0 ? [`  … and ${hidden} more`] : []),
  ];
}

/** Leftovers, chains that stay, and rules with another comment, shown with `comments`. */
export function noteLines(summary: FamilySummary, comments: boolean): readonly string[] {
  const { family, leftovers, uncommented, pinned } = summary;
  return [
    ...leftovers.map(
      (leftover) =>
        `note: ${family} ${leftover.table} ${leftover.chain} is a leftover${leftoverText(leftover)}, and apply deletes it`,
    ),
    ...pinned.map(
      ({ table, chain, by }) =>
        `note: ${family} ${table} ${chain} is not wanted but stays, empty, because of a foreign rule: ${by}`,
    ),
    ...uncommentedLines(family, uncommented),
    ...commentLines(family, summary.comments, comments),
  ];
}

/**
 * A rule jumps to a chain, and refers to a set or a named counter. What a version of kube-proxy
 * left behind is named as that.
 */
function leftoverText({ table, chain, origin, rules }: Leftover): string {
  const by = table.endsWith(' kube-proxy') ? leftBy(chain) : '';
  const of = by === '' ? (origin === '' ? '' : ` of ${origin}`) : ` of ${by}`;
  if (chain.startsWith('@') || chain.includes(' ')) return `${of}: no rule refers to it`;
  const why = LEFT_HOOKS.test(chain) && by !== '' ? 'others do the same' : 'nothing jumps to it';
  return `${of} (${count(rules, 'rule')}): ${why}`;
}

type Leftover = FamilySummary['leftovers'][number];

/** Base chains, which packets reach without a jump. */
const LEFT_HOOKS = /^filter-/;

function uncommentedLines(
  family: FamilySummary['family'],
  chains: FamilySummary['uncommented'],
): readonly string[] {
  if (chains.length === 0) return [];
  const which = `${count(chains.length, 'chain')} of ${family} ${chains.length === 1 ? 'has' : 'have'} rules without their comments`;
  return [`note: ${which}, and apply writes ${chains.length === 1 ? 'it' : 'them'} again`];
}

function commentLines(
  family: FamilySummary['family'],
  comments: FamilySummary['comments'],
  isShown: boolean,
): readonly string[] {
  if (comments.length === 0) return [];
  const which = `${count(comments.length, 'rule')} of ${family} ${comments.length === 1 ? 'has' : 'have'} another comment`;
  if (!isShown) return [`note: ${which}, which is not a difference (--comments shows them)`];
  return [
    `note: ${which}, which is not a difference:`,
    ...comments.flatMap(({ table, before, after }) => [
      `  ${table}`,
      `    - ${before}`,
      `    + ${after}`,
    ]),
  ];
}
