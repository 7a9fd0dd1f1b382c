/** Finds rules in chains of every node that are for one address or port of a Service. */

import { chainOf } from './line-text.js';

/** One rule of a text of iptables-save form. */
export interface FoundRule {
  readonly table: string;
  readonly chain: string;
  readonly line: string;
  /** Where the name of the chain begins in the text. */
  readonly at: number;
}

/** Nearly all rules of a Service are in its own chains: their lines are not cut out of the text. */
const OF_SERVICE = /-A KUBE-(?:SVC|SVL|SEP|EXT|FW|SPLIT)-/y;

/** The rules of a fragment that are in no chain of a Service. */
export function rulesForAll(text: string): readonly FoundRule[] {
  const found: FoundRule[] = [];
  let table = '';
  for (let start = 0, next: number; start < text.length; start = next) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    next = end + 1;
    if (text[start] === '*') table = text.slice(start + 1, end);
    if (!text.startsWith('-A ', start)) continue;
    OF_SERVICE.lastIndex = start;
    if (OF_SERVICE.test(text)) continue;
    const line = text.slice(start, end);
    found.push({ table, chain: chainOf(line), line, at: start + '-A '.length });
  }
  return found;
}

/** What a rule is for. */
export interface DispatchedTo {
  /** `''` for a node port. */
  readonly address: string;
  readonly protocol: string;
  readonly port: string;
}

const ADDRESS_RULE =
  /^-A \S+ -d (\S+)\/(?:32|128) -p (tcp|udp|sctp) (?:-m comment --comment "[^"\\]*" )?-m \S+ --dport (\d+) /;
const PORT_RULE =
  /^-A \S+ (?:-d 127\.0\.0\.0\/8 )?-p (tcp|udp|sctp) (?:-m comment --comment "[^"\\]*" )?(?:-m addrtype --dst-type LOCAL )?-m \S+ --dport (\d+) /;

/**
 * What a rule as layouts write it is for. `undefined` for a rule with any other condition: text in
 * a comment is not taken for one.
 */
export function frontendOfRule(line: string): DispatchedTo | undefined {
  const [, address = '', protocol = '', port = ''] = ADDRESS_RULE.exec(line) ?? [];
  if (port !== '') return { address, protocol, port };
  const [, nodeProtocol = '', nodePort = ''] = PORT_RULE.exec(line) ?? [];
  return nodePort === '' ? undefined : { address: '', protocol: nodeProtocol, port: nodePort };
}
