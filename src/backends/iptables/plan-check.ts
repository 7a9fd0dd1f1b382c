/**
 * Restricts a plan that comes from a file to what a plan may do: rules in chains of ours, and jumps
 * to them.
 */

import { ParseError } from '../../errors.js';
import { allChanges, changedLines, guardLines, wholeLines } from '../../plan/plan.js';
import type { ChainChange, FamilyPlan } from '../../plan/types.js';
import { unitKey, unitLabel } from '../../plan/unit.js';
import type { Ruleset } from '../../ruleset/types.js';
import { rulesetChains } from './chains.js';
import { LAYOUTS } from './layouts/index.js';
import { meaningOf } from './meaning.js';
import {
  isBuiltinRule,
  type Ownership,
  ownershipOf,
  type Remembered,
  tableRule,
} from './ownership.js';
import type { Dump } from './syntax/parse.js';
import { type IptablesRule, isKnown, parseRule } from './syntax/rule.js';
import { splitWords } from './syntax/words.js';

/**
 * The first thing in a plan that no plan for this kernel would contain, in words; `''` for a plan
 * that is fine. Ours are the chains that {@link ownershipOf} says, and those that the plan itself
 * creates where there are none.
 */
export function planFault(
  plan: FamilyPlan,
  dump: Dump,
  remembered: Remembered,
  ruleset?: Ruleset,
): string {
  const wanted = ruleset === undefined ? new Map() : rulesetChains(ruleset);
  const created = plan.changes
    .filter(({ action, table, name }) => action === 'create' && !dump.tables.get(table)?.has(name))
    .map(unitKey);
  const chains = new Set([...remembered.chains, ...created]);
  const ownership = ownershipOf(wanted, { ...remembered, chains });
  for (const change of allChanges(plan)) {
    const fault = changeFault(change, ownership);
    if (fault !== '') return `${change.table} ${unitLabel(change)}: ${fault}`;
  }
  const other = plan.comments.find(
    ({ table, kind, name }) => kind !== 'chain' || ownership.roleOf(table, name) === 'foreign',
  );
  return other === undefined ? '' : `${other.table} ${unitLabel(other)} is not a chain of ours`;
}

function changeFault(change: ChainChange, ownership: Ownership): string {
  const { table, kind, name: chain, action } = change;
  const role = ownership.roleOf(table, chain);
  if (kind !== 'chain' || role === 'foreign') return 'no chain of ours';
  if (role === 'partial' && (action === 'rewrite' || action === 'delete'))
    return `a chain that others fill too cannot take the action ${action}`;
  const written = [...wholeLines(change), ...changedLines(change, 'add')];
  return (
    firstFault(written, (line) => writtenFault(table, chain, line, ownership)) ||
    firstFault(changedLines(change, 'remove'), (line) =>
      role === 'partial' ? partialFault(table, chain, line, ownership) : foundFault(chain, line),
    ) ||
    firstFault(guardLines(change), (line) => foundFault(chain, line))
  );
}

function firstFault(lines: readonly string[], faultOf: (line: string) => string): string {
  for (const line of lines) {
    const fault = faultOf(line);
    if (fault !== '') return `${fault}: ${line}`;
  }
  return '';
}

/** A rule that we write is fully understood and jumps only to our chains. */
function writtenFault(table: string, chain: string, line: string, ownership: Ownership): string {
  const rule = ruleOf(chain, line);
  if (rule === undefined) return 'no rule of this chain';
  if (!isKnown(rule)) return 'a rule with parts that are not known';
  if (rule.target.kind === 'goto') return gotoFault(table, chain, line);
  if (leads(rule) && !leadsToUs(table, rule, ownership))
    return 'a jump to a chain that is not ours';
  return ownership.roleOf(table, chain) === 'partial'
    ? partialFault(table, chain, line, ownership)
    : '';
}

/** Layouts use a goto from some chains to some others alone. */
function gotoFault(table: string, chain: string, line: string): string {
  const rule = meaningOf(line);
  return LAYOUTS.some(({ writes }) => writes(table, chain, rule))
    ? ''
    : 'a goto that no layout has there';
}

/** In a chain that others fill too, a plan touches jumps to our chains and rules of our layouts. */
function partialFault(table: string, chain: string, line: string, ownership: Ownership): string {
  const rule = ruleOf(chain, line);
  if (rule === undefined) return 'no rule of this chain';
  const known = isBuiltinRule(tableRule(table, line)) || ownership.isOurRule(table, chain, line);
  if (known || (isKnown(rule) && leads(rule) && leadsToUs(table, rule, ownership))) return '';
  return 'a rule that is not ours';
}

function leads({ target }: IptablesRule): boolean {
  return target.kind === 'jump' || target.kind === 'goto';
}

function leadsToUs(table: string, { target }: IptablesRule, { owns }: Ownership): boolean {
  if (target.kind !== 'jump') return false;
  return owns(table, target.chain) || (table === 'filter' && target.chain === 'KUBE-FIREWALL');
}

/**
 * A line that was in a chain of ours may be of any program, but it names one rule of this chain and
 * no other command.
 */
function foundFault(chain: string, line: string): string {
  if (ruleOf(chain, line) === undefined) return 'no rule of this chain';
  const [, , ...words] = splitWords(line);
  return words.some((word) => COMMAND.test(word)) ? 'more than one command' : '';
}

/**
 * The tool takes one command per line and no table; shortened spellings of these are left to it to
 * refuse.
 */
const COMMAND =
  /^-(?:[ACDEFILNPRSXZt]|-(?:append|delete|check|insert|replace|list|list-rules|flush|zero|new-chain|delete-chain|rename-chain|policy|table))$/;

function ruleOf(chain: string, line: string): IptablesRule | undefined {
  if (!line.startsWith(`-A ${chain} `)) return undefined;
  try {
    return parseRule(line);
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}
