/**
 * A question about one packet: from its words to the packet, the machine that it meets, and the
 * answer.
 */

import type { NamedRules } from '../backends/named-rules.js';
import type { HostFacts } from '../config/types.js';
import { elsewhere, machineOf, meeting, without } from '../explain/machine.js';
import { type Fault, type Source, sourceOf, targetOf } from '../explain/places.js';
import { affinityLists, type Packet, type Trace, trace } from '../explain/trace.js';
import type { Model } from '../model/types.js';
import { type Family, familyOf } from '../net/ip.js';
import { contains } from '../netfilter/intervals.js';
import { addressPoint, networks } from '../netfilter/region.js';
import { type Machine, Router } from '../netfilter/route.js';
import type { Node } from '../snapshot/types.js';
import { MeantRouter } from './meant-router.js';

/** The words of a question. */
export interface Question {
  /** An address; with objects also `pod`, `node`, `outside` or `endpoint`. */
  readonly from: string;
  /** `10.96.0.10:53/udp`; with objects also `svc/NAME:PORT` or a name as DNS has it. */
  readonly to: string;
  /** Interface that the packet arrives on; default: any. */
  readonly inInterface?: string | undefined;
  /**
   * Where the machine meets the packet. Default: `output` where the sender is the machine, else
   * `prerouting`.
   */
  readonly hook?: Packet['start'] | undefined;
  /** Endpoint that the client was sent to before, `10.244.1.7:53`, or `none`, the default. */
  readonly affinity?: string | undefined;
}

/** What is known besides the rules. */
export interface Known {
  /** Facts of the machine. */
  readonly host: HostFacts | undefined;
  /** What the objects mean, one a family; none where there are no objects. */
  readonly models: readonly Model[];
  readonly nodes: ReadonlyMap<string, Node>;
}

/** A packet, and the machine as far as it is known. */
export interface Asked {
  readonly family: Family;
  /** The model of that family. */
  readonly model: Model | undefined;
  readonly packet: Packet;
  readonly machine: Machine;
}

/** What is wrong with one of the words. */
export interface QuestionFault extends Fault {
  readonly part: keyof Question;
}

/** The packet that a question is about. */
export function askedOf(question: Question, known: Known): Asked | QuestionFault {
  const target = targetOf(question.to, known.models);
  if ('fault' in target) return { part: 'to', ...target };
  const family = familyOf(target.ip);
  const model = known.models.find(({ context }) => context.family === family);
  const source = sourceOf(question.from, family, model, target);
  if ('fault' in source) return { part: 'from', ...source };
  if (familyOf(source.ip) !== family)
    return {
      part: 'from',
      fault: `${JSON.stringify(question.from)} is of another IP family than the destination`,
      hint: `give an ${family} address`,
    };
  if (question.hook === 'output' && question.inInterface !== undefined)
    return {
      part: 'inInterface',
      fault: 'a packet that the machine sends arrives on no interface',
      hint: 'leave it out',
    };
  const node = model && known.nodes.get(model.context.nodeName);
  const machine = machineOf(family, known.host, node);
  const packet: Packet = {
    ...{ source: source.ip, destination: target.ip, protocol: target.protocol, port: target.port },
    start: startOf(question, source, machine),
    inInterface: question.inInterface,
  };
  const others = model === undefined ? [] : elsewhere(model, known.nodes.values());
  return { family, model, packet, machine: without(machine, others) };
}

/** Where the packet meets the machine: whose the address is says it, unless a word does. */
function startOf(
  { hook, inInterface }: Question,
  source: Source,
  machine: Machine,
): Packet['start'] {
  if (hook !== undefined) return hook;
  if (inInterface !== undefined) return 'prerouting';
  const isOwn = source.here || contains(machine.local, addressPoint(source.ip));
  return isOwn ? 'output' : 'prerouting';
}

/** How rules are followed. */
export interface AnswerOptions {
  readonly affinity?: string | undefined;
  /** Whether every rule that is met is told. */
  readonly all?: boolean;
  /** Chances in the kernel's own arithmetic, or as they are meant: {@link MeantRouter}. */
  readonly chances: 'kernel' | 'meant';
}

/** What the rules do with the packet. */
export function answer(
  { packet, machine }: Asked,
  { program, clusterIps, podNetworks }: NamedRules,
  { affinity = 'none', all = false, chances }: AnswerOptions,
): Trace | QuestionFault {
  const place = {
    ...meeting(without(machine, clusterIps), packet),
    pods: networks(podNetworks),
  };
  const router = chances === 'meant' ? new MeantRouter(program, place) : new Router(program, place);
  const lists = affinity === 'none' ? [] : affinityLists(router, packet, affinity);
  if (affinity !== 'none' && lists.length === 0)
    return {
      part: 'affinity',
      fault: `no rule remembers clients of ${affinity}`,
      hint: 'name an endpoint of a Service with sessionAffinity, as ADDRESS:PORT',
    };
  return trace(router, packet, { client: new Set(lists), all });
}
