/** The rules of a fragment in chains of every node: read, and moved to other chains. */

import { getOrInsert } from '../../../grouping.js';
import type { Fragment } from '../../../ruleset/types.js';
import { flat } from '../../compile.js';
import { type FoundRule, rulesForAll } from '../syntax/dispatch-rules.js';
import { keyOfRule, type RuleKey, rootOfNode } from './kinds.js';

/** A rule of a fragment in a chain of every node, and its tree and key. */
export interface PlacedRule extends FoundRule {
  readonly key: RuleKey | undefined;
}

export type ReadRules = (fragment: Fragment) => readonly PlacedRule[];

/** Reads the rules of a fragment; each fragment once. */
export function placedRules(): ReadRules {
  const known = new Map<Fragment, readonly PlacedRule[]>();
  return (fragment) => getOrInsert(known, fragment, readRules);
}

function readRules({ text }: Fragment): readonly PlacedRule[] {
  return rulesForAll(text).map(({ table, chain, line, at }) => ({
    ...{ table, chain, line, at },
    key: keyOfRule(table, chain, line),
  }));
}

/** A port with each rule in the root of its tree, as layouts without trees have it. */
export function flattened(fragment: Fragment): Fragment {
  return rewritten(
    fragment,
    rulesForAll(fragment.text),
    ({ table, chain }) => rootOfNode(table, chain) ?? chain,
  );
}

/** A fragment with each of its rules in the chain that is wanted; itself where nothing moves. */
export function rewritten<R extends FoundRule>(
  fragment: Fragment,
  rules: readonly R[],
  chainOf: (rule: R) => string,
): Fragment {
  const { text } = fragment;
  let result = '';
  let done = 0;
  for (const rule of rules) {
    const { chain, at } = rule;
    const wanted = chainOf(rule);
    if (wanted === chain) continue;
    result += text.slice(done, at) + wanted;
    done = at + chain.length;
  }
  return done === 0 ? fragment : { ...fragment, text: flat(result + text.slice(done)) };
}
