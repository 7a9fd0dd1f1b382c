/** How the diff compares the lines of iptables. */

import type { LineRules } from '../../plan/diff.js';
import { builtinRole } from './ownership.js';
import {
  chainOf,
  destinationPortOf,
  originOfLine,
  protocolOf,
  targetOf,
  withoutComment,
} from './syntax/line-text.js';

/** How the diff compares the lines of this mode. */
export const LINE_RULES: LineRules = {
  meaning: withoutComment,
  sharedMeaning: named,
  group: (line) => nodePortOf(line) ?? (isOfLayout(line) ? named(line) : originOfLine(line)),
};

/** Two Services may have equal rules, such as for one health check port. */
function named(line: string): string {
  return `${withoutComment(line)} ${originOfLine(line)}`;
}

/**
 * In chains of our layouts no two rules of a Service match one packet, except for those of node
 * ports.
 */
function isOfLayout(line: string): boolean {
  const chain = chainOf(line);
  return builtinRole('nat', chain) === 'shared' || builtinRole('filter', chain) === 'shared';
}

/**
 * The rule of a node port for loopback must stay in front of its rule for everybody. Found in the
 * text: asked of every line of a shared chain, and a parse of each would cost more than the diff.
 */
function nodePortOf(line: string): string | undefined {
  if (!/^KUBE-(?:NODEPORTS$|NP-)/.test(chainOf(line)) || targetOf(line) === 'ACCEPT')
    return undefined;
  const port = destinationPortOf(line);
  return port === '' ? undefined : `${port} ${protocolOf(line)}`;
}
