/** The plan that takes everything of ours out of the kernel, kube-proxy's leftovers included, and nothing else. Pure. */

import type { Family } from '../../net/ip.js';
import type { ChainChange, FamilyPlan, PinnedChain } from '../../plan/types.js';
import { fingerprint } from './fingerprint.js';
import { originOfChains, originOfLine } from './origin.js';
import { isOwned, targetOf, withoutComment } from './ownership.js';
import type { Dump } from './syntax/parse.js';

/** All that our frame has in built-in chains, and all that kube-proxy ever had there, comments aside. */
const PLAIN_JUMP = /^-A \S+(?: -m conntrack --ctstate NEW)? -j \S+$/;

/**
 * What `vipc cleanup` does to one family: our jumps leave the built-in chains, our chains are flushed and deleted.
 * A chain that a foreign rule jumps to is emptied and stays, and is named in `pinned`. KUBE-FIREWALL, its rule and
 * the jumps to it stay: kubelet relies on them too (`kube-proxy --cleanup` leaves them as well).
 */
export function planRemoval(dump: Dump, family: Family): FamilyPlan {
  const origins = originOfChains(dump);
  const changes: ChainChange[] = [];
  const pinned: PinnedChain[] = [];
  for (const [table, chains] of dump.tables) {
    const deletions: ChainChange[] = [];
    const pins = foreignJumps(dump, table);
    for (const [chain, { rules, policy }] of chains) {
      const place = { table, chain };
      if (!isOwned(table, chain)) {
        const jumps = rules.filter((line) => isOurJump(table, line, policy));
        if (jumps.length > 0)
          changes.push({ ...place, origin: '', action: 'edit', rules: removals(jumps, '') });
        continue;
      }
      const origin = origins.get(chain) ?? '';
      const by = pins.get(chain);
      if (by !== undefined) pinned.push({ table, chain, by });
      if (by === undefined)
        deletions.push({ ...place, origin, action: 'delete', rules: removals(rules, origin) });
      else if (rules.length > 0)
        changes.push({
          ...place,
          origin,
          action: 'rewrite',
          lines: [],
          rules: removals(rules, origin),
        });
    }
    changes.push(...deletions);
  }
  return {
    family,
    backend: 'iptables',
    base: fingerprint(dump),
    changes,
    leftovers: [],
    comments: [],
    pinned,
  };
}

function removals(lines: readonly string[], origin: string): ChainChange['rules'] {
  return lines.map((line) => ({
    op: 'remove',
    line,
    origin: origin === '' ? originOfLine(line) : origin,
    at: 'head',
  }));
}

/** A jump with matches of somebody's own, or out of somebody's own chain, is a foreign rule. */
function isOurJump(table: string, line: string, policy: string): boolean {
  return policy !== '-' && isOwned(table, targetOf(line)) && PLAIN_JUMP.test(withoutComment(line));
}

/** Our chains of a table that foreign rules jump to, each with one such rule. */
function foreignJumps(dump: Dump, table: string): ReadonlyMap<string, string> {
  const jumps = new Map<string, string>();
  for (const [chain, { rules, policy }] of dump.tables.get(table) ?? []) {
    if (isOwned(table, chain)) continue;
    for (const line of rules) {
      const target = targetOf(line);
      if (isOwned(table, target) && !isOurJump(table, line, policy)) jumps.set(target, line);
    }
  }
  return jumps;
}
