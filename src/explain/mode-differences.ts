/**
 * What the two modes of kube-proxy do differently by design, derived from what two rulesets do with
 * packets. The rows of the table in docs/nftables.md.
 */

import { type Ip, inetNtop } from '../net/ip.js';
import { type Fraction, NONE, plus, sameFraction } from '../netfilter/fraction.js';
import { type Intervals, isWithin } from '../netfilter/intervals.js';
import { addressAt, onlyPoint, type Region } from '../netfilter/region.js';
import { DROPPED, type Outcome, PASSES, REFUSED } from './expected.js';
import type { DestinationKind, RuleQuestion } from './rule-questions.js';

type Distribution = ReadonlyMap<Outcome, Fraction>;

/** Packets that meet something else in the other mode. */
export interface ModeCase {
  readonly question: RuleQuestion;
  readonly region: Region;
  readonly iptables: Distribution;
  readonly nftables: Distribution;
  /** Whether what a mode does not let through is stopped by rules of others. */
  readonly isStoppedByOthers: (mode: 'iptables' | 'nftables') => boolean;
}

/** What is known about the machine and the rules of mode nftables. */
export interface ModeFacts {
  readonly local: Intervals;
  readonly loopback: Intervals;
  /** Addresses that accept node ports in mode nftables. */
  readonly accepting: Intervals;
  readonly clusterIps: Intervals;
}

/** One way in which the modes differ, in words for people. */
export interface ModeDifference {
  readonly code: string;
  readonly what: string;
  readonly iptables: string;
  readonly nftables: string;
}

interface Row extends ModeDifference {
  readonly applies: (one: ModeCase, facts: ModeFacts) => boolean;
}

const ROWS: readonly Row[] = [
  {
    code: 'node-port-address',
    what: 'a node port, on an address that is not the primary one of the node',
    iptables: 'answered',
    nftables: 'closed',
    applies: (one, facts) =>
      isClosed(one, facts, answered) && !isWithin(daddr(one), facts.loopback),
  },
  {
    code: 'node-port-loopback',
    what: 'a node port on a loopback address',
    iptables: 'answered',
    nftables: 'closed',
    applies: (one, facts) => isClosed(one, facts, answered) && isWithin(daddr(one), facts.loopback),
  },
  {
    code: 'node-port-refused',
    what: 'a node port without endpoints, on an address that accepts none in mode nftables',
    iptables: 'refused with ICMP, or dropped',
    nftables: 'closed like any other port',
    applies: (one, facts) => isClosed(one, facts, refused) && !one.isStoppedByOthers('iptables'),
  },
  {
    code: 'load-balancer-node',
    what: 'an external address without endpoints, asked by the node itself',
    iptables: 'sent on to wherever the routes lead',
    nftables: 'refused or dropped',
    applies: ({ question, iptables, nftables }) =>
      isKind(question, 'external') &&
      question.sender.isNode &&
      only(iptables) === PASSES &&
      refused(nftables),
  },
  {
    code: 'source-ranges',
    what: 'a load balancer address without endpoints, asked from outside its source ranges',
    iptables: 'refused',
    nftables: 'dropped',
    applies: ({ question, iptables, nftables }) =>
      isKind(question, 'external') && only(iptables) === REFUSED && only(nftables) === DROPPED,
  },
  {
    code: 'cluster-ip-port',
    what: 'a ClusterIP, on a port that the Service does not have',
    iptables: 'sent on to wherever the routes lead',
    nftables: 'refused',
    applies: (one, facts) =>
      isKind(one.question, 'none') &&
      only(one.iptables) === PASSES &&
      only(one.nftables) === REFUSED &&
      isWithin(daddr(one), facts.clusterIps),
  },
  {
    code: 'service-cidr',
    what: 'an address of a ServiceCIDR that no Service has',
    iptables: 'sent on to wherever the routes lead',
    nftables: 'dropped',
    applies: ({ question, iptables, nftables }) =>
      isKind(question, 'none') && only(iptables) === PASSES && only(nftables) === DROPPED,
  },
  {
    code: 'hairpin',
    what: 'a pod of another node that reaches itself through this one',
    iptables: 'masqueraded, so it is answered',
    nftables: 'not masqueraded: silence',
    applies: ({ region, iptables, nftables }) => {
      const point = onlyPoint(region.saddr);
      if (point === undefined) return false;
      const itself = addressAt(point);
      return sameDistribution(
        mapped(iptables, (outcome) => unmasqueraded(outcome, itself)),
        nftables,
      );
    },
  },
  {
    code: 'forward-policy',
    what: 'a packet to a Service that the firewall of the node does not forward',
    iptables: 'accepted, and answered',
    nftables: 'dropped, unless the firewall accepts it',
    applies: ({ iptables, nftables, isStoppedByOthers }) =>
      answered(iptables) &&
      [...nftables].every(
        ([outcome, share]) => isStopped(outcome) || isSame(iptables, outcome, share),
      ) &&
      isStoppedByOthers('nftables'),
  },
  {
    code: 'invalid',
    what: 'a forwarded packet that connection tracking calls INVALID',
    iptables: 'dropped, unless tcpBeLiberal is on',
    nftables: 'let through',
    applies: ({ question, region, iptables, nftables }) =>
      isKind(question, 'later') &&
      isWithin(region.state, INVALID) &&
      only(iptables) === DROPPED &&
      only(nftables) === PASSES,
  },
  {
    code: 'loopback-guard',
    what: 'a packet from elsewhere to a loopback address, where node ports answer there',
    iptables: 'dropped',
    nftables: 'left to the kernel',
    applies: (one, { loopback }) =>
      only(one.iptables) === DROPPED &&
      only(one.nftables) === PASSES &&
      isWithin(daddr(one), loopback),
  },
];

const INVALID: Intervals = ['invalid', 'invalid\0'];

/** Every way in which the modes differ, in the order of the rows. */
export function modeDifferences(): readonly ModeDifference[] {
  return ROWS;
}

/** The way in which the modes differ that explains a case; `undefined`: none does. */
export function modeDifferenceOf(one: ModeCase, facts: ModeFacts): ModeDifference | undefined {
  return ROWS.find(({ applies }) => applies(one, facts));
}

/** Whether a node port has an answer in iptables, at an address that accepts none in nftables. */
function isClosed(
  one: ModeCase,
  { local, accepting }: ModeFacts,
  iptables: (distribution: Distribution) => boolean,
): boolean {
  return (
    isKind(one.question, 'node-port') &&
    iptables(one.iptables) &&
    only(one.nftables) === PASSES &&
    isWithin(daddr(one), local) &&
    !isWithin(daddr(one), accepting)
  );
}

function daddr({ region }: ModeCase): Intervals {
  return region.daddr;
}

function isKind({ kind }: RuleQuestion, wanted: DestinationKind): boolean {
  return kind === wanted;
}

/** What becomes of all packets; `undefined` where it is not one thing. */
function only(distribution: Distribution): Outcome | undefined {
  return distribution.size === 1 ? [...distribution.keys()][0] : undefined;
}

function answered(distribution: Distribution): boolean {
  return [...distribution.keys()].some(isTranslated);
}

function refused(distribution: Distribution): boolean {
  const outcome = only(distribution);
  return outcome === REFUSED || outcome === DROPPED;
}

function isTranslated(outcome: Outcome): boolean {
  return outcome.startsWith('accept to ');
}

function isStopped(outcome: Outcome): boolean {
  return outcome === DROPPED || outcome.startsWith('reject ');
}

function isSame(distribution: Distribution, outcome: Outcome, share: Fraction): boolean {
  return sameFraction(distribution.get(outcome) ?? NONE, share);
}

const MASQUERADED = / masqueraded$/;

/** The outcome of a packet that an endpoint sends to itself, were it not masqueraded. */
function unmasqueraded(outcome: Outcome, itself: Ip): Outcome {
  const host = inetNtop(itself);
  const isItself =
    outcome.startsWith(`accept to ${host}:`) || outcome.startsWith(`accept to [${host}]:`);
  return isItself ? outcome.replace(MASQUERADED, '') : outcome;
}

function mapped(distribution: Distribution, change: (outcome: Outcome) => Outcome): Distribution {
  const sums = new Map<Outcome, Fraction>();
  for (const [outcome, share] of distribution) {
    const now = change(outcome);
    sums.set(now, plus(sums.get(now) ?? NONE, share));
  }
  return sums;
}

function sameDistribution(a: Distribution, b: Distribution): boolean {
  return a.size === b.size && [...a].every(([outcome, share]) => isSame(b, outcome, share));
}
