/** Other ways to write a script of nft that do the same. */

import { edited, sitesOf } from './edits.js';
import type { Rewrite } from './iptables-rewrites.js';
import { linesOf, reordered, shuffled } from './line-order.js';

const RULE = /^add rule \S+ \S+ (\S+)/;
const COMMENT = / comment "[^"]*"/;

function eachLine(change: (line: string, i: number) => string): Rewrite {
  return (lines) => lines.map(change);
}

/** A name wherever it stands, with the sign that a set has in rules. */
function renamed(pattern: RegExp, other: string): Rewrite {
  return (lines, random) => {
    const name = random.of(lines.flatMap((line) => pattern.exec(line)?.[1] ?? []));
    if (name === undefined) return undefined;
    return lines.map((line) =>
      line
        .split(/(?<=[ ,])|(?=[ ,])/)
        .map((word) => (word === name ? other : word === `@${name}` ? `@${other}` : word))
        .join(''),
    );
  };
}

export const NFT_REWRITES: Readonly<Record<string, Rewrite>> = {
  'comments dropped': eachLine((line) =>
    /^add (?:rule|element) /.test(line) ? line.replace(COMMENT, '') : line,
  ),
  'comments changed': eachLine((line) => line.replace(COMMENT, ' comment "by hand"')),
  'chain of a Service renamed': renamed(/^add chain \S+ \S+ (\S+\/\S+)$/, 'renamed-chain'),
  'chain of the node renamed': renamed(/^add chain \S+ \S+ ([a-z-]+)$/, 'renamed-chain'),
  'base chain renamed': renamed(/^add chain \S+ \S+ (\S+) \{/, 'renamed-chain'),
  'set or map renamed': renamed(/^add (?:set|map) \S+ \S+ (\S+)/, 'renamed-set'),
  'elements in another order': (lines, random) =>
    reordered(lines, linesOf(lines, /^add element /), random),
  'chains in another order': (lines, random) =>
    reordered(lines, linesOf(lines, /^add chain /), random),
  'sets in another order': (lines, random) =>
    reordered(lines, linesOf(lines, /^add (?:set|map) /), random),
  'elements of a set in one command': (lines) => {
    const sets = new Map<string, string[]>();
    for (const line of lines) {
      const [, set, element] = /^(add element \S+ \S+ \S+) \{ (.*) \}$/.exec(line) ?? [];
      if (set !== undefined) sets.set(set, [...(sets.get(set) ?? []), element ?? '']);
    }
    return [
      ...lines.filter((line) => !line.startsWith('add element ')),
      ...[...sets].map(([set, elements]) => `${set} { ${elements.join(', ')} }`),
    ];
  },
  'network in two rules': (lines, random) => {
    const site = random.of(sitesOf(lines, RULE, /(?<=daddr \d+\.\d+\.)0\.0\/16/g));
    if (site === undefined) return undefined;
    const [low, high] = ['0.0/17', '128.0/17'].map((half) => edited(lines, site, half));
    return low?.toSpliced(site.line + 1, 0, high?.[site.line] ?? '');
  },
  'networks in another order': (lines, random) => {
    const site = random.of(sitesOf(lines, RULE, /(?<=\{ )\d[^{}]*,[^{}:]*(?= \})/g));
    if (site === undefined || site.text.includes(' : ')) return undefined;
    return edited(lines, site, shuffled(site.text.split(', '), random).join(', '));
  },
  'rule repeated': (lines, random) => {
    const at = random.of(
      linesOf(lines, /^add rule .* (?:drop|reject|goto \S+|vmap @\S+)( comment.*)?$/),
    );
    return at === undefined ? undefined : lines.toSpliced(at + 1, 0, lines[at] ?? '');
  },
  'jump to an empty chain': (lines, random) => {
    const at = random.of(linesOf(lines, RULE));
    const [rule = ''] = RULE.exec(lines[at ?? -1] ?? '') ?? [];
    if (at === undefined) return undefined;
    const [, , family = '', table = ''] = rule.split(' ');
    return [
      ...lines.slice(0, 1),
      `add chain ${family} ${table} empty`,
      ...lines.slice(1, at),
      `${rule} jump empty`,
      ...lines.slice(at),
    ];
  },
  'return at the end of a chain': (lines, random) => {
    const chain = random.of(lines.flatMap((line) => RULE.exec(line)?.[0] ?? []));
    return chain === undefined ? undefined : [...lines, `${chain} return`];
  },
  counters: eachLine((line, i) => line.replace(RULE, `$& counter packets ${i} bytes ${i * 60}`)),
  'priorities beside those of kube-proxy': eachLine((line) =>
    line
      .replace('hook prerouting priority -100', 'hook prerouting priority -99')
      .replace('priority -110', 'priority -120'),
  ),
  'policies spelled out': eachLine((line) =>
    line.replace(/^(add chain .* hook .*) ; \}$/, '$1 ; policy accept ; }'),
  ),
  'table of others': (lines) => [
    ...lines,
    'add table inet others',
    'add chain inet others forward { type filter hook forward priority 0 ; }',
    'add rule inet others forward accept',
  ],
};
