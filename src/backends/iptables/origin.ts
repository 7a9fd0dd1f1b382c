/** Finds out which Service a rule of a dump belongs to, from its comment and from who jumps to its chain. */

import { targetOf } from './ownership.js';
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

/** The Service port that the rules of one chain name, for a chain that nothing leads to; the most exact name of all. */
export function originOfLines(lines: readonly string[]): string {
  const origins = lines.map(originOfLine);
  return (
    origins.find((origin) => origin.includes(' ')) ?? origins.find((origin) => origin !== '') ?? ''
  );
}

/**
 * The Service port of every chain in `nat` that a dispatch rule names directly or through other chains. In large
 * clusters endpoint rules carry no comments, so the jumps must tell.
 */
export function originOfChains(dump: Dump): ReadonlyMap<string, string> {
  const origins = new Map<string, string>();
  const chains = dump.tables.get('nat');
  if (chains === undefined) return origins;
  const reach = (chain: string, origin: string): void => {
    if (origins.has(chain) || !/^KUBE-(?:SVC|SVL|SEP|EXT|FW)-/.test(chain)) return;
    origins.set(chain, origin);
    for (const line of chains.get(chain)?.rules ?? []) reach(targetOf(line), origin);
  };
  for (const dispatcher of ['KUBE-SERVICES', 'KUBE-NODEPORTS']) {
    for (const line of chains.get(dispatcher)?.rules ?? []) {
      const origin = originOfLine(line);
      if (origin !== '') reach(targetOf(line), origin);
    }
  }
  return origins;
}
