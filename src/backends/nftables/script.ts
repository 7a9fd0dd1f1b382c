/**
 * Prints a plan as scripts for `nft -f`, each of which is one transaction. Units are created before
 * what refers to them, and deleted after it.
 */

import { allChanges, changedLines, wholeLines } from '../../plan/plan.js';
import type { ChainChange, FamilyPlan } from '../../plan/types.js';
import { unitKey } from '../../plan/unit.js';
import { append } from '../../ruleset/compare.js';
import { allInSteps, eachInSteps, finish, type Steps } from '../../steps.js';
import type { InputTarget } from '../tools.js';
import type { LoadInput, Transaction } from '../transaction.js';
import { declarationsOf, type UnitAction, unitActionOf } from './diff.js';
import { earlyUnits } from './early-units.js';
import { elementKey, headOf, isDeclaration, isElement, type LineHead } from './syntax/line-text.js';
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
 * The transactions. With `twoSteps` a last one deletes the units that are no longer referred to. A
 * large first load is split into many. What {@link earlyUnits} says has a transaction in front.
 */
export function nftInput(plan: FamilyPlan, target: Pick<InputTarget, 'twoSteps'>): LoadInput {
  return finish(nftInputInSteps(plan, target));
}

/** The same as {@link nftInput}, step by step. */
export function* nftInputInSteps(
  plan: FamilyPlan,
  { twoSteps = false }: Pick<InputTarget, 'twoSteps'>,
): Steps<LoadInput> {
  const steps = yield* eachInSteps(allChanges(plan), stepOf);
  const deletions = (['map', 'chain', 'set', 'object'] as const).flatMap((kind) =>
    steps
      .filter(({ unitAction, head }) => unitAction === 'delete' && head?.kind === kind)
      .map(({ table, head }) => `delete ${head?.type} ${table} ${head?.name}`),
  );
  const scripts = steps.some(isFirstLoad)
    ? yield* firstScripts(steps)
    : yield* changeScripts(steps, twoSteps, deletions);
  const last: Script = { purpose: 'delete', commands: twoSteps ? deletions : [] };
  return yield* eachInSteps(
    [...scripts, last].filter(({ commands: { length } }) => length > 0),
    ({ purpose, commands: lines }) => ({ purpose, text: `${lines.join('\n')}\n` }),
  );
}

function change(commands: readonly string[]): Script {
  return { purpose: 'change', commands };
}

/** The transactions that change a table that is there. */
function* changeScripts(
  steps: readonly Step[],
  twoSteps: boolean,
  deletions: readonly string[],
): Steps<readonly Script[]> {
  const early = earlyUnits(steps);
  const isEarly = (step: Step): boolean => early.has(unitKey(step));
  const rest = steps.filter((step) => !isEarly(step));
  return [
    { purpose: 'fill', commands: yield* commands(steps.filter(isEarly), twoSteps) },
    change([...(yield* commands(rest, twoSteps)), ...(twoSteps ? [] : deletions)]),
  ];
}

function isFirstLoad({ unitAction, head }: Step): boolean {
  return unitAction === 'create' && head?.kind === 'table';
}

/**
 * Lines per transaction of a large first load: the kernel's time per line grows with the size of a
 * transaction.
 */
const PART = 2000;
/**
 * Up to this number of chains, sets and rules, a first load in one transaction is as fast. Elements
 * take the same time in a transaction of any size.
 */
const LARGEST_WHOLE = 12_500;

/**
 * The transactions that fill a table that does not exist. A large table is split into many, which
 * takes half the time. The last one creates the base chains: no packet reaches the table before,
 * and after it every packet meets the whole table.
 */
function* firstScripts(steps: readonly Step[]): Steps<readonly Script[]> {
  const whole = yield* commands(steps, false);
  if (whole.filter((line) => !isElement(line)).length <= LARGEST_WHOLE) return [change(whole)];
  const isHook = ({ declaration = '' }: Step): boolean => makesBaseChain(declaration);
  const inner = yield* commands(
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
  return [...parts, { purpose: 'hook', commands: yield* commands(steps.filter(isHook), false) }];
}

/** Everything but deletions, in an order that nft accepts. */
function* commands(steps: readonly Step[], twoSteps: boolean): Steps<readonly string[]> {
  const replaced = steps.filter(({ unitAction }) => unitAction === 'replace');
  const made = steps.filter(
    ({ unitAction }) => unitAction === 'create' || unitAction === 'replace',
  );
  const some = <Kind>(all: readonly Step[], wanted: Kind): readonly Step[] =>
    all.filter(({ head }) => head?.kind === wanted);
  const found = yield* allInSteps(steps, (step) => flushCommands(step, twoSteps));
  for (const kind of ['map', 'set', 'chain', 'object'])
    append(found, some(replaced, kind).map(replacedCommand));
  for (const kind of ['table', 'object', 'chain', 'set', 'map'])
    append(found, yield* eachInSteps(some(made, kind), createCommand));
  append(found, yield* allInSteps(steps, elements));
  append(found, yield* allInSteps(steps, rules));
  return found;
}

function stepOf(change: ChainChange): Step {
  const unitAction = unitActionOf(change);
  const { before, after } = declarationsOf(change);
  const declaration = unitAction === 'delete' ? before : after;
  const head = declaration === undefined ? undefined : headOf(declaration);
  return { ...change, unitAction, declaration, head };
}

/**
 * The command that creates a unit. `add` would accept a unit that another program has created
 * since, and our rules would follow theirs. `create` fails, and then the kernel is read again.
 */
function createCommand({ unitAction, head, declaration = '' }: Step): string {
  return unitAction === 'create' && head?.kind !== 'table'
    ? declaration.replace(/^add /, 'create ')
    : declaration;
}

/** Deletes units that are created again, such as a set that becomes a map. */
function replacedCommand(step: Step): string {
  const { before = '' } = declarationsOf(step);
  const { type = '', name = '' } = headOf(before) ?? {};
  return `delete ${type} ${step.table} ${name}`;
}

/** Flushes the rules and elements of units that refer to what is deleted. */
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
  const lines = (whole.length === 0 ? changedLines(step, 'add') : whole).filter(
    (line) => !isDeclaration(line),
  );
  return lines.length > MOST_ALONE ? inGroups(step, lines) : lines;
}

const ELEMENT = 'add element ';

/**
 * Up to this number of elements, each has a line of its own, which nft names if it is refused. Of
 * many, groups take nft 40 % less time and memory.
 */
const MOST_ALONE = 1000;
const GROUP = 500;

/** The commands that add the same elements, many at a time. */
function inGroups({ table, name }: Step, lines: readonly string[]): readonly string[] {
  const start = `${ELEMENT}${table} ${name} { `;
  const added = lines.map((line) => line.slice(start.length, -' }'.length));
  return Array.from(
    { length: Math.ceil(added.length / GROUP) },
    (_, i) => `${start}${added.slice(i * GROUP, (i + 1) * GROUP).join(', ')} }`,
  );
}

function rules(step: Step): readonly string[] {
  if (step.kind === 'set') return [];
  return wholeLines(step).filter((line) => !isDeclaration(line));
}
