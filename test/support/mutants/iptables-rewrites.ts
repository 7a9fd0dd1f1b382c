/** Other ways to write a dump of iptables-save that do the same. */

import { edited, sitesOf } from './edits.js';
import { linesOf, reordered } from './line-order.js';
import type { Random } from './random.js';

/** Writes all lines otherwise; `undefined`: there is nothing that could be. */
export type Rewrite = (lines: readonly string[], random: Random) => readonly string[] | undefined;

const RULE = /^-A (\S+)/;
const COMMENT = / -m comment --comment (?:"(?:[^"\\]|\\.)*"|\S+)/;
/** Rules of these chains are about different packets, but for the last one. */
const DISPATCH = /^-A KUBE-(?:SERVICES|NODEPORTS|EXTERNAL-SERVICES|PROXY-FIREWALL) .*-p /;

function eachRule(change: (line: string) => string): Rewrite {
  return (lines) => lines.map((line) => (line.startsWith('-A ') ? change(line) : line));
}

function masked(text: string): string {
  return text.replaceAll(/(?<= -[sd] \d+\.\d+\.\d+\.\d+)\/(\d+)/g, (_, length) => {
    const mask = (2n ** 32n - 2n ** BigInt(32 - Number(length))) as bigint;
    return `/${[24n, 16n, 8n, 0n].map((shift) => (mask >> shift) & 255n).join('.')}`;
  });
}

function renamed(pattern: RegExp, name: (found: string, random: Random) => string): Rewrite {
  return (lines, random) => {
    const chains = lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
    const chain = random.of(chains);
    if (chain === undefined) return undefined;
    const other = name(chain, random);
    return lines.map((line) =>
      line
        .split(' ')
        .map((word) => (word === chain ? other : word === `:${chain}` ? `:${other}` : word))
        .join(' '),
    );
  };
}

function behind(pattern: RegExp, rule: (line: string) => string | undefined): Rewrite {
  return (lines, random) => {
    const at = random.of(linesOf(lines, pattern));
    const added = at === undefined ? undefined : rule(lines[at] ?? '');
    return at === undefined || added === undefined ? undefined : lines.toSpliced(at + 1, 0, added);
  };
}

export const IPTABLES_REWRITES: Readonly<Record<string, Rewrite>> = {
  'comments dropped': eachRule((line) => line.replace(COMMENT, '')),
  'comments of Services changed': eachRule((line) =>
    line.startsWith('-A KUBE-') ? line.replace(COMMENT, ' -m comment --comment "by hand"') : line,
  ),
  'chain of an endpoint renamed': renamed(/^:(KUBE-SEP-\S+)/, (_, random) => {
    const letters = Array.from({ length: 16 }, () => 'ABCDEFGHIJ234567'[random.below(16)]);
    return `KUBE-SEP-${letters.join('')}`;
  }),
  'chain of a Service renamed': renamed(
    /^:(KUBE-(?:SVC|SVL|EXT|FW)-\S+)/,
    (chain) => `${chain.slice(0, -4)}AAAA`,
  ),
  'chain of the node renamed': renamed(/^:(KUBE-[A-Z-]+) /, () => 'PROXY-RULES'),
  'rules reordered': (lines, random) => {
    const rule = random.of(linesOf(lines, DISPATCH));
    if (rule === undefined) return undefined;
    const chain = RULE.exec(lines[rule] ?? '')?.[1] ?? '';
    const all = linesOf(lines, new RegExp(`^-A ${chain} .*-p `));
    // A chain of the same name may be in both tables.
    const nat = lines.indexOf('*nat');
    return reordered(
      lines,
      all.filter((i) => i > nat === rule > nat),
      random,
    );
  },
  'chains declared in another order': (lines, random) => {
    const nat = lines.indexOf('*nat');
    const places = linesOf(lines, /^:/).filter((i) => i > nat);
    return reordered(lines, places, random);
  },
  'tables in another order': (lines) => {
    const nat = lines.indexOf('*nat');
    const end = lines.lastIndexOf('COMMIT');
    return [...lines.slice(nat, end + 1), ...lines.slice(0, nat), ...lines.slice(end + 1)];
  },
  'masks spelled out': eachRule(masked),
  'single addresses without a mask': eachRule((line) =>
    line.replaceAll(/(?<=\.\d+)\/32(?= )|\/128(?= )/g, ''),
  ),
  'any address spelled out': (lines, random) => {
    const at = random.of(linesOf(lines, /^-A \S+ (?!.*-s )/));
    const any = lines.some((line) => / -[sd] [\da-f]*:/.test(line)) ? '::/0' : '0.0.0.0/0';
    return at === undefined
      ? undefined
      : lines.with(at, (lines[at] ?? '').replace(RULE, `$& -s ${any}`));
  },
  'network in two rules': (lines, random) => {
    const site = random.of(sitesOf(lines, /^-A KUBE-FW-/, /(?<=(?<!! )-s \d+\.\d+\.)0\.0\/16/g));
    if (site === undefined) return undefined;
    const [low, high] = ['0.0/17', '128.0/17'].map((half) => edited(lines, site, half));
    return low?.toSpliced(site.line + 1, 0, high?.[site.line] ?? '');
  },
  'rule repeated': behind(
    /^-A KUBE-(?:SERVICES|NODEPORTS|EXTERNAL-SERVICES|PROXY-FIREWALL|SEP-\S+|FW-\S+|FORWARD|FIREWALL) .*-j (?!.*recent)/,
    (line) => line,
  ),
  'protocol loaded as a match': eachRule((line) =>
    line.replace(/( -p (tcp|udp|sctp))(?!.* -m (?:tcp|udp|sctp))(.*) -j/, '$1$3 -m $2 -j'),
  ),
  'jump to an empty chain': (lines, random) => {
    const at = random.of(linesOf(lines, RULE));
    const chain = RULE.exec(lines[at ?? -1] ?? '')?.[1];
    if (at === undefined || chain === undefined) return undefined;
    const table = lines.lastIndexOf(at > lines.indexOf('*nat') ? '*nat' : '*filter', at);
    return lines.toSpliced(at, 0, `-A ${chain} -j EMPTY`).toSpliced(table + 1, 0, ':EMPTY - [0:0]');
  },
  'return at the end of a chain': (lines, random) => {
    const ends = linesOf(lines, RULE).filter(
      (i) => RULE.exec(lines[i] ?? '')?.[1] !== RULE.exec(lines[i + 1] ?? '')?.[1],
    );
    const at = random.of(ends);
    if (at === undefined) return undefined;
    return lines.toSpliced(at + 1, 0, `${RULE.exec(lines[at] ?? '')?.[0]} -j RETURN`);
  },
  'goto at the end of a chain': (lines, random) => {
    const ends = linesOf(lines, RULE).filter(
      (i) =>
        / -j KUBE-/.test(lines[i] ?? '') &&
        RULE.exec(lines[i] ?? '')?.[1] !== RULE.exec(lines[i + 1] ?? '')?.[1],
    );
    const at = random.of(ends);
    return at === undefined ? undefined : lines.with(at, (lines[at] ?? '').replace(' -j ', ' -g '));
  },
  counters: (lines) =>
    lines.map((line, i) => (line.startsWith('-A ') ? `[${i}:${i * 60}] ${line}` : line)),
  'policies of the chains of the kernel': (lines) => {
    const filter = lines.indexOf('*filter');
    return lines.toSpliced(filter + 1, 0, ':INPUT ACCEPT [1:2]', ':FORWARD ACCEPT [0:0]');
  },
  'states in another order': eachRule((line) =>
    line.replace('ESTABLISHED,RELATED', 'RELATED,ESTABLISHED'),
  ),
  'chances with fewer digits': eachRule((line) =>
    line.replace(/(--probability \d\.\d+?)0+(?= )/, '$1'),
  ),
  'rules of others': (lines) =>
    lines.flatMap((line) =>
      line === '*filter'
        ? [line, ':CNI-0 - [0:0]', '-A FORWARD -i docker0 -j CNI-0', '-A CNI-0 -p tcp -j RETURN']
        : [line],
    ),
};
