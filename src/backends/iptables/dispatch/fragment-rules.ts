/** The rules of fragments in chains of every node: read, and moved to other chains. */

import type { Fragment } from '../../../ruleset/types.js';
import { flat } from '../../compile.js';
import { type FoundRule, rulesForAll } from '../syntax/dispatch-rules.js';
import type { Placing } from './arrange.js';
import { keyOfRule, type RuleKey, rootOfNode } from './kinds.js';

/** Finds the rules in the text: for ports whose rules a kernel holds, and no model describes. */
export const FROM_TEXT: Placing<Fragment> = {
  keysOf: ({ text }) => rulesForAll(text).flatMap((rule) => keyOf(rule) ?? []),
  placed: (fragment, chainAt) =>
    rewritten(fragment, (rule) => {
      const key = keyOf(rule);
      return key === undefined ? rootOf(rule) : chainAt(key);
    }),
};

function keyOf({ table, chain, line }: FoundRule): RuleKey | undefined {
  return keyOfRule(table, chain, line);
}

function rootOf({ table, chain }: FoundRule): string {
  return rootOfNode(table, chain) ?? chain;
}

/** A port with each rule in the root of its tree, as layouts without trees have it. */
export function flattened(fragment: Fragment): Fragment {
  return rewritten(fragment, rootOf);
}

/** A fragment with each of its rules in the chain that is wanted; itself where nothing moves. */
function rewritten(fragment: Fragment, chainOf: (rule: FoundRule) => string): Fragment {
  const { text } = fragment;
  let result = '';
  let done = 0;
  for (const rule of rulesForAll(text)) {
    const { chain, at } = rule;
    const wanted = chainOf(rule);
    if (wanted === chain) continue;
    result += text.slice(done, at) + wanted;
    done = at + chain.length;
  }
  return done === 0 ? fragment : { ...fragment, text: flat(result + text.slice(done)) };
}
