/** Whose a chain is. Everything that changes or removes chains asks here first, so nothing foreign is ever touched. */

import { LAYOUTS } from './layouts/index.js';
import type { ChainRole } from './layouts/layout.js';

/** The role of a chain in a table: what the first layout that knows it says. */
export function chainRole(table: string, chain: string): ChainRole {
  for (const layout of LAYOUTS) {
    const role = layout.roleOf(table, chain);
    if (role !== 'foreign') return role;
  }
  return 'foreign';
}

/** Whether the chain is ours as a whole: declared, filled and deleted by us. */
export function isOwned(table: string, chain: string): boolean {
  const role = chainRole(table, chain);
  return role === 'service' || role === 'frame' || role === 'shared';
}

/** The chain that a rule line jumps or goes to, verdicts and extension targets included; `''` where it has none. */
export function targetOf(line: string): string {
  // The target is the last option but for its own, and a comment may hold anything: look behind the last quote first.
  const quote = line.lastIndexOf('"');
  const match =
    (quote < 0 ? null : / -[jg] (\S+)/.exec(line.slice(quote + 1))) ??
    / -[jg] (\S+)/.exec(withoutComment(line));
  return match?.[1] ?? '';
}

const COMMENT = / -m comment --comment (?:"(?:[^"\\]|\\[\s\S])*"|[^\s"]+)/g;

/** The line without its comments, which mean nothing to the kernel. */
export function withoutComment(line: string): string {
  return line.includes('--comment') ? line.replace(COMMENT, '') : line;
}
