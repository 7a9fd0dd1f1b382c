/** The packets by which two rulesets are compared: of every sender, to every address in either. */

import { type Ip, joinHostPort } from '../net/ip.js';
import {
  contains,
  difference,
  type Intervals,
  intersection,
  union,
} from '../netfilter/intervals.js';
import {
  address,
  addressPoint,
  allAddresses,
  loopback,
  numbers,
  type Region,
  word,
  words,
} from '../netfilter/region.js';
import type { Machine } from '../netfilter/route.js';
import { otherPorts, type Ported, sameElsewhere } from './other-ports.js';
import type { Sender } from './senders.js';

/** An address and port that rules answer on. */
export interface RuleFrontend {
  /** `''` for a node port, which is on addresses of the node. */
  readonly ip: Ip | '';
  /** `tcp`, `udp`, `sctp`. */
  readonly protocol: string;
  readonly port: number;
  /** `shop/web:http TCP`; `''`: not known. */
  readonly origin: string;
}

/** What packets of a question go to. */
export type DestinationKind = 'cluster-ip' | 'external' | 'node-port' | 'none' | 'later';

/** Packets of one sender to one frontend. */
export interface RuleQuestion {
  readonly kind: DestinationKind;
  readonly origin: string;
  /** `cluster IP 10.96.0.1:80`, `node port 30080`. */
  readonly what: string;
  readonly sender: Sender;
  readonly region: Region;
}

/** What is known about the addresses. */
export interface Addresses {
  readonly frontends: readonly RuleFrontend[];
  readonly clusterIps: ReadonlySet<Ip>;
  readonly machine: Machine;
}

/** Every question, which together are about every packet that the machine can meet. */
export function* questionsOf(
  addresses: Addresses,
  senders: readonly Sender[],
): Generator<RuleQuestion> {
  const places = placesOf(addresses);
  for (const place of places)
    for (const sender of senders)
      for (const { question, protocol, number } of place.frontends)
        yield {
          ...{ ...question, sender },
          region: {
            ...{ ...sender.region, daddr: place.daddr, state: NEW, protocol: word(protocol) },
            dport: numbers(number, number),
          },
        };
  for (const place of sameElsewhere(places))
    for (const sender of senders)
      for (const region of otherPorts(place, { ...sender.region, state: NEW }))
        yield { kind: 'none', origin: '', what: 'no Service', sender, region };
  for (const sender of senders) yield* laterQuestions(sender);
}

const NEW = word('new');

function* laterQuestions(sender: Sender): Generator<RuleQuestion> {
  const { region } = sender;
  for (const states of [['established', 'related'], ['untracked'], ['invalid']])
    yield {
      ...{ kind: 'later', origin: '', what: 'later packets', sender },
      region: { ...region, state: words(states) },
    };
}

interface Place extends Ported {
  readonly frontends: readonly {
    readonly question: Omit<RuleQuestion, 'region' | 'sender'>;
    readonly protocol: string;
    readonly number: number;
  }[];
}

/** All addresses of the family, in parts that have the same frontends. */
function placesOf({ frontends, clusterIps, machine }: Addresses): readonly Place[] {
  const named = new Map<Ip, Map<string, RuleFrontend>>();
  const nodePorts = new Map<string, RuleFrontend>();
  for (const frontend of frontends) {
    const { ip } = frontend;
    const there = ip === '' ? nodePorts : (named.get(ip) ?? new Map<string, RuleFrontend>());
    if (ip !== '') named.set(ip, there);
    const known = there.get(keyOf(frontend));
    if (known === undefined || known.origin === '') there.set(keyOf(frontend), frontend);
  }
  const singles = union([...named.keys()].map(address));
  const clusterIp = (ip: Ip): boolean => clusterIps.has(ip);
  const places = [...named].map(([ip, there]): Place => {
    const isOwn = contains(machine.local, addressPoint(ip));
    const others = isOwn ? [...nodePorts].filter(([key]) => !there.has(key)) : [];
    return {
      daddr: address(ip),
      frontends: [...there.values(), ...others.map(([, one]) => one)].map((one) =>
        asked(one, clusterIp(ip)),
      ),
      otherwise: clusterIp(ip) ? 'cluster-ip' : '',
    };
  });
  const own = difference(machine.local, singles);
  const back = intersection(own, loopback(machine.family));
  const rest = difference(difference(allAddresses(machine.family), machine.local), singles);
  const ports = [...nodePorts.values()].map((one) => asked(one, false));
  return [
    ...places,
    { daddr: difference(own, back), frontends: ports, otherwise: '' },
    { daddr: back, frontends: ports, otherwise: '' },
    { daddr: rest, frontends: [], otherwise: '' },
  ].filter(({ daddr }) => daddr.length > 0);
}

function keyOf({ protocol, port }: RuleFrontend): string {
  return `${protocol} ${port}`;
}

function asked(
  { ip, protocol, port, origin }: RuleFrontend,
  isClusterIp: boolean,
): Place['frontends'][number] {
  const kind = ip === '' ? 'node-port' : isClusterIp ? 'cluster-ip' : 'external';
  const what =
    ip === ''
      ? `node port ${port}`
      : `${isClusterIp ? 'cluster IP' : 'address'} ${joinHostPort(ip, port)}`;
  return { question: { kind, origin, what }, protocol, number: port };
}

/** The addresses of a list of frontends, as one set. */
export function addressSet(ips: Iterable<Ip>): Intervals {
  return union([...ips].map(address));
}
