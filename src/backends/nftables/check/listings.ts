/** Lists our table with nft, in parts that are cheap at any size, or as a whole. */

import { addTo } from '../../../grouping.js';
import { inTurns } from '../../../host/turn.js';
import type { Family } from '../../../net/ip.js';
import type { Steps } from '../../../steps.js';
import type { CheckTarget } from '../../check/checker.js';
import { nftFailure } from '../kernel/read.js';
import { tableName } from '../ownership.js';
import { objectOf, onlyEntry } from '../syntax/json-values.js';
import { makesSet } from '../syntax/line-text.js';
import { jsonItems } from './json-items.js';

/** Milliseconds. nft lists 10,000 Services in five seconds. */
const LIST_TIMEOUT = 180_000;

/** What `nft list` prints; `undefined` where the object does not exist. Throws as reading does. */
export async function listing(
  { host, tools, signal }: CheckTarget,
  words: readonly string[],
  flags: readonly string[] = [],
): Promise<string | undefined> {
  const result = await host.run({
    command: tools.save,
    args: ['-j', ...flags, 'list', ...words],
    timeout: LIST_TIMEOUT,
    signal,
  });
  if (result.kind === 'exited' && result.code === 0) return result.stdout;
  if (result.kind === 'exited' && isMissing(result.stderr)) return undefined;
  throw nftFailure(result);
}

/**
 * Characters of commands that fit into one argument of a program (MAX_ARG_STRLEN), with room to
 * spare.
 */
const MOST_COMMANDS = 100_000;

/**
 * The {@link listing}s of several questions in one run of nft, in their order, provided that all of
 * these rules are there still; `undefined` where nft does not answer every question. The commands
 * about rules, which `-c` keeps from the kernel, make nft 1.0 read all sets of the machine: with
 * listings alone it reads only the last one that is asked for.
 */
export async function listingsAtOnce(
  { host, family, tools, signal }: CheckTarget,
  questions: readonly (readonly string[])[],
  rules: readonly NumberedRule[],
): Promise<readonly string[] | undefined> {
  const commands = [
    ...questions.map((words) => `list ${words.join(' ')}`),
    ...rules.map((rule) => deleteRule(family, rule)),
  ].join('; ');
  if (rules.length === 0 || commands.length > MOST_COMMANDS) return undefined;
  const result = await host.run({
    command: tools.restore,
    // As an argument: with -j nft 1.0 reads nothing but JSON from its standard input.
    args: ['-j', '-c', commands],
    timeout: LIST_TIMEOUT,
    signal,
  });
  if (result.kind !== 'exited' || result.code !== 0) return undefined;
  // Each answer is one line.
  const answers = result.stdout.split(/(?<=\n)/);
  return answers.length === questions.length ? answers : undefined;
}

function deleteRule(family: Family, { chain, handle }: NumberedRule): string {
  return `delete rule ${tableName(family)} ${chain} handle ${handle}`;
}

function isMissing(said: string): boolean {
  return said.includes('No such file or directory');
}

/**
 * Whether these rules all still exist, by handle: the rule of a handle never changes. Changes
 * nothing.
 */
export async function hasRules(
  { host, family, tools, signal }: CheckTarget,
  rules: readonly NumberedRule[],
): Promise<boolean> {
  const result = await host.run({
    command: tools.restore,
    args: ['-c', '-f', '-'],
    input: rules.map((rule) => `${deleteRule(family, rule)}\n`).join(''),
    timeout: LIST_TIMEOUT,
    signal,
  });
  if (result.kind === 'exited' && result.code === 0) return true;
  if (result.kind === 'exited' && isMissing(result.stderr)) return false;
  throw nftFailure(result);
}

/** A rule by its handle. */
export interface NumberedRule {
  readonly chain: string;
  readonly handle: number;
}

/** The table, object by object, each as the JSON of nft. */
export interface TableItems {
  /** By `chain NAME`, `set NAME` or `map NAME`: what makes it, then its rules in order. */
  readonly units: ReadonlyMap<string, readonly string[]>;
  readonly rules: ReadonlyMap<string, readonly NumberedRule[]>;
}

/** All of the table; nothing where it is not there. */
export function tableItems(target: CheckTarget): Promise<TableItems> {
  return listItems(target, new Set(), []);
}

/**
 * The same without the sets and maps of these names. Where every other set holds what packets left
 * in it, nft lists no elements at all, which are most of the table of layout fast.
 */
export function itemsWithout(target: CheckTarget, sets: ReadonlySet<string>): Promise<TableItems> {
  const terse = !target.ruleset.ports.some(({ text }) => makesSet(text));
  return listItems(target, sets, terse ? ['-t'] : []);
}

async function listItems(
  target: CheckTarget,
  without: ReadonlySet<string>,
  flags: readonly string[],
): Promise<TableItems> {
  const text = await listing(target, ['table', ...tableName(target.family).split(' ')], flags);
  return text === undefined
    ? { units: new Map(), rules: new Map() }
    : inTurns(itemsOf(text, without));
}

function* itemsOf(text: string, without: ReadonlySet<string>): Steps<TableItems> {
  const units = new Map<string, string[]>();
  const rules = new Map<string, NumberedRule[]>();
  for (const item of yield* jsonItems(text)) {
    const { kind, content: object } = onlyEntry(JSON.parse(item));
    const { name, chain, handle } = objectOf(object) ?? {};
    if (kind === 'rule' && typeof chain === 'string') {
      addTo(units, `chain ${chain}`, item);
      if (typeof handle === 'number') addTo(rules, chain, { chain, handle });
    } else if (typeof name === 'string' && !without.has(name))
      addTo(units, `${kind} ${name}`, item);
    yield;
  }
  return { units, rules };
}
