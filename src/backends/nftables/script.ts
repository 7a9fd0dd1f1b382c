/**
 * Prints a plan as scripts for `nft -f`, each one transaction, so that no packet meets half of it.
 * What is referred to is created first, and what nothing refers to any more is deleted last.
 */

import { changedLines, wholeLines } from '../../plan/chain-change.js';
import { allChanges } from '../../plan/plan.js';
import type { ChainChange, FamilyPlan } from '../../plan/types.js';
import type { InputOptions } from '../backend.js';
import type { LoadInput, Transaction } from '../transaction.js';
import { declarationsOf, type UnitAction, unitActionOf } from './diff.js';
import { elementKey, headOf, isDeclaration, type LineHead } from './syntax/line-text.js';
import { makesBaseChain } from './syntax/script-dump.js';

/** A change with what happens to its unit. */
type Step = ChainChange & {
  readonly unitAction: UnitAction;
  /** The line that makes the unit, or made a deleted one; `undefined` where it stays. */
  readonly declaration: string | undefined;
  readonly head: LineHead | undefined;
};

/** The commands of one transaction. */
interface Script {
  readonly purpose: Transaction['purpose'];
  readonly commands: readonly string[];
}

/**
 * The transactions. With `twoSteps` a last one deletes what nothing leads to any more; a large
 * first load is many.
 */
export function nftInput(
  plan: FamilyPlan,
  { twoSteps = false }: Pick<InputOptions, 'twoSteps'>,
): LoadInput {
  const steps = allChanges(plan).map(stepOf);
  const deletions = (['map', 'chain', 'set', 'object'] as const).flatMap((kind) =>
    steps
      .filter(({ unitAction, head }) => unitAction === 'delete' && head?.kind === kind)
      .map(({ table, head }) => `delete ${head?.type} ${table} ${head?.name}`),
  );
  const scripts = steps.some(isFirstLoad)
    ? firstScripts(steps)
    : [change([...commands(steps, twoSteps), ...(twoSteps ? [] : deletions)])];
  return [...scripts, { purpose: 'delete' as const, commands: twoSteps ? deletions : [] }]
    .filter((script) => script.commands.length > 0)
    .map(({ purpose, commands }) => ({ purpose, text: `${commands.join('\n')}\n` }));
}

function change(commands: readonly string[]): Script {
  return { purpose: 'change', commands };
}

function isFirstLoad({ unitAction, head }: Step): boolean {
  return unitAction === 'create' && head?.kind === 'table';
}

/**
 * Lines per transaction of a large first load: the kernel's time per line grows with the size of a
 * transaction.
 */
const PART = 2000;
/** Up to here a first load in one transaction is as fast. */
const LARGEST_WHOLE = 25_000;

/**
 * The transactions that fill a table that does not exist. Many of a large one, because that takes
 * half the time: packets meet nothing of it before the last one, which makes the chains with hooks,
 * and then they meet all of it.
 */
function firstScripts(steps: readonly Step[]): readonly Script[] {
  const whole = commands(steps, false);
  if (whole.length <= LARGEST_WHOLE) return [change(whole)];
  const isHook = ({ declaration = '' }: Step): boolean => makesBaseChain(declaration);
  const inner = commands(
    steps.filter((step) => !isHook(step)),
    false,
  );
  const parts = Array.from(
    { length: Math.ceil(inner.length / PART) },
    (_, i): Script => ({
      purpose: 'fill',
      commands: inner.slice(i * PART, (i + 1) * PART),
    }),
  );
  return [...parts, { purpose: 'hook', commands: commands(steps.filter(isHook), false) }];
}

/** Everything but deletions, in an order in which nft takes it. */
function commands(steps: readonly Step[], twoSteps: boolean): readonly string[] {
  return [
    ...steps.flatMap((step) => flushCommands(step, twoSteps)),
    ...(['map', 'set', 'chain', 'object'] as const).flatMap((kind) =>
      steps
        .filter(({ unitAction, head }) => unitAction === 'replace' && head?.kind === kind)
        .map(replacedCommand),
    ),
    ...(['table', 'object', 'chain', 'set', 'map'] as const).flatMap((kind) =>
      steps
        .filter(({ unitAction }) => unitAction === 'create' || unitAction === 'replace')
        .filter(({ head }) => head?.kind === kind)
        .map(createCommand),
    ),
    ...steps.flatMap(elements),
    ...steps.flatMap(rules),
  ];
}

function stepOf(change: ChainChange): Step {
  const unitAction = unitActionOf(change);
  const { before, after } = declarationsOf(change);
  const declaration = unitAction === 'delete' ? before : after;
  const head = declaration === undefined ? undefined : headOf(declaration);
  return { ...change, unitAction, declaration, head };
}

/**
 * The line that makes a unit. What is not there is `create`d: `add` accepts a unit that somebody
 * has made since, and its rules would follow theirs; `create` fails, and then the kernel is read
 * again.
 */
function createCommand({ unitAction, head, declaration = '' }: Step): string {
  return unitAction === 'create' && head?.kind !== 'table'
    ? declaration.replace(/^add /, 'create ')
    : declaration;
}

/** Deletes what is made again: a set may become a map. */
function replacedCommand(step: Step): string {
  const { before = '' } = declarationsOf(step);
  const { type = '', name = '' } = headOf(before) ?? {};
  return `delete ${type} ${step.table} ${name}`;
}

/** Flushes what leads elsewhere from a unit and must not any more. */
function flushCommands(step: Step, twoSteps: boolean): readonly string[] {
  const { table, kind, name, unitAction, action, head } = step;
  if (unitAction === 'create') return [];
  if (kind === 'chain') return action === 'edit' ? [] : [`flush chain ${table} ${name}`];
  if (kind !== 'set' || unitAction === 'replace') return [];
  if (unitAction === 'delete') return twoSteps ? [`flush ${head?.type} ${table} ${name}`] : [];
  return changedLines(step, 'remove')
    .filter((line) => !isDeclaration(line))
    .map((line) => `delete element ${table} ${name} { ${elementKey(line)} }`);
}

function elements(step: Step): readonly string[] {
  if (step.kind !== 'set' || step.unitAction === 'delete') return [];
  const whole = step.unitAction === 'edit' ? [] : wholeLines(step);
  const lines = whole.length === 0 ? changedLines(step, 'add') : whole;
  return lines.filter((line) => !isDeclaration(line));
}

function rules(step: Step): readonly string[] {
  if (step.kind === 'set') return [];
  return wholeLines(step).filter((line) => !isDeclaration(line));
}
