/** Finds the chains of Services whose rules lack their comments. Pure. */

import { guardOf } from '../../plan/changes.js';
import type {
  ChainRewrite,
  ChainState,
  Chains,
  CommentChange,
  RuleChange,
} from '../../plan/types.js';
import { unitKey } from '../../plan/unit.js';
import { commentOf } from './syntax/line-text.js';

/**
 * The rewrites that bring comments back: of chains of one Service port in which a rule of the
 * kernel has no comment and the wanted rule has one. As in kube-proxy, rules of endpoints that are
 * written while a family has more than 1,000 endpoints have none, and get theirs back when all
 * rules are written after the family has shrunk.
 *
 * Comments that only the kernel has stay: they are still true, and kube-proxy's rewrite of every
 * chain would come when the cluster is largest. `comments` are those of the diff of these chains.
 */
export function uncommentedChains(
  comments: readonly CommentChange[],
  before: Chains,
  wanted: Chains,
): readonly ChainRewrite[] {
  const keys = new Set(comments.filter(isLost).map(unitKey));
  if (keys.size === 0) return [];
  const byChain = new Map<string, CommentChange[]>([...keys].map((key) => [key, []]));
  for (const comment of comments) byChain.get(unitKey(comment))?.push(comment);
  return [...byChain].flatMap(([key, differing]) => {
    const [found, state] = [before.get(key), wanted.get(key)];
    if (found === undefined || state?.order !== 'ordered' || state.origin === '') return [];
    return [rewrite(found, state, differing)];
  });
}

function isLost({ before, after }: CommentChange): boolean {
  return commentOf(before) === '' && commentOf(after) !== '';
}

function rewrite(
  found: ChainState,
  { table, kind, name, origin, lines }: ChainState,
  comments: readonly CommentChange[],
): ChainRewrite {
  const rule = (op: RuleChange['op'], line: string): RuleChange => ({
    op,
    line,
    origin,
    at: 'head',
  });
  const rules = [
    ...comments.map(({ before }) => rule('remove', before)),
    ...comments.map(({ after }) => rule('add', after)),
  ];
  return { action: 'rewrite', table, kind, name, origin, rules, lines, ...guardOf(found) };
}
