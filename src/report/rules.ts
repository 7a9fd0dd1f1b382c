/** The rules of a program by the Service port that they are for. */

import { ruleWords } from '../explain/rule-words.js';
import { addTo } from '../grouping.js';
import { type Chain, type MapValue, type Program, programChains } from '../netfilter/program.js';
import type { Rule } from '../netfilter/rule.js';
import type { ReportRules } from './types.js';

/** By origin, `shop/web:http TCP`; words are made when they are asked for. */
export type RulesByOrigin = (origin: string) => readonly ReportRules[];

/**
 * Chains of each Service port, after what leads into them: rules of chains that many share, and
 * elements of maps. `origins` are those of all Service ports.
 */
export function rulesByOrigin(program: Program, origins: ReadonlySet<string>): RulesByOrigin {
  const chains = [...programChains(program)];
  const owners = new Map<string, string>();
  for (const { table, name, origin } of chains)
    if (origin !== '') owners.set(`${table} ${name}`, origin);
  const found = new Map<string, (() => ReportRules)[]>();
  const add: Add = (origin, rules) => addTo(found, origin, rules);
  for (const chain of chains) if (chain.origin === '') addShared(chain, owners, origins, add);
  addElements(program, owners, add);
  for (const chain of chains)
    if (chain.origin !== '') add(chain.origin, () => rulesOf(chain, chain.rules));
  return (origin) => (found.get(origin) ?? []).map((make) => make());
}

type Add = (origin: string, rules: () => ReportRules) => void;

/** The rules of a chain of many Services, each to the one that it leads to or names. */
function addShared(
  chain: Chain,
  owners: ReadonlyMap<string, string>,
  origins: ReadonlySet<string>,
  add: Add,
): void {
  const byOrigin = new Map<string, Rule[]>();
  for (const rule of chain.rules) {
    const origin = leadsTo(rule, chain.table, owners) ?? namedBy(rule, origins);
    if (origin === undefined) continue;
    addTo(byOrigin, origin, rule);
  }
  for (const [origin, some] of byOrigin) add(origin, () => rulesOf(chain, some));
}

function leadsTo(
  { statements }: Rule,
  table: string,
  owners: ReadonlyMap<string, string>,
): string | undefined {
  for (const statement of statements)
    if (statement.kind === 'jump' || statement.kind === 'goto') {
      const owner = owners.get(`${table} ${statement.chain}`);
      if (owner !== undefined) return owner;
    }
  return undefined;
}

/** What refuses has no chain, and a comment: `shop/web:http has no endpoints`. */
function namedBy({ statements, comment }: Rule, origins: ReadonlySet<string>): string | undefined {
  const [id = ''] = comment.split(' ', 1);
  if (!id.includes('/')) return undefined;
  for (const statement of statements)
    if (statement.kind === 'protocol') {
      const origin = `${id} ${statement.protocols[0]?.toUpperCase() ?? ''}`;
      if (origins.has(origin)) return origin;
    }
  return undefined;
}

/** Elements of maps that lead to chains of a Service port. */
function addElements({ sets }: Program, owners: ReadonlyMap<string, string>, add: Add): void {
  for (const { table, name, elements } of sets.values()) {
    const byOrigin = new Map<string, (readonly [string, string])[]>();
    for (const [element, value] of elements) {
      const chain = chainOf(value);
      const origin = owners.get(`${table} ${chain}`);
      if (origin === undefined) continue;
      const shownElement = [`${element} : goto ${chain}`, `go on in ${chain}`] as const;
      addTo(byOrigin, origin, shownElement);
    }
    for (const [origin, rules] of byOrigin)
      add(origin, () => ({ table, chain: `map ${name}`, rules }));
  }
}

function chainOf(value: MapValue | undefined): string {
  return value !== undefined && 'chain' in value ? value.chain : '';
}

function rulesOf({ table, name }: Chain, rules: readonly Rule[]): ReportRules {
  return { table, chain: name, rules: rules.map((rule) => [rule.line, ruleWords(rule)]) };
}
