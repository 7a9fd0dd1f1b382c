/**
 * The canonical form of one table of nft that fixtures/conformance is written in, made from a
 * script of commands: what the script leaves in the table. It shares no code with
 * src/backends/nftables on purpose: what judges the compiler must not make its mistakes.
 *
 * Chains, then sets and maps, then elements, each sorted by name, then the rules, which keep their
 * order in a chain. Members of anonymous sets are sorted, networks among them merged, a set of one
 * is its member; numbers in hexadecimal have no zeros in front; what is the default is left out.
 */

import { isIP } from 'node:net';
import { canonicalNetwork } from './canon-values.js';

interface Table {
  readonly chains: Map<string, { declaration: string; rules: string[] }>;
  readonly sets: Map<
    string,
    {
      readonly kind: string;
      readonly properties: readonly string[];
      readonly elements: Map<string, string>;
    }
  >;
}

const WORD = /"[^"]*"|[{};,]|[^\s{};,"]+/g;

/**
 * The canonical text of table kube-proxy of a family after the script was loaded into an empty
 * kernel.
 */
export function canonNft(script: string, family: 'ip' | 'ip6'): string {
  let table: Table = { chains: new Map(), sets: new Map() };
  for (const line of script.split('\n')) {
    const words = line.match(WORD) ?? [];
    const [verb = '#', kind = '', lineFamily, name, ...rest] = words;
    if (verb.startsWith('#') || lineFamily !== family || name !== 'kube-proxy') continue;
    if (kind === 'table') {
      if (verb === 'delete') table = { chains: new Map(), sets: new Map() };
    } else carryOut(table, verb, kind, rest);
  }
  return `table ${family} kube-proxy\n${textOf(table)}\n`;
}

function carryOut(table: Table, verb: string, kind: string, [name = '', ...rest]: string[]): void {
  const action = `${verb} ${kind}`;
  switch (action) {
    case 'add chain':
      if (!table.chains.has(name)) table.chains.set(name, { declaration: hook(rest), rules: [] });
      return;
    case 'flush chain':
      table.chains.get(name)!.rules = [];
      return;
    case 'delete chain':
      table.chains.delete(name);
      return;
    case 'add set':
    case 'add map':
      if (!table.sets.has(name))
        table.sets.set(name, { kind, properties: shape(rest), elements: new Map() });
      return;
    case 'flush set':
    case 'flush map':
      table.sets.get(name)!.elements.clear();
      return;
    case 'delete set':
    case 'delete map':
      table.sets.delete(name);
      return;
    case 'add element':
      for (const item of items(rest.slice(1, -1), ',')) addElement(table, name, item);
      return;
    case 'add rule': {
      const [body, comment] = splitComment(rest);
      table.chains.get(name)!.rules.push(`${ruleText(body)}${comment}`);
      return;
    }
    default:
      throw new Error(`unexpected command: ${action} ${name}`);
  }
}

/** The words between separators, without empty items. */
function items(words: readonly string[], separator: string): string[][] {
  const found: string[][] = [[]];
  for (const word of words) {
    if (word === separator) found.push([]);
    else found.at(-1)!.push(word);
  }
  return found.filter((item) => item.length > 0);
}

function hook(words: readonly string[]): string {
  const of = (key: string): string | undefined => {
    const at = words.indexOf(key);
    return at < 0 ? undefined : words[at + 1];
  };
  if (of('hook') === undefined) return '';
  const policy = of('policy') ?? 'accept';
  const text = `type ${of('type')}; hook ${of('hook')}; priority ${of('priority')}`;
  return ` { ${text}${policy === 'accept' ? '' : `; policy ${policy}`} }`;
}

function shape(words: readonly string[]): string[] {
  return items(words.slice(1, -1), ';').flatMap((property): string[] => {
    if (property[0] !== 'flags') return [property.join(' ')];
    const flags = property.slice(1).filter((word) => word !== ',' && word !== 'dynamic');
    return flags.length === 0 ? [] : [`flags ${flags.sort().join(',')}`];
  });
}

function splitComment(words: readonly string[]): [string[], string] {
  const at = words.indexOf('comment');
  if (at < 0) return [[...words], ''];
  return [[...words.slice(0, at), ...words.slice(at + 2)], ` comment ${words[at + 1]}`];
}

function addElement(table: Table, set: string, item: readonly string[]): void {
  const [body, comment] = splitComment(item);
  const words = body.map(canonicalWord);
  const at = words.includes(':') ? words.indexOf(':') : words.length;
  const value = words.slice(at + 1).join(' ');
  table.sets
    .get(set)!
    .elements.set(words.slice(0, at).join(' '), `${value === '' ? '' : ` : ${value}`}${comment}`);
}

const SYNONYMS: Readonly<Record<string, string>> = { '|': 'or', '^': 'xor', '&': 'and' };

function ruleText(words: readonly string[]): string {
  const out: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '{') {
      const end = words.indexOf('}', i);
      const members = items(words.slice(i + 1, end), ',').map((item) =>
        item.map((part) => canonicalWord(part.replaceAll('"', ''))).join(' '),
      );
      const updates = /^(?:update|add)$/.test(out.at(-2) ?? '') && out.at(-1)!.startsWith('@');
      out.push(updates ? `{ ${members[0]} }` : setText(members));
      i = end;
    } else if (word === '==') {
      // The default, which the recordings leave out.
    } else if (word !== 'meta' || !/^(?:mark|iifname)$/.test(words[i + 1] ?? ''))
      out.push(SYNONYMS[word] ?? canonicalWord(word.replaceAll('"', '')));
  }
  return out.join(' ').replaceAll(' , ', ',');
}

function setText(members: readonly string[]): string {
  const networks = members.every((member) => isNetwork(member));
  const found = networks ? collapse(members.map(canonicalNetwork)).map(canonicalWord) : members;
  if (found.length === 1 && !found[0]!.includes(' : ')) return found[0]!;
  return `{ ${[...found].sort(byNumbers).join(', ')} }`;
}

function isNetwork(text: string): boolean {
  return isIP(text.replace(/\/\d+$/, '')) !== 0;
}

/**
 * An address, network, `[address]:port` or hexadecimal number in its one form; other words as they
 * are.
 */
function canonicalWord(word: string): string {
  if (/^0x[0-9a-fA-F]+$/.test(word)) return `0x${BigInt(word).toString(16)}`;
  const bracket = /^\[([0-9a-fA-F:.]+)\](:\d+)?$/.exec(word);
  if (bracket !== null) return `[${canonicalWord(bracket[1]!)}]${bracket[2] ?? ''}`;
  return isNetwork(word)
    ? canonicalNetwork(word).replace(/(?<=\..*)\/32$|(?<=:.*)\/128$/, '')
    : word;
}

/** Networks without those that lie in others, neighbours joined where they make one. */
function collapse(networks: readonly string[]): readonly string[] {
  const left = new Set(networks);
  for (let changed = true; changed; ) {
    changed = false;
    for (const network of left) {
      const [address = '', bits = ''] = network.split('/');
      const length = Number(bits);
      if (length === 0) continue;
      const covered = Array.from({ length }, (_, shorter) =>
        canonicalNetwork(`${address}/${shorter}`),
      ).some((wider) => left.has(wider));
      const parent = canonicalNetwork(`${address}/${length - 1}`);
      const sibling = [...left].find(
        (other) =>
          other !== network &&
          other.endsWith(`/${length}`) &&
          canonicalNetwork(`${other.split('/')[0]}/${length - 1}`) === parent,
      );
      if (!covered && sibling === undefined) continue;
      left.delete(network);
      if (!covered) {
        left.delete(sibling!);
        left.add(parent);
      }
      changed = true;
    }
  }
  return [...left];
}

/** Orders numbers inside texts by value. */
function byNumbers(a: string, b: string): number {
  const key = (text: string): string => text.replace(/\d+/g, (digits) => digits.padStart(12, '0'));
  const [left, right] = [key(a), key(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function textOf({ chains, sets }: Table): string {
  const chainNames = [...chains.keys()].sort();
  const setNames = [...sets.keys()].sort();
  return [
    ...chainNames.map((name) => `chain ${name}${chains.get(name)!.declaration}`),
    ...setNames.map((name) => {
      const { kind, properties } = sets.get(name)!;
      return `${kind} ${name} { ${[...properties].sort().join('; ')} }`;
    }),
    ...setNames.flatMap((name) => {
      const { elements } = sets.get(name)!;
      return [...elements.keys()]
        .sort(byNumbers)
        .map((key) => `element ${name} { ${key}${elements.get(key)} }`);
    }),
    ...chainNames.flatMap((name) => chains.get(name)!.rules.map((rule) => `rule ${name} ${rule}`)),
  ].join('\n');
}
