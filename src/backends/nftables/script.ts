/**
 * Spells a plan as scripts of `nft -f`, each one transaction: no packet ever meets half of it. What is used is made first,
 * what is not used any more is deleted last.
 */

import { changedLines, wholeLines } from '../../plan/chain-change.js';
import type { ChainChange, FamilyPlan } from '../../plan/types.js';
import type { InputOptions } from '../backend.js';
import { type Fate, fateOf } from './diff.js';
import { declaredKind, elementKey } from './ownership.js';

type Step = ChainChange & {
  readonly fate: Fate;
  /** The line that makes the unit, or made it; `''` where it stays. */
  readonly declaration: string;
  readonly kind: ReturnType<typeof declaredKind>;
};

/** Between two transactions: nft takes what stands in front and behind in two runs, and both at once as well as it can. */
export const NEXT_TRANSACTION = '# the next transaction\n';

/**
 * The script; `''` where there is nothing to do. With `twoSteps` it may hold two transactions, of which the second one only
 * deletes what nothing leads to any more; a large first load is many.
 */
export function nftInput(
  plan: FamilyPlan,
  { twoSteps = false }: Pick<InputOptions, 'twoSteps'>,
): string {
  const steps = [...plan.changes, ...plan.leftovers].map(stepOf);
  const deletions = ['map', 'chain', 'set'].flatMap((kind) =>
    steps
      .filter((step) => step.fate === 'delete' && step.kind === kind)
      .map((step) => `delete ${kind} ${step.table} ${nameOf(step)}`),
  );
  const scripts = steps.some(({ fate, kind }) => fate === 'create' && kind === 'table')
    ? firstScripts(steps)
    : [commands(steps, twoSteps)];
  const deleting = twoSteps
    ? [...scripts, deletions]
    : scripts.with(-1, [...(scripts.at(-1) ?? []), ...deletions]);
  return deleting
    .filter((script) => script.length > 0)
    .map((script) => `${script.join('\n')}\n`)
    .join(NEXT_TRANSACTION);
}

/** Lines of one transaction of a large first load; of whole ones the kernel takes more time per line the longer they are. */
const PART = 2000;
/** Up to here a first load in one transaction is as fast. */
const LARGEST_WHOLE = 25_000;

/**
 * The transactions that fill a table that does not exist. Many of a large one, because that takes half the time: packets
 * meet nothing of it before the last one, which makes the chains with hooks, and then they meet all of it.
 */
function firstScripts(steps: readonly Step[]): readonly (readonly string[])[] {
  const whole = commands(steps, false);
  if (whole.length <= LARGEST_WHOLE) return [whole];
  const isHook = ({ declaration }: Step): boolean => declaration.includes(' hook ');
  const inner = commands(
    steps.filter((step) => !isHook(step)),
    false,
  );
  const parts = Array.from({ length: Math.ceil(inner.length / PART) }, (_, i) =>
    inner.slice(i * PART, (i + 1) * PART),
  );
  return [...parts, commands(steps.filter(isHook), false)];
}

/** Everything but deletions, in an order in which nft takes it. */
function commands(steps: readonly Step[], twoSteps: boolean): readonly string[] {
  return [
    ...steps.flatMap((step) => emptied(step, twoSteps)),
    ...['map', 'set', 'chain'].flatMap((kind) =>
      steps
        .filter((step) => step.fate === 'replace' && step.kind === kind)
        .map((step) => `delete ${removedKind(step)} ${step.table} ${nameOf(step)}`),
    ),
    ...['table', 'chain', 'set', 'map'].flatMap((kind) =>
      steps
        .filter(({ fate }) => fate === 'create' || fate === 'replace')
        .filter((step) => step.kind === kind)
        .map(making),
    ),
    ...steps.flatMap(elements),
    ...steps.flatMap(rules),
  ];
}

function stepOf(change: ChainChange): Step {
  const fate = fateOf(change);
  const op = fate === 'delete' ? 'remove' : 'add';
  const made = change.rules.find((rule) => rule.op === op && declaredKind(rule.line) !== '');
  const declaration = made?.line ?? '';
  return { ...change, fate, declaration, kind: declaredKind(declaration) };
}

/**
 * The line that makes a unit. What is not there is `create`d: `add` is content with a unit that somebody has made since,
 * and its rules would come behind theirs; `create` fails, and then the kernel is looked at again.
 */
function making({ fate, kind, declaration }: Step): string {
  return fate === 'create' && kind !== 'table'
    ? declaration.replace(/^add /, 'create ')
    : declaration;
}

/** A set may become a map. */
function removedKind({ rules }: Step): string {
  const removed = rules.find(({ op, line }) => op === 'remove' && declaredKind(line) !== '');
  return declaredKind(removed?.line ?? '');
}

function nameOf({ chain }: ChainChange): string {
  return chain.replace(/^@/, '');
}

function isSet({ chain }: ChainChange): boolean {
  return chain.startsWith('@');
}

/** What leads anywhere from a unit and must not do so any more. */
function emptied(step: Step, twoSteps: boolean): readonly string[] {
  const { table, chain, fate, action } = step;
  if (chain === '' || fate === 'create') return [];
  if (!isSet(step)) return action === 'edit' ? [] : [`flush chain ${table} ${chain}`];
  if (fate === 'replace') return [];
  if (fate === 'delete') return twoSteps ? [`flush ${step.kind} ${table} ${nameOf(step)}`] : [];
  return changedLines(step, 'remove')
    .filter((line) => declaredKind(line) === '')
    .map((line) => `delete element ${table} ${nameOf(step)} { ${elementKey(line)} }`);
}

function elements(step: Step): readonly string[] {
  if (!isSet(step) || step.fate === 'delete') return [];
  const whole = step.fate === 'stays' ? [] : wholeLines(step);
  const lines = whole.length === 0 ? changedLines(step, 'add') : whole;
  return lines.filter((line) => declaredKind(line) === '');
}

function rules(step: Step): readonly string[] {
  if (isSet(step)) return [];
  return wholeLines(step).filter((line) => declaredKind(line) === '');
}
