/** Changes of scripts of nft, of which each could have been loaded. */

import { type Mutations, wholeRules, word } from './mutation.js';
import type { Random } from './random.js';
import {
  otherList,
  otherMark,
  otherNetwork,
  otherPort,
  otherSeconds,
  otherWord,
} from './values.js';

const RULE = /^add rule \S+ \S+ (\S+) /;
const ELEMENT = /^add element /;
const BASE = /^add chain .* hook /;
const NETWORK =
  /(?<![\w./\]-])(?:\d+\.\d+\.\d+\.\d+|[\da-f]*:[\da-f:]*[\da-f](?:\.[\d.]+)?)(?:\/\d+)?(?![\w/:])/g;
const STATES = ['new', 'established', 'related', 'invalid', 'untracked'];

function all(lines: readonly string[], kind: RegExp, pattern: RegExp): readonly string[] {
  return lines
    .filter((line) => kind.test(line))
    .flatMap((line) => [...line.matchAll(pattern)].map(([found]) => found));
}

function sameShape(text: string, others: readonly string[]): readonly string[] {
  return others.filter((other) => other.includes('/') === text.includes('/'));
}

export const NFT_MUTATIONS: Mutations = {
  ...wholeRules(RULE),
  'address in a rule': word(RULE, NETWORK, (text, random, lines) =>
    otherNetwork(text, sameShape(text, all(lines, RULE, NETWORK)), random),
  ),
  'address of an element': word(ELEMENT, NETWORK, (text, random, lines) =>
    otherNetwork(text, sameShape(text, all(lines, ELEMENT, NETWORK)), random),
  ),
  'side of an address': word(RULE, /(?<=ip6? )[sd]addr(?! \.)/g, (text) =>
    text === 'saddr' ? 'daddr' : 'saddr',
  ),
  'port of an element': word(ELEMENT, /(?<=(?:tcp|udp|sctp) \. )\d+/g, (text, random, lines) =>
    otherPort(text, all(lines, ELEMENT, /(?<=(?:tcp|udp|sctp) \. )\d+/g), random),
  ),
  'protocol of an element': word(ELEMENT, /\b(?:tcp|udp|sctp)(?= \. \d)/g, (text, random) =>
    otherWord(text, ['tcp', 'udp', 'sctp'], random),
  ),
  'delete an element': (lines, random) => {
    const at = random.of(lines.flatMap((line, i) => (ELEMENT.test(line) ? [i] : [])));
    return at === undefined ? undefined : lines.toSpliced(at, 1);
  },
  'element of another set': (lines, random) => {
    const at = random.of(lines.flatMap((line, i) => (ELEMENT.test(line) ? [i] : [])));
    if (at === undefined) return undefined;
    const pairs = [
      ['service-ips', 'no-endpoint-services', 'firewall-ips'],
      ['service-nodeports', 'no-endpoint-nodeports'],
      ['cluster-ips', 'nodeport-ips'],
    ];
    const [, set = ''] = /^add element \S+ \S+ (\S+)/.exec(lines[at] ?? '') ?? [];
    const others = pairs.find((names) => names.includes(set)) ?? [set];
    return lines.with(
      at,
      (lines[at] ?? '').replace(` ${set} `, ` ${otherWord(set, others, random)} `),
    );
  },
  protocol: word(RULE, /(?<=meta l4proto )(?:tcp|udp|sctp)/g, (text, random) =>
    otherWord(text, ['tcp', 'udp', 'sctp'], random),
  ),
  'drop a match': word(
    RULE,
    /(?:ip6? [sd]addr (?:!= )?(?:@\S+|\{[^}]*\}|[\da-f:][\da-f.:/]*)|ct (?:state|status) \S+|fib [sd]addr type local|mark and \S+ != 0|iifname (?:!= )?\S+)/g,
    () => '',
  ),
  interface: word(RULE, /(?<=iifname (?:!= )?)(?!!=)\S+/g, (text, random) => {
    const name = text.replaceAll('"', '');
    const bare = name.replace(/\*$/, '');
    return otherWord(name, [`${bare}x`, bare, `${bare}*`, 'eth0'], random);
  }),
  states: word(RULE, /(?<=ct state )\S+/g, (text, random) => otherList(text, STATES, random)),
  mark: word(RULE, /0x[\da-f]+/g, otherMark),
  'operator of a mark': word(RULE, /(?<=mark set mark )\w+/g, (text, random) =>
    otherWord(text, ['and', 'or', 'xor'], random),
  ),
  'side of fib': word(RULE, /(?<=fib )[sd]addr/g, (text) => (text === 'saddr' ? 'daddr' : 'saddr')),
  negation: word(
    RULE,
    /(?<=(?:[sd]addr|th dport|iifname|mark and 0x[\da-f]+|type) )(?:!= )?(?=[@{\w"])(?!set|type|vmap|\.)/g,
    (text) => (text === '' ? '!= ' : ''),
  ),
  'numbers of a draw': word(RULE, /(?<=numgen random mod )\d+/g, (text) => `${Number(text) + 1}`),
  'endpoint of a draw': word(RULE, /(?<=\d : )[\da-f.:]+ \. \d+/g, (text, random, lines) => {
    const [ip = '', port = ''] = text.split(' . ');
    const kind = random.below(3);
    if (kind === 0) return random.of(all(lines, RULE, /(?<=\d : )[\da-f.:]+ \. \d+/g)) ?? text;
    if (kind === 1) return `${ip} . ${otherPort(port, [], random)}`;
    return `${otherNetwork(ip, [ip], random)} . ${port}`;
  }),
  endpoint: word(RULE, /(?<=dnat to )\S+/g, (text, random, lines) =>
    random.below(2) === 0
      ? (random.of(all(lines, RULE, /(?<=dnat to )\S+/g)) ?? text)
      : text.replace(/\d+$/, (port) => otherPort(port, [], random)),
  ),
  'verdict of a rule': word(RULE, /(?<= )(?:drop|accept|return|reject)$/g, (text, random) =>
    otherWord(text, ['drop', 'accept', 'return', 'reject'], random),
  ),
  'verdict of an element': word(ELEMENT, /(?<= : )drop/g, (text, random) =>
    otherWord(text, ['accept', 'return', 'drop', 'goto reject-chain'], random),
  ),
  answer: word(RULE, /(?<= )reject(?=$| )/g, (text, random) =>
    otherWord(text, ['reject with icmpx host-unreachable', 'reject with tcp reset'], random),
  ),
  'choice of ports': word(RULE, / fully-random/g, () => ''),
  'jump in a rule': (lines, random) => retargeted(lines, RULE, random),
  'jump in an element': (lines, random) => retargeted(lines, ELEMENT, random),
  'jump instead of goto': word(/^add (?:rule|element) /, /(?<= )goto(?= )/g, () => 'jump'),
  'goto instead of jump': word(/^add (?:rule|element) /, /(?<= )jump(?= )/g, () => 'goto'),
  'set that is asked': word(RULE, /(?<=@)\S+/g, (text, random, lines) =>
    otherWord(text, likeSets(text, lines), random),
  ),
  'time of a set': word(/^add set /, /(?<=timeout )\d+(?=s)/g, otherSeconds),
  'hook of a filter': word(/^add chain .*type filter hook /, /(?<=hook )\S+/g, (text, random) =>
    otherWord(text, ['prerouting', 'input', 'forward', 'output', 'postrouting'], random),
  ),
  'hook of a translation': word(BASE, /(?<=type nat hook )(?:prerouting|output)/g, (text) =>
    text === 'output' ? 'prerouting' : 'output',
  ),
  priority: word(BASE, /(?<=priority )-?\d+/g, (text, random) =>
    otherWord(
      text,
      ['-300', '-200', '-199', '-110', '-100', '-99', '0', '99', '100', '101'],
      random,
    ),
  ),
  policy: word(BASE, / ; \}$/g, () => ' ; policy drop ; }'),
};

function likeSets(name: string, lines: readonly string[]): readonly string[] {
  const sets = lines.flatMap((line) => /^add (?:set|map) \S+ \S+ (\S+) (.*)$/.exec(line) ?? []);
  const typed = lines.flatMap((line) => {
    const [, set, type] = /^add (?:set|map) \S+ \S+ (\S+) .*?(type [^;]+)/.exec(line) ?? [];
    return set === undefined ? [] : [[set, type] as const];
  });
  const own = new Map(typed).get(name);
  return sets.length === 0 ? [] : typed.flatMap(([set, type]) => (type === own ? [set] : []));
}

/** A jump leads to another chain, and never in a circle. */
function retargeted(
  lines: readonly string[],
  kind: RegExp,
  random: Random,
): readonly string[] | undefined {
  const chains = lines.flatMap((line) => /^add chain \S+ \S+ (\S+)$/.exec(line)?.[1] ?? []);
  return word(kind, /(?<=(?:goto|jump) )[^\s,]+/g, (text) =>
    otherWord(
      text,
      chains.filter((chain) => !leadsTo(lines, chain, text)),
      random,
    ),
  )(lines, random);
}

/** Whether a chain leads to one that the other leads to, or the other way round. */
function leadsTo(lines: readonly string[], from: string, to: string): boolean {
  const reached = reachedFrom(lines, from);
  return lines.some((line) => {
    const [, chain = ''] = RULE.exec(line) ?? [];
    return reached.has(chain) && line.includes(` ${to}`);
  });
}

function reachedFrom(lines: readonly string[], start: string): ReadonlySet<string> {
  const found = new Set([start]);
  for (const chain of found)
    for (const line of lines) {
      if (RULE.exec(line)?.[1] !== chain) continue;
      for (const [target] of line.matchAll(/(?<=(?:goto|jump) )[^\s,]+/g)) found.add(target);
      const [, map] = /vmap @(\S+)/.exec(line) ?? [];
      if (map === undefined) continue;
      for (const element of lines)
        if (element.startsWith('add element ') && element.includes(` ${map} {`))
          for (const [target] of element.matchAll(/(?<=(?:goto|jump) )[^\s,]+/g)) found.add(target);
    }
  return found;
}
