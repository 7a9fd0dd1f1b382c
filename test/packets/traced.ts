/** What a trace of the rules in the node's kernel says of the packets that the tests send. */

import { Tracer } from '../../src/behaviour/tracer.js';
import { rulesOfKernel } from '../../src/cli/rule-sources.js';
import { machineOf } from '../../src/explain/machine.js';
import { isDecided, type Packet, type TraceOutcome } from '../../src/explain/trace.js';
import type { Family } from '../../src/index.js';
import { type Ip, parseIp } from '../../src/net/ip.js';
import { type Fraction, plus } from '../../src/netfilter/fraction.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import type { Namespace } from '../support/machines/netns.js';
import type { Transport } from '../support/machines/station-protocol.js';
import {
  type Answerer,
  FAMILIES,
  LOOPBACK,
  NODE_IP,
  NODE_POD_SIDE,
  NODE_SECOND_IP,
  PODS,
} from './addresses.js';
import { type Sender, sourceOf } from './asking.js';
import type { Loader } from './loaders.js';
import { hostFacts } from './node-rules.js';
import type { Target } from './services.js';

/** A packet of a test. */
export interface TracedQuestion {
  readonly from: Sender;
  readonly to: Target;
  readonly family: Family;
  readonly transport: Transport;
}

/** What comes back in the words of {@link inWords}, and how often. */
export type Shares = ReadonlyMap<string, Fraction>;

/** Answers what packets will find, by the rules in the kernel alone. */
export type Traces = (question: TracedQuestion) => Shares;

/** `pod-a saw 10.244.1.12`: who answers, and the address that it sees. */
export function answerText(by: Answerer, sourceSeen: string): string {
  return `${by} saw ${sourceSeen}`;
}

/**
 * The source of a packet whose sender's address becomes one of the node's, on the way to who
 * answers.
 */
export function masqueradedFor(by: Answerer, family: Family): string {
  return (by === 'pod-a' || by === 'pod-b' ? NODE_POD_SIDE : NODE_IP)[family];
}

/** Reads the rules of the node once. */
export async function readTraces(node: Namespace, { firewall, mode }: Loader): Promise<Traces> {
  const host = new NamespaceHost(node);
  const variant =
    mode === 'nftables' ? undefined : firewall.name === 'iptables-legacy' ? 'legacy' : 'nft';
  const tracers = new Map(
    await Promise.all(
      FAMILIES.map(async (family) => {
        const rules = await rulesOfKernel(host, family, variant);
        const machine = machineOf(family, hostFacts(), undefined);
        return [family, new Tracer(rules, machine, 'kernel')] as const;
      }),
    ),
  );
  return (question) => {
    const found = tracers.get(question.family)!.trace(packetOf(question));
    if ('fault' in found) throw new Error(found.fault);
    if (!isDecided(found)) throw new Error(`not known: ${found.unknown.join(', ')}`);
    const shares = new Map<string, Fraction>();
    for (const outcome of found.outcomes) {
      const text = inWords(outcome, question);
      const known = shares.get(text);
      shares.set(text, known === undefined ? outcome.least : plus(known, outcome.least));
    }
    return shares;
  };
}

function packetOf(question: TracedQuestion): Packet {
  const { from, to, family, transport } = question;
  return {
    source: ipOf(sourceAddress(question)),
    destination: ipOf(to.addresses[family]),
    protocol: transport,
    port: to.port,
    start: from === 'node' ? 'output' : 'prerouting',
    inInterface: interfaceFrom(from),
  };
}

function interfaceFrom(sender: Sender): string | undefined {
  if (sender === 'node') return undefined;
  return sender === 'pod-a' || sender === 'pod-b' ? `veth-${sender}` : 'eth0';
}

/** The node sends to its own addresses from the same address, and else from its first one. */
function sourceAddress({ from, to, family }: TracedQuestion): string {
  const own = [LOOPBACK, NODE_IP, NODE_SECOND_IP].map((addresses) => addresses[family]);
  const target = to.addresses[family];
  return sourceOf(from, family) ?? (own.includes(target) ? target : NODE_IP[family]);
}

function inWords(
  { ending, dnat, hook, masquerade }: TraceOutcome,
  question: TracedQuestion,
): string {
  switch (ending.kind) {
    case 'reject':
      return 'refused';
    case 'drop':
      return 'timeout';
    case 'impossible':
    case 'unknown':
      return ending.text;
    case 'accept': {
      // No program of the node listens.
      if (dnat === undefined && hook === 'input') return 'refused';
      const by = dnat === undefined ? 'elsewhere' : podAt(dnat.ip, question.family);
      const source = masquerade ? masqueradedFor(by, question.family) : sourceAddress(question);
      return answerText(by, source);
    }
  }
}

function podAt(ip: Ip, family: Family): Answerer {
  const pods = Object.entries(PODS) as [Answerer, (typeof PODS)['pod-a']][];
  const found = pods.find(([, addresses]) => parseIp(addresses[family]) === ip);
  if (found === undefined) throw new Error(`no pod has ${ip}`);
  return found[0];
}

function ipOf(text: string): Ip {
  const ip = parseIp(text);
  if (ip === undefined) throw new Error(`${text} is no address`);
  return ip;
}
