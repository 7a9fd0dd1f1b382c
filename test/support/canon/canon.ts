/**
 * The canonical form of an iptables ruleset that fixtures/conformance is written in: two rulesets
 * that mean the same to kube-proxy's reader give the same text. It shares no code with
 * src/backends/iptables on purpose: what judges the compiler must not make its mistakes.
 *
 * Only chains named KUBE-* and the jumps to them are kept, without the canary. Tables and chains
 * are sorted; rules keep their order but in the chains that kube-proxy fills Service by Service
 * in random order. In a rule: the header, the comment, the matches sorted by name (never across one
 * that counts, remembers or draws), the target; values normalised and defaults dropped.
 */

import {
  canonicalNetwork,
  canonicalProbability,
  pair,
  valueAndMask,
  wordsOf,
} from './canon-values.js';

const UNORDERED = new Set([
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-PROXY-FIREWALL',
]);
const CANARY = 'KUBE-PROXY-CANARY';
const LAST_RULE = 'this must be the last rule in this chain';

const SHORT: Readonly<Record<string, string>> = {
  '--source': '-s',
  '--src': '-s',
  '--destination': '-d',
  '--dst': '-d',
  '--in-interface': '-i',
  '--out-interface': '-o',
  '--protocol': '-p',
  '--proto': '-p',
  '--match': '-m',
  '--jump': '-j',
  '--goto': '-g',
  '--destination-port': '--dport',
  '--source-port': '--sport',
};

const STATEFUL = new Set(['recent', 'statistic', 'nfacct', 'limit', 'hashlimit', 'quota']);
const FLAGS = new Set(
  '--set --rcheck --update --remove --reap --rttl --rsource --rdest --random --random-fully --persistent'.split(
    ' ',
  ),
);
const DEFAULT_REJECTS = new Set([
  'icmp-port-unreachable',
  'icmp6-port-unreachable',
  'port-unreach',
]);

/** `[name with "! " in front where negated, value]`; no value for a flag. */
type Option = readonly [name: string, value: string | undefined];

interface CanonRule {
  readonly header: ReadonlyMap<string, string>;
  readonly matches: readonly { readonly name: string; readonly options: readonly Option[] }[];
  readonly comment: string | undefined;
  readonly target: string;
  readonly verdict: string;
}

/** The canonical text of one family; `jumps: false` leaves out the rules of built-in chains. */
export function canonIptables(text: string, options: { readonly jumps?: boolean } = {}): string {
  const out: string[] = [];
  const tables = readTables(text);
  for (const table of [...tables.keys()].sort()) {
    const chains = tables.get(table)!;
    const names = [...chains.keys()].sort();
    const ours = names.filter((chain) => chain.startsWith('KUBE-') && chain !== CANARY);
    const rules: string[] = [];
    if (options.jumps !== false) {
      for (const chain of names.filter((name) => !name.startsWith('KUBE-'))) {
        for (const rule of chains.get(chain)!)
          if (rule.target.startsWith('KUBE-')) rules.push(ruleText(chain, rule));
      }
    }
    for (const chain of ours) rules.push(...chainLines(chain, chains.get(chain)!));
    if (ours.length + rules.length > 0)
      out.push(`*${table}`, ...ours.map((chain) => `:${chain}`), ...rules);
  }
  return `${out.join('\n')}\n`;
}

function readTables(text: string): Map<string, Map<string, CanonRule[]>> {
  const tables = new Map<string, Map<string, CanonRule[]>>();
  let chains = new Map<string, CanonRule[]>();
  for (const whole of text.split('\n')) {
    const line = whole.trim().replace(/^\[[^\]]*\]\s*/, '');
    if (line === '' || line.startsWith('#') || line === 'COMMIT') continue;
    if (line.startsWith('*')) {
      chains = tables.get(line.slice(1)) ?? new Map();
      tables.set(line.slice(1), chains);
    } else if (line.startsWith(':')) {
      chains.set(line.slice(1).split(/\s/)[0]!, []);
    } else {
      const [command, chain, ...words] = wordsOf(line);
      if (command !== '-A' || chain === undefined) throw new Error(`unexpected line: ${line}`);
      if (!chains.has(chain)) chains.set(chain, []);
      chains.get(chain)!.push(readRule(words));
    }
  }
  return tables;
}

function readRule(words: readonly string[]): CanonRule {
  const header = new Map<string, string>();
  const matches: { name: string; options: Option[] }[] = [];
  const targetOptions: Option[] = [];
  let current: Option[] | undefined;
  let comment: string | undefined;
  let kind = '';
  let target = '';
  let bang = '';
  for (let i = 0; i < words.length; i++) {
    const word = SHORT[words[i]!] ?? words[i]!;
    const value = words[i + 1]!;
    const takesValue = word !== '!' && !FLAGS.has(word);
    if (word === '!') {
      bang = '! ';
      continue;
    }
    if (takesValue) {
      if (value === undefined || !word.startsWith('-'))
        throw new Error(`cannot parse ${word} in: ${words.join(' ')}`);
      i++;
    }
    if (word === '-s' || word === '-d') {
      const network = canonicalNetwork(value);
      if (bang !== '' || !network.endsWith('/0')) header.set(word, bang + network);
    } else if (word === '-i' || word === '-o' || word === '-p') {
      header.set(word, bang + value);
    } else if (word === '-m') {
      current = [];
      matches.push({ name: value, options: current });
    } else if (word === '-j' || word === '-g') {
      kind = word;
      target = value;
      current = targetOptions;
    } else if (word === '--comment') {
      comment = value;
    } else {
      if (current === undefined) {
        current = [];
        matches.push({ name: header.get('-p') ?? '', options: current });
      }
      current.push([bang + word, takesValue ? value : undefined]);
    }
    bang = '';
  }
  const verdict =
    kind === '' ? '' : [kind, target, ...targetTexts(target, targetOptions)].join(' ');
  return { header, matches, comment, target, verdict };
}

function targetTexts(target: string, options: readonly Option[]): string[] {
  return options.flatMap(([name, value]) => {
    if (target === 'REJECT' && name === '--reject-with' && DEFAULT_REJECTS.has(value!)) return [];
    if (target !== 'MARK') return [optionText([name, value])];
    const bits = (text: string) => BigInt.asUintN(32, BigInt(text));
    if (name === '--or-mark') return [`--set-xmark ${pair(bits(value!), bits(value!))}`];
    if (name === '--xor-mark') return [`--set-xmark ${pair(bits(value!), 0n)}`];
    if (name === '--and-mark') return [`--set-xmark ${pair(0n, ~bits(value!))}`];
    const [v, m] = valueAndMask(value!);
    return [`--set-xmark ${name === '--set-mark' ? pair(v, v | m) : pair(v, m)}`];
  });
}

function matchTexts(match: string, options: readonly Option[]): string[] {
  const texts = options.flatMap(([name, value]) => {
    if (match === 'recent' && (name === '--mask' || name === '--rsource')) return [];
    if (match === 'mark' && name.endsWith('--mark'))
      return [optionText([name, pair(...valueAndMask(value!))])];
    if (match === 'statistic' && name.endsWith('--probability'))
      return [optionText([name, canonicalProbability(value!)])];
    if ((match === 'conntrack' || match === 'state') && name.endsWith('state')) {
      return [optionText([name, value!.split(',').sort().join(',')])];
    }
    return [optionText([name, value])];
  });
  return texts.sort();
}

function optionText([name, value]: Option): string {
  return value === undefined ? name : `${name} ${value}`;
}

function ruleText(chain: string, rule: CanonRule): string {
  const parts = ['-A', chain];
  for (const option of ['-s', '-d', '-i', '-o', '-p']) {
    const value = rule.header.get(option);
    if (value?.startsWith('! ')) parts.push('!', option, value.slice(2));
    else if (value !== undefined) parts.push(option, value);
  }
  if (rule.comment !== undefined)
    parts.push(`-m comment --comment ${JSON.stringify(rule.comment)}`);
  let movable: string[] = [];
  for (const { name, options } of rule.matches) {
    if (name === 'comment') continue;
    const bare = options.length === 0 && name === rule.header.get('-p');
    const text = ['-m', name, ...matchTexts(name, options)].join(' ');
    if (STATEFUL.has(name)) {
      parts.push(...movable.sort(), text);
      movable = [];
    } else if (!bare) movable.push(text);
  }
  parts.push(...movable.sort());
  if (rule.verdict !== '') parts.push(rule.verdict);
  return parts.join(' ');
}

function chainLines(chain: string, rules: readonly CanonRule[]): string[] {
  const texts = (list: readonly CanonRule[]) => list.map((rule) => ruleText(chain, rule));
  if (!UNORDERED.has(chain)) return texts(rules);
  const isLast = (rule: CanonRule) => rule.comment?.includes(LAST_RULE) === true;
  const rest = rules.filter((rule) => !isLast(rule));
  if (rules.slice(0, rest.length).some(isLast)) {
    throw new Error(`${chain}: a rule that must be the last is not at the end of the chain`);
  }
  const last = texts(rules.filter(isLast)).sort();
  // The rules for one node port keep their order: the one for 127.0.0.0/8 comes first.
  if (chain === 'KUBE-NODEPORTS') return [...texts([...rest].sort(byNodePort)), ...last];
  return [...texts(rest).sort(), ...last];
}

function byNodePort(a: CanonRule, b: CanonRule): number {
  const text = (x: string, y: string) => (x < y ? -1 : x > y ? 1 : 0);
  return (
    text(a.header.get('-p') ?? '', b.header.get('-p') ?? '') ||
    Number(optionOf(a, '--dport')) - Number(optionOf(b, '--dport')) ||
    text(a.comment ?? '', b.comment ?? '')
  );
}

function optionOf(rule: CanonRule, name: string): string {
  for (const { options } of rule.matches)
    for (const option of options) if (option[0] === name) return option[1] ?? '';
  return '';
}
