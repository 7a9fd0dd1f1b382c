/** Pairs of rulesets of random clusters, near and far from each other, and what else may be in a kernel. */

import fc from 'fast-check';
import {
  type Compiled,
  compileSnapshot,
  type Family,
  loadSnapshot,
  type Ruleset,
  updateSnapshot,
} from '../../src/index.js';
import { change, cluster, options } from './arbitrary.js';
import { MemoryKernel } from './memory-kernel.js';

/** Two rulesets by family; the second is compiled on top of the first, as an agent does. */
export type RulesetPair = (family: Family) => readonly [Ruleset, Ruleset];

/** Half of the pairs are steps in the life of one cluster on one node, the others have nothing in common. */
export const rulesetPair: fc.Arbitrary<RulesetPair> = fc.oneof(
  fc
    .tuple(cluster, options, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([objects, given, steps]): RulesetPair => {
      const before = snapshotOf(objects);
      const after = steps.reduce(updateSnapshot, before);
      return (family) => {
        const first = compileSnapshot(before, family, given);
        return [first.ruleset, compileSnapshot(after, family, given, first).ruleset];
      };
    }),
  fc
    .tuple(cluster, options, cluster, options)
    .map(([objects, given, others, otherwise]): RulesetPair => {
      const [before, after] = [snapshotOf(objects), snapshotOf(others)];
      return (family) => {
        const first: Compiled = compileSnapshot(before, family, given);
        return [first.ruleset, compileSnapshot(after, family, otherwise, first).ruleset];
      };
    }),
);

function snapshotOf(objects: readonly unknown[]) {
  return loadSnapshot([
    { name: 'cluster', text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) },
  ]).snapshot;
}

/** Restore inputs of somebody else. */
export interface ForeignRules {
  /** There when our rules come. */
  readonly before: string;
  /** Comes when our rules are there. */
  readonly between: string;
}

const CHAINS = [
  ['filter', 'INPUT'],
  ['filter', 'FORWARD'],
  ['filter', 'OUTPUT'],
  ['nat', 'PREROUTING'],
  ['nat', 'OUTPUT'],
  ['nat', 'POSTROUTING'],
] as const;

const rule = fc.record({
  chain: fc.constantFrom(...CHAINS),
  head: fc.boolean(),
  words: fc.constantFrom(
    '-m mark --mark 0x1 -j ACCEPT',
    '-p udp -m comment --comment "a word -j KUBE-SERVICES in a comment" -m udp --sport 68 -j RETURN',
    '-m comment --comment "cali:x" -j KUBE-ROUTER-X',
    '-p tcp -m tcp --dport 22 -j ACCEPT',
  ),
});

/** Rules of others, in chains of their own and before and behind ours in the built-in ones. */
export const foreignRules: fc.Arbitrary<ForeignRules> = fc
  .tuple(fc.array(rule, { maxLength: 5 }), fc.array(rule, { maxLength: 5 }))
  .map(([first, second]) => ({
    before: inputOf(first, [
      ':KUBE-ROUTER-X - [0:0]',
      ':KUBE-MARK-DROP - [0:0]',
      '-A KUBE-ROUTER-X -p tcp -m tcp --dport 179 -j RETURN',
    ]),
    between: inputOf(second, []),
  }));

function inputOf(
  rules: readonly {
    readonly chain: (typeof CHAINS)[number];
    readonly head: boolean;
    readonly words: string;
  }[],
  always: readonly string[],
): string {
  return ['filter', 'nat']
    .map((table) => {
      const lines = rules
        .filter(({ chain }) => chain[0] === table)
        .map(
          ({ chain, head, words }) => `${head ? `-I ${chain[1]} 1` : `-A ${chain[1]}`} ${words}`,
        );
      return `${[`*${table}`, ...always, ...lines, 'COMMIT'].join('\n')}\n`;
    })
    .join('');
}

/** A kernel without anything of ours. */
export function emptyKernel(foreign: string): MemoryKernel {
  const kernel = new MemoryKernel();
  const { error } = kernel.restore(foreign);
  if (error !== '') throw new Error(error);
  return kernel;
}
