/**
 * Restricts a plan that comes from a file to what a plan may do: commands about units of our table.
 */

import { ParseError } from '../../errors.js';
import { allChanges, changedLines, wholeLines } from '../../plan/plan.js';
import type { ChainChange, FamilyPlan } from '../../plan/types.js';
import { unitLabel } from '../../plan/unit.js';
import { LAYOUTS } from './layouts/index.js';
import { SYNTAX } from './layouts/layout.js';
import { tableDeclaration, tableName } from './ownership.js';
import { headOf, unitOf, withoutComment } from './syntax/line-text.js';
import { isKnown, parseRule, printRule } from './syntax/rule.js';
import { declaredChainOf } from './syntax/script-dump.js';
import { declarationLine, withComment } from './syntax/units.js';

/** The first thing in a plan that no plan of vipc contains, in words; `''` if there is none. */
export function planFault(plan: FamilyPlan): string {
  const table = tableName(plan.family);
  for (const change of allChanges(plan)) {
    const fault = change.table === table ? changeFault(change, plan) : 'not a table of ours';
    if (fault !== '') return `${change.table} ${unitLabel(change)}: ${fault}`;
  }
  const other = plan.comments.find((comment) => comment.table !== table);
  return other === undefined ? '' : `${other.table} is not a table of ours`;
}

/** The name of any unit of a table; no character that could begin another word. */
const NAME = /^[^\s"#;{}@]+$/;

function changeFault(change: ChainChange, { family }: FamilyPlan): string {
  const { kind, name } = change;
  const isTable = kind === 'table';
  if (isTable ? name !== '' : !NAME.test(name)) return 'not a name of a chain or a set';
  const written = [...wholeLines(change), ...changedLines(change, 'add')];
  // No command deletes a single rule, so removed rules are never written.
  const spoken = changedLines(change, 'remove').filter((line) => headOf(line)?.kind !== 'rule');
  for (const line of written) {
    const fault = isTable ? tableFault(line, tableDeclaration(family)) : writtenFault(change, line);
    if (fault !== '') return `${fault}: ${line}`;
  }
  const strange = isTable ? undefined : spoken.find((line) => !isAbout(change, line));
  return strange === undefined ? '' : `not a line of this unit: ${strange}`;
}

function tableFault(line: string, declaration: string): string {
  return withoutComment(line) === withoutComment(declaration) ? '' : 'not a table of ours';
}

/** A line that is one command, about this unit. */
function isAbout({ table, kind, name }: ChainChange, line: string): boolean {
  const head = headOf(line);
  const unit = head && unitOf(head);
  return (
    head !== undefined &&
    unit?.kind === kind &&
    unit.name === name &&
    line.startsWith(`add ${head.type} ${table} ${name}`) &&
    // Of an object nothing but its type and name is used, to delete it.
    (head.kind === 'object' || SYNTAX.line.test(line))
  );
}

/**
 * A line that we write is fully understood. A base chain must be one of a layout, without a policy.
 */
function writtenFault(change: ChainChange, line: string): string {
  const kind = headOf(line)?.kind;
  if (!isAbout(change, line) || (kind === 'object' && !isOurCounter(change, line)))
    return 'not a line of this unit';
  if (kind === 'chain')
    return isOurChain(change, line) ? '' : 'a base chain with a hook that none of ours has';
  if (kind !== 'rule') return '';
  return isUnderstood(line) ? '' : 'a rule with parts that are not known';
}

function isOurCounter({ table, kind, name }: ChainChange, line: string): boolean {
  return (
    line === `add counter ${table} ${name}` &&
    LAYOUTS.some(({ roleOf }) => roleOf({ kind, name }) === 'counter')
  );
}

/** The types of our base chains. */
const TYPES: ReadonlySet<string> = new Set(['filter', 'nat']);

/** A line that is fully understood and printed in our form. */
function isOurChain({ table, name: own }: ChainChange, line: string): boolean {
  const made = declaredChainOf(line);
  if (made === undefined) return false;
  const { name, declaration, comment } = made;
  if (withComment(declarationLine(table, name, declaration), comment) !== line) return false;
  const { hook, others } = declaration;
  if (others.length > 0) return false;
  return hook === undefined || (mayHookIn(own) && TYPES.has(hook.type) && hook.policy === 'accept');
}

/** A chain that no layout of vipc has is one of a user's own layout. */
function mayHookIn(name: string): boolean {
  const roles = LAYOUTS.map(({ roleOf }) => roleOf({ kind: 'chain', name })).filter(
    (role) => role !== undefined,
  );
  return roles.length === 0 || roles.includes('base');
}

function isUnderstood(line: string): boolean {
  try {
    const rule = parseRule(line);
    return isKnown(rule) && printRule(rule) === line;
  } catch (error) {
    if (error instanceof ParseError) return false;
    throw error;
  }
}
