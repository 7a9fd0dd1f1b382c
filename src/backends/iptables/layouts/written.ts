/** Which rules a layout could have written into its chains. */

import type { Rule } from '../../../netfilter/rule.js';
import { isAction } from '../../../netfilter/shares.js';
import { NODE_WORDS, wordOfNode } from '../dispatch/kinds.js';
import { originOfLine } from '../syntax/line-text.js';
import type { IptablesLayout } from './layout.js';

/**
 * Recognises rules of a layout by what they do. `written`: what the rules of each kind of chain do,
 * by table and kind; a jump is the kind of chain that it leads to, and a goto is `goto:KIND`. In
 * chains that all Services share, rules name their Service, but for the dispatch to node ports and
 * to nodes of trees.
 */
export function writer(
  written: Readonly<Record<string, string>>,
  roleOf: IptablesLayout['roleOf'],
): IptablesLayout['writes'] {
  const actions = new Map(
    Object.entries(written).map(([chain, words]) => [chain, new Set(words.split(' '))]),
  );
  return (table, chain, rule) => {
    const what = actionOf(rule);
    if (actions.get(`${table} ${kindOf(chain)}`)?.has(what) !== true) return false;
    if (what === 'return') return rule.statements.some(({ kind }) => kind === 'mark');
    return (
      roleOf(table, chain) !== 'shared' ||
      what === 'KUBE-NODEPORTS' ||
      NODE_WORDS.has(what.slice(what.indexOf(':') + 1)) ||
      originOfLine(rule.line) !== ''
    );
  };
}

function actionOf({ statements }: Rule): string {
  const action = statements.findLast(isAction);
  if (action === undefined) return 'nothing';
  if (action.kind === 'goto') return `goto:${kindOf(action.chain)}`;
  return action.kind === 'jump' ? kindOf(action.chain) : action.kind;
}

/** `SVC`, `SEP`, …; the name itself of a chain of every node. */
function kindOf(chain: string): string {
  return SERVICE_CHAIN.exec(chain)?.[1] ?? wordOfNode(chain) ?? chain;
}

/** A chain whose name ends in a hash, in any layout. */
const SERVICE_CHAIN = /^KUBE-([A-Z]+)-[A-Z2-7]{16}$/;
