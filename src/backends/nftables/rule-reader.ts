/** Computes endpoint shares and finds foreign rules in our table. */

import { destinationOf } from '../../netfilter/program.js';
import { type RulesOf, sharesOf } from '../../netfilter/shares.js';
import { chainPools } from '../../plan/pools.js';
import type { RuleReader } from '../../plan/summary.js';
import type { PoolSummary } from '../../plan/summary-types.js';
import type { Chains } from '../../plan/types.js';
import { type Unit, type UnitName, unitKey } from '../../plan/unit.js';
import { frontendPools } from './frontend-pools.js';
import { LAYOUTS } from './layouts/index.js';
import type { UnitRole } from './layouts/layout.js';
import { mapValueOf, meaningOf } from './meaning.js';
import { originOfName } from './origin.js';
import {
  elementKey,
  elementValue,
  headOf,
  isDeclaration,
  referencesOf,
  withoutChance,
} from './syntax/line-text.js';
import { isKnown, parseRule } from './syntax/rule.js';

/** Reads units of any layout. */
export const RULE_READER: RuleReader = {
  pools: (chains, origins) => [
    ...chainPools(chains, origins, poolOf, ({ table, name }) =>
      sharesOf(name, rulesIn(chains, table)),
    ),
    ...frontendPools(chains, origins, poolOf, (table) => rulesIn(chains, table)),
  ],
  isOurs,
  withoutChance,
};

function poolOf(unit: Unit): PoolSummary['pool'] | undefined {
  return LAYOUTS.map((layout) => layout.poolOf(unit)).find((pool) => pool !== undefined);
}

function rulesIn(chains: Chains, table: string): RulesOf {
  return (name) =>
    chains
      .get(unitKey({ table, kind: 'chain', name }))
      ?.lines.filter((line) => !isDeclaration(line))
      .map(meaningOf);
}

/** The rules that chains of a role hold, each by the kinds of its statements. */
const SHAPES: Readonly<Record<UnitRole, readonly string[]>> = {
  base: ['jump', 'conntrack jump'],
  dispatch: [
    'verdict-map',
    'networks verdict-map',
    'in-set verdict-map',
    'fib networks verdict-map',
    'in-set set-mark',
    'in-set networks set-mark',
    'in-set interface set-mark',
  ],
  masquerade: [
    'mark set-mark masquerade',
    'conntrack in-set masquerade',
    // Up to 1.35, in three rules.
    'mark return',
    'set-mark',
    'masquerade',
  ],
  mark: ['set-mark'],
  check: ['in-set reject', 'networks drop'],
  reject: ['reject', 'counter reject'],
  pool: [
    'in-set goto',
    'protocol random-dnat',
    'map-dnat',
    'protocol dnat',
    'random-verdict',
    'networks jump',
    'networks networks jump',
    'networks interface jump',
    'networks port jump',
    'networks port networks jump',
    'networks port interface jump',
  ],
  external: [
    'set-mark',
    'fib set-mark',
    'jump',
    'fib jump',
    'fib goto',
    'networks goto',
    'interface goto',
    'goto',
  ],
  firewall: ['networks drop'],
  endpoint: ['networks jump', 'update', 'protocol dnat'],
  set: [],
  counter: [],
  table: [],
};

/**
 * Whether a layout of vipc or of a user could have written a line. Everything in the table is ours,
 * so a unit that no layout of vipc knows belongs to a user's layout, and so does a line that refers
 * to such a unit.
 */
function isOurs(unit: UnitName, line: string): boolean {
  const role = roleOf(unit);
  if (isDeclaration(line)) return role !== undefined || headOf(line)?.kind !== 'object';
  const ofUser =
    role === undefined || referencesOf(line).some((other) => roleOf(other) === undefined);
  if (unit.kind === 'set') return isOurElement(line, ofUser);
  const rule = parseRule(line);
  const shape = rule.statements.map(({ kind }) => kind).join(' ');
  return isKnown(rule) && (ofUser || (role !== undefined && SHAPES[role].includes(shape)));
}

function roleOf(unit: UnitName): UnitRole | undefined {
  return LAYOUTS.map((layout) => layout.roleOf(unit)).find((role) => role !== undefined);
}

/** Elements of sets are addresses; those of maps lead to chains or endpoints, or refuse. */
function isOurElement(line: string, ofUser: boolean): boolean {
  if (elementKey(line).startsWith('json ')) return false;
  const text = elementValue(line);
  if (ofUser || text === '') return true;
  const value = mapValueOf(text);
  switch (value.kind) {
    case 'drop':
      return true;
    case 'goto':
      return leadsToUs(value.chain);
    case 'data':
      return destinationOf(value.text) !== undefined;
    default:
      return false;
  }
}

function leadsToUs(chain: string): boolean {
  const role = roleOf({ kind: 'chain', name: chain });
  return role === 'reject' || originOfName(chain) !== '' || role === 'pool' || role === 'external';
}
