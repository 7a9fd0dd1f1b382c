/** Reads rules for a summary: the shares of a pool's endpoints, and which rules are foreign. */

import type { Rule, Statement } from '../../netfilter/rule.js';
import { isAction, sharesOf } from '../../netfilter/shares.js';
import { chainPools } from '../../plan/pools.js';
import type { RuleReader } from '../../plan/summary.js';
import type { PoolSummary } from '../../plan/summary-types.js';
import { type Unit, unitKey } from '../../plan/unit.js';
import { directPools } from './layouts/fast/direct.js';
import { LAYOUTS } from './layouts/index.js';
import { cachedStatements } from './meaning.js';
import { builtinRole, type Ownership } from './ownership.js';
import {
  beginsWithAddress,
  commentOf,
  targetOf,
  withoutChance,
  withoutNetworks,
} from './syntax/line-text.js';

/** Reads the rules of a kernel in which `ownership` says what is ours. */
export function ruleReader(ownership: Ownership): RuleReader {
  const statementsOf = cachedStatements();
  return {
    pools: (chains, origins) => [
      ...chainPools(chains, origins, poolOf, ({ table, name: pool }) =>
        sharesOf(pool, (name) => {
          const state = chains.get(unitKey({ table, kind: 'chain', name }));
          return state && generalRules(state.lines, statementsOf);
        }),
      ),
      ...directPools(chains, origins, statementsOf),
    ],
    isOurs: ({ table, name: chain }, line) =>
      isOurs(
        table,
        chain,
        // Without networks, which do not matter here, most rules are equal and parsed once.
        { statements: statementsOf(withoutNetworks(line)), line, comment: commentOf(line) },
        ownership,
      ),
    withoutChance: (line) => (drawsTarget(targetOf(line)) ? withoutChance(line) : ''),
  };
}

/** The rules of a chain that decide about connections in general, whichever client sends them. */
function generalRules(
  lines: readonly string[],
  statementsOf: (line: string) => readonly Statement[],
): readonly Pick<Rule, 'statements'>[] {
  const rules: Pick<Rule, 'statements'>[] = [];
  for (const line of lines)
    if (!beginsWithAddress(line)) rules.push({ statements: statementsOf(line) });
  return rules;
}

/** Whether rules with the target share traffic out: to an endpoint, its chain, or those of some. */
function drawsTarget(target: string): boolean {
  return target === 'DNAT' || builtinRole('nat', target) === 'service';
}

function poolOf(unit: Unit): PoolSummary['pool'] | undefined {
  return LAYOUTS.map((layout) => layout.poolOf(unit)).find((pool) => pool !== undefined);
}

/**
 * Whether vipc or kube-proxy could have written the rule into the chain. Of a user's layout only
 * the chains are known, not their rules: a rule there is ours if it is understood.
 */
function isOurs(table: string, chain: string, rule: Rule, { roleOf, owns }: Ownership): boolean {
  if (roleOf(table, chain) === 'partial') return true;
  if (LAYOUTS.some((layout) => layout.writes(table, chain, rule))) return true;
  const action = rule.statements.findLast(isAction);
  const target = action?.kind === 'jump' ? action.chain : undefined;
  const isOwn = (name: string): boolean =>
    builtinRole(table, name) === 'foreign' && owns(table, name);
  if (target !== undefined && isOwn(target)) return true;
  const isUnderstood = rule.statements.every(({ kind }) => !kind.startsWith('unknown-'));
  return isOwn(chain) && isUnderstood && (target === undefined || owns(table, target));
}
