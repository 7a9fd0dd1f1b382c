/**
 * The chains whose rules of all Services layout fast arranges as prefix trees: what their keys are,
 * and how nodes are named and found.
 */

import {
  addressBits,
  type Family,
  familyOf,
  type Ip,
  inetNtop,
  ipFromBigInt,
  ipToBigInt,
  ipv4FromNumber,
  ipv4ToNumber,
  parseIp,
} from '../../../net/ip.js';
import { hashDigits } from '../../hash.js';
import { frontendOfRule } from '../syntax/dispatch-rules.js';
import { namesOfEveryNode } from '../syntax/text-chains.js';

/** One tree of a table. */
export interface TreeKind {
  readonly table: 'filter' | 'nat';
  /** The chain that holds the rules without a tree, and that leads into it. */
  readonly root: string;
  /** Stands in the names of nodes; unique in the table. */
  readonly word: string;
  /** What a rule is found by: the address first, or the port alone. */
  readonly by: 'address' | 'port';
}

type TreeUse =
  | 'translated'
  | 'translatedNodePorts'
  | 'refused'
  | 'refusedOutside'
  | 'refusedNodePorts'
  | 'firewalled'
  | 'healthChecked';

/** The trees by what the rules in them do with packets to a Service. */
export const KINDS: Readonly<Record<TreeUse, TreeKind>> = {
  translated: { table: 'nat', root: 'KUBE-SERVICES', word: 'IP', by: 'address' },
  translatedNodePorts: { table: 'nat', root: 'KUBE-NODEPORTS', word: 'NP', by: 'port' },
  refused: { table: 'filter', root: 'KUBE-SERVICES', word: 'IP', by: 'address' },
  refusedOutside: { table: 'filter', root: 'KUBE-EXTERNAL-SERVICES', word: 'XIP', by: 'address' },
  refusedNodePorts: { table: 'filter', root: 'KUBE-EXTERNAL-SERVICES', word: 'XNP', by: 'port' },
  firewalled: { table: 'filter', root: 'KUBE-PROXY-FIREWALL', word: 'FWIP', by: 'address' },
  healthChecked: { table: 'filter', root: 'KUBE-NODEPORTS', word: 'NP', by: 'port' },
};

export const TREE_KINDS: readonly TreeKind[] = Object.values(KINDS);

/** The chain that holds the rule of a tree for a frontend; `address` is `''` for a node port. */
export type ChainFor = (kind: TreeKind, address: Ip | '', protocol: string, port: number) => string;

/** Without trees each rule stands in the root. */
export const rootFor: ChainFor = ({ root }) => root;

/** Kinds by `table chain` of their root, and by `table word`. */
const BY_ROOT = new Map(
  TREE_KINDS.map(({ table, root }) => [
    `${table} ${root}`,
    TREE_KINDS.filter((kind) => kind.table === table && kind.root === root),
  ]),
);
const BY_WORD = new Map(TREE_KINDS.map((kind) => [`${kind.table} ${kind.word}`, kind]));

/** Those in the names of nodes. */
export const NODE_WORDS: ReadonlySet<string> = new Set(TREE_KINDS.map(({ word }) => word));

const NODE_NAME =
  /^KUBE-(IP|NP|XIP|XNP|FWIP)-(?:[A-Z2-7]{16}|\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}|(?:tcp|udp|sctp)(?:-\d{1,5}-\d{1,5})?)$/;

/** The word in the name of a node of a tree; `undefined` for another chain. */
export function wordOfNode(chain: string): string | undefined {
  return NODE_NAME.exec(chain)?.[1];
}

/** The root of the tree that a chain is a node of; `undefined` for another chain. */
export function rootOfNode(table: string, chain: string): string | undefined {
  const word = wordOfNode(chain);
  return word === undefined ? undefined : BY_WORD.get(`${table} ${word}`)?.root;
}

/** The lines of a root, and of the nodes of its trees. */
export function linesUnder(
  table: string,
  root: string,
  chains: ReadonlyMap<string, { readonly rules: readonly string[] }>,
): readonly string[] {
  const lists: (readonly string[])[] = [];
  for (const name of namesOfEveryNode(chains))
    if (name === root || rootOfNode(table, name) === root)
      lists.push(chains.get(name)?.rules ?? []);
  return lists.flat();
}

/** Where a rule of a Service has its place. */
export interface RuleKey {
  readonly kind: TreeKind;
  readonly key: string;
}

/**
 * The tree and the key of a rule, in any chain of the tree or in its root; `undefined` for a rule
 * that is for no single address or port.
 */
export function keyOfRule(table: string, chain: string, line: string): RuleKey | undefined {
  const kinds = BY_ROOT.get(`${table} ${rootOfNode(table, chain) ?? chain}`);
  const frontend = kinds && frontendOfRule(line);
  if (frontend === undefined) return undefined;
  const { address, protocol, port } = frontend;
  const kind = kinds?.find(({ by }) => by === (address === '' ? 'port' : 'address'));
  const ip = address === '' ? '' : parseIp(address);
  if (kind === undefined || ip === undefined) return undefined;
  return { kind, key: treeKey(ip, protocol, Number(port)) };
}

/** The key of a frontend; `address` is `''` for a node port. */
export function treeKey(address: Ip | '', protocol: string, port: number): string {
  return `${addressKey(address)}${protocol.charAt(0)}${octalDigits(port, PORT_BITS)}`;
}

const PORT_BITS = 16;

/** Keys are read in digits of three bits from the first bit on, so that nodes have 8 children. */
const DIGIT_BITS = 3;

function addressKey(ip: Ip | ''): string {
  if (ip === '') return '';
  return familyOf(ip) === 'IPv4'
    ? octalDigits(ipv4ToNumber(ip), addressBits('IPv4'))
    : octalDigits(ipToBigInt(ip), addressBits('IPv6'));
}

/** The bits in octal digits, the last of them filled with zeros. */
function octalDigits(value: number | bigint, bits: number): string {
  const digits = Math.ceil(bits / DIGIT_BITS);
  const missing = digits * DIGIT_BITS - bits;
  // Numbers by a table take a tenth of the time that large integers take.
  return typeof value === 'number'
    ? octalText(value * 2 ** missing, digits)
    : (value << BigInt(missing)).toString(8).padStart(digits, '0');
}

const THREE_DIGITS: readonly string[] = Array.from({ length: 512 }, (_, value) =>
  value.toString(8).padStart(3, '0'),
);

function octalText(value: number, digits: number): string {
  let text = '';
  for (let rest = value; text.length < digits; rest = Math.floor(rest / 512))
    text = `${THREE_DIGITS[rest % 512]}${text}`;
  return text.slice(text.length - digits);
}

/** All digits of the first value of so many bits that begins with these. */
function firstDigits(digits: string, bits: number): string {
  return digits.padEnd(Math.ceil(bits / DIGIT_BITS), '0');
}

/** How many of so many bits these digits fix. */
function fixedBits(digits: string, bits: number): number {
  return Math.min(bits, digits.length * DIGIT_BITS);
}

/** The number of at most 32 bits that {@link octalDigits} writes so. */
function numberOf(digits: string, bits: number): number {
  return Number.parseInt(digits, 8) / 2 ** (digits.length * DIGIT_BITS - bits);
}

/** What leads a packet to a node, in words of iptables; `''` where nothing is asked. */
export interface NodeMatch {
  readonly network: string;
  readonly proto: string;
  /** One port, or the first and the last of a range. */
  readonly ports: string;
}

/** The match that all keys with a prefix have in common. */
export function matchOf({ by }: TreeKind, prefix: string, family: Family): NodeMatch {
  const bits = addressBits(family);
  const addressDigits = by === 'address' ? Math.ceil(bits / DIGIT_BITS) : 0;
  const address = prefix.slice(0, addressDigits);
  const protocol = PROTOCOLS.get(prefix.charAt(addressDigits)) ?? '';
  return {
    network: address === '' ? '' : networkOf(address, family),
    proto: protocol,
    ports: portsOf(prefix.slice(addressDigits + 1)),
  };
}

const PROTOCOLS: ReadonlyMap<string, string> = new Map([
  ['t', 'tcp'],
  ['u', 'udp'],
  ['s', 'sctp'],
]);

function networkOf(digits: string, family: Family): string {
  const bits = addressBits(family);
  const first = firstDigits(digits, bits);
  const ip =
    family === 'IPv4'
      ? ipv4FromNumber(numberOf(first, bits))
      : ipFromBigInt(BigInt(`0o${first}`) >> BigInt(first.length * DIGIT_BITS - bits), family);
  return `${inetNtop(ip)}/${fixedBits(digits, bits)}`;
}

function portsOf(digits: string): string {
  if (digits === '') return '';
  const first = numberOf(firstDigits(digits, PORT_BITS), PORT_BITS);
  const last = first + 2 ** (PORT_BITS - fixedBits(digits, PORT_BITS)) - 1;
  return first === last ? `${first}` : `${first}:${last}`;
}

/**
 * The name of the node with a prefix, at most 28 bytes; `''` is the root. A network of IPv4 and a
 * range of ports can be read in it.
 */
export function nodeName(kind: TreeKind, prefix: string, family: Family): string {
  if (prefix === '') return kind.root;
  const { network, proto, ports } = matchOf(kind, prefix, family);
  const isHashed = kind.by === 'address' && (family === 'IPv6' || proto !== '');
  const range = ports === '' || ports.includes(':') ? ports : `${ports}:${ports}`;
  const words = [network, proto, ...range.split(':')].filter((word) => word !== '');
  return `KUBE-${kind.word}-${isHashed ? hashDigits(prefix, 16) : words.join('-')}`;
}
