/** Checks whether a kernel holds a Ruleset, without any code of the diff. */

import { parseDump } from '../../../src/backends/iptables/syntax/parse.js';
import { print, type Ruleset } from '../../../src/index.js';

const OURS =
  /^KUBE-(?:(?:SVC|SVL|SEP|EXT|FW)-[A-Z2-7]{16}|PROXY-CANARY|MARK-MASQ|POSTROUTING|FORWARD|SERVICES|NODEPORTS|EXTERNAL-SERVICES|PROXY-FIREWALL)$/;
const SHARED = /^KUBE-(?:SERVICES|NODEPORTS|EXTERNAL-SERVICES|PROXY-FIREWALL)$/;

type Lines = ReadonlyMap<string, readonly string[]>;

function linesOf(text: string): Lines {
  const chains = new Map<string, readonly string[]>();
  for (const [table, found] of parseDump(text).tables)
    for (const [chain, { rules }] of found) chains.set(`${table} ${chain}`, rules);
  return chains;
}

function bare(line: string): string {
  return line.replace(/ -m comment --comment (?:"(?:[^"\\]|\\.)*"|\S+)/, '');
}

/**
 * Where the saved rules differ from the Ruleset, as one line per chain; `''` where they are what
 * they should be.
 */
export function missingFrom(saved: string, ruleset: Ruleset, exact = false): string {
  const found = linesOf(saved);
  const wanted = linesOf(print(ruleset));
  const plain = (lines: readonly string[]): readonly string[] => (exact ? lines : lines.map(bare));
  const faults: string[] = [];
  for (const [key, lines] of wanted) {
    const [, chain = ''] = key.split(' ');
    const there = found.get(key);
    if (there === undefined && OURS.test(chain)) faults.push(`${key}: missing`);
    const [a, b] = [plain(there ?? []), plain(lines)];
    if (!OURS.test(chain)) {
      for (const line of b)
        if (a.filter((other) => other === line).length !== 1) faults.push(`${key}: ${line}`);
    } else if (SHARED.test(chain)) {
      if (a.toSorted().join('\n') !== b.toSorted().join('\n') || orderFault(key, there ?? []))
        faults.push(`${key}:\n${a.join('\n')}\nshould be\n${b.join('\n')}`);
    } else if (a.join('\n') !== b.join('\n'))
      faults.push(`${key}:\n${a.join('\n')}\nshould be\n${b.join('\n')}`);
  }
  for (const key of found.keys())
    if (OURS.test(key.split(' ')[1] ?? '') && !wanted.has(key)) faults.push(`${key}: too many`);
  return faults.join('\n');
}

/**
 * Dispatch to node ports comes last; the rule of a node port for loopback stands before the one for
 * all addresses.
 */
function orderFault(key: string, lines: readonly string[]): boolean {
  if (key === 'nat KUBE-SERVICES') {
    const first = lines.findIndex((line) => line.endsWith('-j KUBE-NODEPORTS'));
    return first >= 0 && lines.slice(first).some((line) => !line.endsWith('-j KUBE-NODEPORTS'));
  }
  if (key !== 'nat KUBE-NODEPORTS') return false;
  const seen = new Set<string>();
  return lines.some((line) => {
    const port = / -p (\S+) .* --dport (\d+) /.exec(line)?.slice(1).join(' ') ?? '';
    if (!line.includes(' -d 127.0.0.0/8 ')) seen.add(port);
    return line.includes(' -d 127.0.0.0/8 ') && seen.has(port);
  });
}
