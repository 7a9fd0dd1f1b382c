/** A question about one packet: from its words to the packet and the machine that it meets. */

import type { HostFacts } from '../config/types.js';
import { elsewhere, machineOf, without } from '../explain/machine.js';
import {
  type Fault,
  type Pods,
  sourceOf,
  type TraceSource,
  traceDestination,
} from '../explain/places.js';
import type { Packet } from '../explain/trace.js';
import { getOrInsert } from '../grouping.js';
import type { Model } from '../model/types.js';
import { type Family, familyOf } from '../net/ip.js';
import { contains } from '../netfilter/intervals.js';
import { addressPoint } from '../netfilter/region.js';
import type { Machine } from '../netfilter/route.js';
import type { Node } from '../snapshot/types.js';

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
  /** Absent: no Pod is asked about by its name. */
  readonly pods?: Pods | undefined;
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
  const target = traceDestination(question.to, known.models, known.pods);
  if ('fault' in target) return { part: 'to', ...target };
  const family = familyOf(target.ip);
  const model = known.models.find(({ context }) => context.family === family);
  const source = sourceOf(question.from, family, model, target, known.pods);
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
  const machine = machineIn(known, family, model);
  const packet: Packet = {
    ...{ source: source.ip, destination: target.ip, protocol: target.protocol, port: target.port },
    start: startOf(question, source, machine),
    inInterface: question.inInterface,
  };
  return { family, model, packet, machine };
}

/**
 * The models with those of some families first: there a name of a Service stands for its address.
 * Of rules that have one family alone, no other address can be asked about.
 */
export function familiesFirst(
  models: readonly Model[],
  families: readonly Family[],
): readonly Model[] {
  const isFirst = ({ context }: Model): boolean => families.includes(context.family);
  return [...models.filter(isFirst), ...models.filter((model) => !isFirst(model))];
}

/** Found once: objects may have 100,000 endpoints. */
const MACHINES = new WeakMap<Known, Map<Family, Machine>>();

/** The machine in one family, none of whose addresses is one of a Service or Pod. */
function machineIn(known: Known, family: Family, model: Model | undefined): Machine {
  const machines = getOrInsert(MACHINES, known, () => new Map<Family, Machine>());
  return getOrInsert(machines, family, () => {
    const node = model && known.nodes.get(model.context.nodeName);
    const others = model === undefined ? [] : elsewhere(model, known.nodes.values());
    return without(machineOf(family, known.host, node), others);
  });
}

/** Where the packet meets the machine: whose the address is says it, unless a word does. */
function startOf(
  { hook, inInterface }: Question,
  source: TraceSource,
  machine: Machine,
): Packet['start'] {
  if (hook !== undefined) return hook;
  if (inInterface !== undefined) return 'prerouting';
  const isOwn = source.here || contains(machine.local, addressPoint(source.ip));
  return isOwn ? 'output' : 'prerouting';
}
