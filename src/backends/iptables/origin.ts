/** Finds out which Service a rule of a dump belongs to, from its comment and from who jumps to its chain. */

import type { ChainRole } from './layouts/layout.js';
import type { Ownership } from './ownership.js';
import { targetOf } from './syntax/line-text.js';
import type { Dump } from './syntax/parse.js';

/** `namespace/name` or `namespace/name:port`, as kube-proxy writes it in comments. */
const SERVICE_IN_COMMENT =
  /--comment "(?:[^"]*? )??([a-z0-9](?:[-a-z0-9]*[a-z0-9])?\/[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?::[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)?)[ "]/;

/**
 * The Service port that a rule's comment names, with its protocol as in a fragment's origin where the rule tells it: a
 * health check is always asked over TCP. `''` where the comment names none.
 */
export function originOfLine(line: string): string {
  const id = SERVICE_IN_COMMENT.exec(line)?.[1];
  if (id === undefined) return '';
  if (line.includes(' health check node port"')) return id;
  const protocol = / -p (tcp|udp|sctp) /.exec(line)?.[1];
  return protocol === undefined ? id : `${id} ${protocol.toUpperCase()}`;
}

/** The origin of each line. */
export function lineOrigins(lines: readonly string[]): readonly string[] {
  return lines.map(originOfLine);
}

/** The Service port that the rules of a chain name, for a chain that nothing leads to; the most exact one. */
export function originOfLines(lines: readonly string[]): string {
  const origins = lineOrigins(lines);
  return (
    origins.find((origin) => origin.includes(' ')) ?? origins.find((origin) => origin !== '') ?? ''
  );
}

/** The roles of chains whose rules lead to those of single Services. */
const DISPATCHING: ReadonlySet<ChainRole> = new Set(['shared', 'mixed', 'remembered']);
/** The roles of chains that may belong to a single Service port. */
const SINGLE: ReadonlySet<ChainRole> = new Set(['service', 'remembered']);

/**
 * The Service port of every chain, by `table chain`, that a rule with a Service's name leads to, directly or
 * through other chains. In large clusters endpoint rules carry no comments, so the jumps must tell.
 */
export function chainOrigins(dump: Dump, ownership: Ownership): ReadonlyMap<string, string> {
  const origins = new Map<string, string>();
  for (const [table, chains] of dump.tables) {
    const reach = (chain: string, origin: string): void => {
      const key = `${table} ${chain}`;
      if (origins.has(key) || !SINGLE.has(ownership.roleOf(table, chain))) return;
      origins.set(key, origin);
      for (const line of chains.get(chain)?.rules ?? []) reach(targetOf(line), origin);
    };
    for (const [chain, { rules }] of chains) {
      if (!DISPATCHING.has(ownership.roleOf(table, chain))) continue;
      for (const line of rules) {
        const origin = originOfLine(line);
        if (origin !== '') reach(targetOf(line), origin);
      }
    }
  }
  return origins;
}
