/** Finds the rules of layout fast in chains of every node that lead straight to an endpoint. */

import type { PoolName } from '../../../../model/routes.js';
import { ALL } from '../../../../netfilter/fraction.js';
import type { Statement } from '../../../../netfilter/rule.js';
import { destinationText } from '../../../../netfilter/shares.js';
import type { Pool } from '../../../../plan/pools.js';
import type { Chains } from '../../../../plan/types.js';
import { unitLabel } from '../../../../plan/unit.js';
import { commentOf, targetOf } from '../../syntax/line-text.js';

/** What the comment of such a rule says behind the name of the Service port, by its pool. */
export const DIRECT_WORDS: Readonly<Record<PoolName, string>> = {
  cluster: 'cluster IP',
  local: 'local cluster IP',
};

/** Whether a rule of a chain of every node leads straight to an endpoint. */
export function isDirect(line: string): boolean {
  return line.includes(' DNAT') && targetOf(line) === 'DNAT';
}

/** The pools of these Service ports whose only endpoint such a rule leads to. */
export function directPools(
  chains: Chains,
  origins: ReadonlySet<string>,
  statementsOf: (line: string) => readonly Statement[],
): readonly Pool[] {
  const found: Pool[] = [];
  for (const state of chains.values()) {
    if (state.order !== 'shared' || state.table !== 'nat') continue;
    const chain = unitLabel(state);
    for (const [i, line] of state.lines.entries()) {
      const origin = state.origins?.[i] ?? '';
      if (!origins.has(origin) || !isDirect(line)) continue;
      found.push({ origin, pool: poolOf(line), chain, shares: sharesOf(statementsOf(line)) });
    }
  }
  return found;
}

function poolOf(line: string): PoolName {
  return commentOf(line).endsWith(` ${DIRECT_WORDS.local}`) ? 'local' : 'cluster';
}

function sharesOf(statements: readonly Statement[]): Pool['shares'] {
  return new Map(
    statements.flatMap((one) =>
      one.kind === 'dnat' ? [[destinationText(one), ALL] as const] : [],
    ),
  );
}
