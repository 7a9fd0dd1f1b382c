/** Changes of dumps of iptables-save, of which each could have been loaded. */

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

const RULE = /^-A (\S+)/;
const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'DNAT', 'UNTRACKED'];

function all(lines: readonly string[], pattern: RegExp): readonly string[] {
  return lines.flatMap((line) => [...line.matchAll(pattern)].map(([found]) => found));
}

const ADDRESSES = /(?<=-[sd] )\S+/g;
const DPORTS = /(?<=--dport )\d+/g;

export const IPTABLES_MUTATIONS: Mutations = {
  ...wholeRules(RULE),
  address: word(RULE, ADDRESSES, (text, random, lines) =>
    otherNetwork(text, all(lines, ADDRESSES), random),
  ),
  'drop a match': word(
    RULE,
    /(?:! )?(?:-[sdi] \S+|-m (?:conntrack|addrtype|statistic|mark|recent)(?: (?:! )?--\S+(?: (?!-)\S+)?)+)/g,
    () => '',
  ),
  'side of an address': word(RULE, /-[sd](?= [\da-f])/g, (text) => (text === '-s' ? '-d' : '-s')),
  port: word(RULE, DPORTS, (text, random, lines) => otherPort(text, all(lines, DPORTS), random)),
  'range of ports': word(RULE, /(?<=--dport )\d+/g, (text, random) =>
    random.below(2) === 0
      ? `${text}:${Math.min(65535, Number(text) + 1)}`
      : `${Math.max(0, Number(text) - 1)}:${text}`,
  ),
  'port of the source': word(RULE, /--dport/g, () => '--sport'),
  protocol: (lines, random) => {
    const at = random.of(lines.flatMap((line, i) => (/^-A .* -p /.test(line) ? [i] : [])));
    const other = random.of(['tcp', 'udp', 'sctp']);
    return at === undefined
      ? undefined
      : lines.with(
          at,
          (lines[at] ?? '').replaceAll(/ -([pm]) (?:tcp|udp|sctp)(?= )/g, ` -$1 ${other}`),
        );
  },
  interface: word(RULE, /(?<=-[io] )\S+/g, (text, random) =>
    otherWord(text, [`${text}x`, text.slice(0, -1), `${text.replace(/\+$/, '')}+`, 'eth0'], random),
  ),
  states: word(RULE, /(?<=--ctstate )\S+/g, (text, random) => otherList(text, STATES, random)),
  mark: word(RULE, /0x[\da-f]+/g, otherMark),
  'address type': word(RULE, /--(?:src|dst)-type/g, (text) =>
    text === '--src-type' ? '--dst-type' : '--src-type',
  ),
  probability: word(RULE, /(?<=--probability )\S+/g, (_, random) =>
    ((1 + random.below(999)) / 1000).toFixed(11),
  ),
  negation: word(
    RULE,
    /(?:! )?(?:(?<![-\w])-[sdi] |--mark |--ctstate |--(?:src|dst)-type |-p (?=\S+ -m comment --comment \S+ -j))/g,
    (text) => (text.startsWith('! ') ? text.slice(2) : `! ${text}`),
  ),
  'list of clients': word(RULE, /(?<=--name )\S+/g, (text, random, lines) =>
    otherWord(text, all(lines, /(?<=--name )\S+/g), random),
  ),
  'seconds of a list': word(RULE, /(?<=--seconds )\d+/g, otherSeconds),
  'what is done to a list': word(RULE, /--(?:set|rcheck|update)(?= )/g, (text, random) =>
    otherWord(text, ['--set', '--rcheck', '--update'], random),
  ),
  'side of a list': word(RULE, /(?<=--name \S+ )--(?:set|rcheck)/g, (text) => `${text} --rdest`),
  endpoint: word(RULE, /(?<=--to-destination )\S+/g, (text, random, lines) => {
    const [, ip = '', port = ''] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(text) ?? [];
    const others = all(lines, /(?<=--to-destination )\S+/g);
    const kind = random.below(3);
    if (kind === 0) return random.of(others) ?? text;
    if (kind === 1) return text.replace(/\d+$/, otherPort(port, [], random));
    return text.replace(ip, otherNetwork(ip, [ip], random));
  }),
  verdict: word(RULE, /(?<=-j )(?:ACCEPT|DROP|RETURN|REJECT.*)$/g, (text, random) =>
    otherWord(text, ['ACCEPT', 'DROP', 'RETURN', 'REJECT'], random),
  ),
  answer: word(RULE, /(?<=-j REJECT).*$/g, (text, random, lines) => {
    const six = lines.some((line) => / -[sd] [\da-f]*:/.test(line));
    const words = six
      ? ['icmp6-adm-prohibited', 'icmp6-no-route']
      : ['icmp-host-prohibited', 'icmp-net-unreachable'];
    return otherWord(
      text,
      words.map((one) => ` --reject-with ${one}`),
      random,
    );
  }),
  'choice of ports': word(RULE, / --random-fully/g, () => ''),
  jump: (lines, random) => retargeted(lines, random),
  'goto instead of a jump': word(RULE, /-j(?= KUBE-)/g, () => '-g'),
  policy: (lines, random) => {
    const at = lines.indexOf('*filter');
    return lines.toSpliced(at + 1, 0, `:${random.of(['FORWARD', 'INPUT'])} DROP [0:0]`);
  },
  'table of a rule': (lines, random) => {
    const nat = lines.indexOf('*nat');
    const candidates = lines.flatMap((line, i) =>
      /-j (?:KUBE-(?:SERVICES|NODEPORTS)|ACCEPT|RETURN|MARK .*)$/.test(line) ? [i] : [],
    );
    const from = random.of(candidates.filter((i) => hasTwin(lines, i, nat)));
    if (from === undefined) return undefined;
    const rule = lines[from] ?? '';
    const without = lines.toSpliced(from, 1);
    const chain = `-A ${RULE.exec(rule)?.[1]} `;
    const twins = without.flatMap((line, i) =>
      line.startsWith(chain) && i < nat - 1 !== from < nat ? [i] : [],
    );
    const to = random.of(twins);
    return to === undefined ? undefined : without.toSpliced(to, 0, rule);
  },
};

/** Whether the chain of a rule has rules in the other table, too. */
function hasTwin(lines: readonly string[], at: number, nat: number): boolean {
  const chain = `-A ${RULE.exec(lines[at] ?? '')?.[1]} `;
  return lines.some((line, i) => line.startsWith(chain) && i < nat !== at < nat);
}

/** A jump leads to another chain of the table, and never in a circle. */
function retargeted(lines: readonly string[], random: Random): readonly string[] | undefined {
  const nat = lines.indexOf('*nat');
  const jumps = lines.flatMap((line, i) => (/-[jg] KUBE-\S+$/.test(line) ? [i] : []));
  const at = random.of(jumps);
  if (at === undefined) return undefined;
  const inTable = (i: number): boolean => i > nat === at > nat;
  const table = lines.filter((_, i) => inTable(i));
  const chains = table.flatMap((line) => /^:(KUBE-\S+)/.exec(line)?.[1] ?? []);
  const from = RULE.exec(lines[at] ?? '')?.[1] ?? '';
  const target = random.of(chains.filter((chain) => !leadsTo(table, chain, from)));
  if (target === undefined) return undefined;
  return lines.with(at, (lines[at] ?? '').replace(/KUBE-\S+$/, target));
}

function leadsTo(rules: readonly string[], from: string, to: string): boolean {
  if (from === to) return true;
  return rules.some((line) => {
    const [, target] = line.startsWith(`-A ${from} `) ? (/-[jg] (KUBE-\S+)$/.exec(line) ?? []) : [];
    return target !== undefined && leadsTo(rules, target, to);
  });
}
