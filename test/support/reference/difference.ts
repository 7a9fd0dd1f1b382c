/**
 * Whether two dumps do the same with every packet, tried with one packet of each kind: every value
 * that either dump names, those before and after it, and one that neither names.
 */

import type { BackendName, Family } from '../../../src/index.js';
import { isWithin, numberOf, rangeOf } from './addresses.js';
import { iptablesRuleset } from './iptables.js';
import { type Branch, ReferenceMachine } from './machine.js';
import { nftRuleset } from './nft.js';
import { type Fields, type Packet, Packets } from './packet.js';

/** Where packets are tried. */
export interface Place {
  readonly mode: BackendName;
  readonly family: Family;
  /** The addresses of the machine, as text. */
  readonly own: readonly string[];
  /** The bit of packets to masquerade; packets come with any of the others. */
  readonly masqueradeBit: number;
}

/** A packet that the dumps treat differently, and what they do; `undefined`: there is none. */
export function differenceOf(one: string, other: string, place: Place): string | undefined {
  const own = [...place.own, place.family === 'IPv4' ? '127.0.0.0/8' : '::1/128'].map(rangeOf);
  const isOwn = (ip: bigint): boolean => own.some((range) => isWithin(ip, range));
  const machines = [one, other].map(
    (text) => new ReferenceMachine(rulesetOf(text, place.mode), isOwn),
  );
  const [first, second] = machines;
  if (first === undefined || second === undefined) return undefined;
  const fields = fieldsOf([one, other], place);
  const trial = new Trial(first, second, fields, isOwn);
  for (const mark of [0, ~place.masqueradeBit >>> 0]) {
    const found = trial.all(mark);
    if (found !== undefined) return found;
  }
  return undefined;
}

function rulesetOf(text: string, mode: BackendName): ReturnType<typeof nftRuleset> {
  return mode === 'iptables' ? iptablesRuleset(text) : nftRuleset(text);
}

type Lists = ReadonlySet<string>;

/** The lists that a client is on in either machine. */
interface Client {
  readonly first: Lists;
  readonly second: Lists;
}

/** What connection tracking says of packets. */
const STATES = [
  'new',
  ...['established', 'established+dnat', 'related', 'related+dnat'],
  ...['invalid', 'untracked'],
];

const NOBODY: Client = { first: new Set(), second: new Set() };

class Trial {
  private readonly first: ReferenceMachine;
  private readonly second: ReferenceMachine;
  private readonly known = new Map<Lists, Lists>();
  private readonly starts: readonly (readonly [start: string, packets: Packets])[];

  constructor(
    first: ReferenceMachine,
    second: ReferenceMachine,
    fields: Fields,
    isOwn: (ip: bigint) => boolean,
  ) {
    this.first = first;
    this.second = second;
    const arriving = { ...fields, saddr: fields.saddr.filter((ip) => !isOwn(ip)) };
    const sent = { ...fields, saddr: fields.saddr.filter(isOwn), iif: [''] };
    this.starts = [
      ['prerouting', new Packets(arriving)],
      ['output', new Packets(sent)],
    ];
  }

  /** New clients, then those that were sent to an endpoint before. */
  all(mark: number): string | undefined {
    const clients = new Map<string, Client>();
    const meet = (one: readonly Branch[], other: readonly Branch[]): void => {
      for (const { state } of one) {
        if (state.dnat === undefined || state.lists.length === 0) continue;
        const { ip, port } = state.dnat;
        const match = other.find(
          ({ state: { dnat } }) => dnat !== undefined && dnat.ip === ip && dnat.port === port,
        );
        const client = { first: new Set(state.lists), second: new Set(match?.state.lists) };
        clients.set([ip, port, ...client.first, '/', ...client.second].join(), client);
      }
    };
    const fresh = this.each(mark, NOBODY, meet);
    if (fresh !== undefined) return fresh;
    for (const client of clients.values()) {
      const found = this.each(mark, client, () => undefined);
      if (found !== undefined) return `${found}; for a client on ${[...client.first].join()}`;
    }
    return undefined;
  }

  private each(
    mark: number,
    client: Client,
    meet: (one: readonly Branch[], other: readonly Branch[]) => void,
  ): string | undefined {
    for (const [start, packets] of this.starts) {
      const compare = (packet: Packet): string | undefined => {
        const one = this.first.branches(packet, start, mark, client.first);
        const other = this.second.branches(packet, start, mark, client.second);
        meet(one, other);
        const all = [textOf(one, client.first), textOf(other, client.second)];
        if (all[0] === all[1]) return undefined;
        const texts = [
          textOf(one, this.deciding(this.first, client.first)),
          textOf(other, this.deciding(this.second, client.second)),
        ];
        if (texts[0] === texts[1]) return undefined;
        return `${start}, mark ${mark}, ${packet.example}: ${texts.join(' / ')}`;
      };
      for (const found of packets.ofEveryKind(compare)) if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Those lists by which a machine tells clients apart: a list of the only endpoint is none. */
  private deciding(machine: ReferenceMachine, lists: Lists): Lists {
    const known = this.known.get(lists);
    if (known !== undefined) return known;
    const found: Lists = this.tellsApart(machine, lists) ? lists : new Set();
    this.known.set(lists, found);
    return found;
  }

  private tellsApart(machine: ReferenceMachine, lists: Lists): boolean {
    const nobody: Lists = new Set();
    for (const [start, packets] of this.starts) {
      const differs = (packet: Packet): boolean =>
        textOf(machine.branches(packet, start, 0, lists), nobody) !==
        textOf(machine.branches(packet, start, 0, nobody), nobody);
      for (const found of packets.ofEveryKind(differs)) if (found) return true;
    }
    return false;
  }
}

/** What becomes of a packet, with the chance of each; and whether `client` stays on its lists. */
function textOf(branches: readonly Branch[], client: Lists): string {
  const sums = new Map<string, number>();
  for (const branch of branches) {
    const isRenewed = branch.state.lists.some((list) => client.has(list));
    const outcome = `${outcomeOf(branch)}${isRenewed ? ' renewed' : ''}`;
    sums.set(outcome, (sums.get(outcome) ?? 0) + branch.chance);
  }
  return [...sums]
    .map(([outcome, chance]) => `${outcome} ${chance.toFixed(6)}`)
    .sort()
    .join(', ');
}

function outcomeOf({ state: { dnat, masquerade, mark, accepted }, end }: Branch): string {
  if (end !== undefined) return end;
  const to = dnat === undefined ? '' : ` to ${dnat.ip}:${dnat.port}`;
  const how = masquerade === undefined ? '' : ` masquerade ${masquerade}`;
  return `pass${to}${how} mark ${mark} ${accepted.join()}`;
}

const IPV4 = /(?<![\w.])\d+\.\d+\.\d+\.\d+(?:\/\d+(?:\.\d+\.\d+\.\d+)?)?/g;
const IPV6 = /(?<![\w:.-])[0-9a-f]*:[0-9a-f:]*:[0-9a-f:]*(?:\/\d+)?/g;

/** Values of fields by which the rules of both dumps differ. */
function fieldsOf(texts: readonly string[], { family, own }: Place): Fields {
  const text = texts.join('\n').replaceAll(/(?:--comment|comment) ("[^"]*"|\S+)/g, '');
  const ranges = [...text.matchAll(family === 'IPv4' ? IPV4 : IPV6), ...own.map((ip) => [ip])];
  const last = family === 'IPv4' ? (1n << 32n) - 1n : (1n << 128n) - 1n;
  const loopback = family === 'IPv4' ? '127.0.0.0/8' : '::1';
  const outside = family === 'IPv4' ? '192.0.2.77' : '2001:db8::77';
  const points = [...ranges.map(([found = '']) => found), loopback].map(rangeOf).flatMap(edges);
  const addresses = [...around(points), numberOf(outside)]
    .filter((ip) => ip >= 0n && ip <= last)
    .sort((a, b) => (a < b ? -1 : 1));
  const dports = numbersIn(
    text,
    /(?:--dport |--sport |--to-destination \S+:|dnat to \S+:|\. )(\d+)(?=\D|$)/g,
  );
  const ages = numbersIn(text, /(?:--seconds |timeout )(\d+)/g);
  const words = [...text.matchAll(/(?:-[io] |iif(?:name)? (?:!= )?)"?([\w@.-]+)/g)].map(
    ([, word = '']) => word,
  );
  const names = ['', 'eth0', 'lo', ...words, ...words.map((word) => `${word}x`)];
  return {
    saddr: addresses,
    daddr: addresses,
    protocol: ['tcp', 'udp', 'sctp', 'icmp', 'dccp', ''],
    sport: numbersIn(text, /--sport (\d+)/g),
    dport: dports,
    iif: [...new Set(names)],
    oif: [...new Set(names)],
    state: STATES,
    age: ages,
  };
}

function edges({ first, last }: { readonly first: bigint; readonly last: bigint }): bigint[] {
  return [first, last];
}

function around(points: readonly bigint[]): readonly bigint[] {
  return [...new Set(points.flatMap((point) => [point - 1n, point, point + 1n]))];
}

function numbersIn(text: string, pattern: RegExp): readonly number[] {
  const found = [...text.matchAll(pattern)].map(([, digits]) => Number(digits));
  const all = [0, 80, 65535, ...found.flatMap((number) => [number - 1, number, number + 1])];
  return [...new Set(all)].filter((number) => number >= 0 && number <= 2 ** 31);
}
