/** Changes of one place in a dump, by kind. */

import { edited, sitesOf } from './edits.js';
import type { Random } from './random.js';

/** A dump with one change. */
export interface Mutant {
  /** What was changed, for people. */
  readonly what: string;
  readonly text: string;
}

/** Makes one change, where there is something to change so. */
export type Mutation = (lines: readonly string[], random: Random) => readonly string[] | undefined;

/** All kinds of changes of one tool, by name. */
export type Mutations = Readonly<Record<string, Mutation>>;

/** A word of some lines becomes another. */
export function word(
  kind: RegExp,
  pattern: RegExp,
  change: (text: string, random: Random, lines: readonly string[]) => string,
): Mutation {
  return (lines, random) => {
    const site = random.of(sitesOf(lines, kind, pattern));
    return site && edited(lines, site, change(site.text, random, lines));
  };
}

/** Rules of a chain, by the number of their line. */
function chainsOf(lines: readonly string[], rule: RegExp): readonly (readonly number[])[] {
  const chains = new Map<string, number[]>();
  let table = '';
  lines.forEach((line, i) => {
    if (line.startsWith('*')) table = line;
    const [, chain] = rule.exec(line) ?? [];
    if (chain === undefined) return;
    const key = `${table} ${chain}`;
    chains.set(key, [...(chains.get(key) ?? []), i]);
  });
  return [...chains.values()];
}

/** Rules deleted, repeated, moved. `rule`: its first group is the chain. */
export function wholeRules(rule: RegExp): Mutations {
  return {
    'delete a rule': (lines, random) => {
      const at = random.of(chainsOf(lines, rule).flat());
      return at === undefined ? undefined : lines.toSpliced(at, 1);
    },
    'duplicate a rule': (lines, random) => {
      const rules = random.of(chainsOf(lines, rule).filter(({ length }) => length > 1));
      const [from, to] = [random.of(rules ?? []), random.of(rules ?? [])];
      const text = lines[from ?? -1];
      return text === undefined || to === undefined ? undefined : lines.toSpliced(to, 0, text);
    },
    'swap neighbours': (lines, random) => {
      const rules = random.of(chainsOf(lines, rule).filter(({ length }) => length > 1)) ?? [];
      const i = random.below(rules.length - 1);
      const [one = 0, other = 0] = rules.slice(i, i + 2);
      const [first = '', second = ''] = [lines[one], lines[other]];
      return lines.with(one, second).with(other, first);
    },
  };
}

/** A mutant by a kind of change that is drawn; one that changes no text is drawn again. */
export function mutantOf(text: string, mutations: Mutations, random: Random): Mutant {
  const lines = text.split('\n');
  for (;;) {
    const [name = '', mutate] = random.of(Object.entries(mutations)) ?? [];
    const changed = mutate?.(lines, random);
    if (changed === undefined) continue;
    const after = changed.join('\n');
    if (after !== text) return { what: `${name}: ${changeText(lines, changed)}`, text: after };
  }
}

function changeText(before: readonly string[], after: readonly string[]): string {
  const gone = before.filter((line) => !after.includes(line));
  const added = after.filter((line) => !before.includes(line));
  const first = before.findIndex((line, i) => line !== after[i]);
  const moved = gone.length + added.length === 0 ? [`line ${first + 1}: ${before[first]}`] : [];
  return [...moved, ...gone.map((line) => `- ${line}`), ...added.map((line) => `+ ${line}`)].join(
    '\n    ',
  );
}
