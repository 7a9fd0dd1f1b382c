/** Chains that Services left behind: they would translate packets, and no packet reaches them. */

import type { Chain } from '../netfilter/program.js';
import type { Rule, Statement } from '../netfilter/rule.js';
import { translates } from './fates.js';

/** The chains that translate, or jump into one that does, and of which no rule was met. */
export function unreachedOf(chains: readonly Chain[], met: ReadonlySet<Rule>): readonly Chain[] {
  const callers = callersOf(chains);
  const found = new Set<Chain>();
  const open = chains.filter(({ rules }) => rules.some((rule) => rule.statements.some(translates)));
  for (let chain = open.pop(); chain !== undefined; chain = open.pop()) {
    if (found.has(chain)) continue;
    found.add(chain);
    for (const caller of callers.get(`${chain.table} ${chain.name}`) ?? []) open.push(caller);
  }
  return [...found].filter(({ rules }) => !rules.some((rule) => met.has(rule)));
}

/** The chains with a jump into a chain, by its table and name. */
function callersOf(chains: readonly Chain[]): ReadonlyMap<string, readonly Chain[]> {
  const callers = new Map<string, Chain[]>();
  for (const chain of chains)
    for (const target of chain.rules.flatMap(({ statements }) => statements.flatMap(targetOf))) {
      const key = `${chain.table} ${target}`;
      const known = callers.get(key);
      if (known === undefined) callers.set(key, [chain]);
      else known.push(chain);
    }
  return callers;
}

function targetOf(statement: Statement): readonly string[] {
  return statement.kind === 'jump' || statement.kind === 'goto' ? [statement.chain] : [];
}
