/** Follows packets through the rules of one machine. */

import type { NamedRules } from '../backends/named-rules.js';
import { meeting, without } from '../explain/machine.js';
import { affinityLists, type Packet, type Trace, tracePacket } from '../explain/trace.js';
import { contains } from '../netfilter/intervals.js';
import { addressPoint, networks } from '../netfilter/region.js';
import { type Arrival, type Machine, type RouteOptions, Router } from '../netfilter/route.js';
import { nominalChance } from '../netfilter/shares.js';
import type { QuestionFault } from './question.js';

/** Chances as the kernel computes them, or as fractions of endpoints: {@link NominalRouter}. */
export type Chances = 'kernel' | 'nominal';

/**
 * Routes with nominal chances: one in three is 1/3, and not 715827883/2147483648, to which the
 * kernel rounds it.
 */
class NominalRouter extends Router {
  override route(
    region: Parameters<Router['route']>[0],
    start: Parameters<Router['route']>[1],
    options: RouteOptions = {},
  ): readonly Arrival[] {
    return super.route(region, start, { ...options, chanceOf: nominalChance });
  }
}

/** How one packet is followed. */
export interface TracerOptions {
  /** Endpoint that the client was sent to before; default: `none`. */
  readonly affinity?: string | undefined;
  /** Whether every rule that is met is listed. */
  readonly all?: boolean;
}

/** Follows packets. What it computed about rules is kept for the next packet. */
export class Tracer {
  private readonly machine: Machine;
  private readonly router: (machine: Machine) => Router;
  /** The router that was used last, and the sender that its machine was made for. */
  private last: { readonly sender: string; readonly router: Router } | undefined;

  constructor(
    { program, clusterIps, podNetworks }: NamedRules,
    machine: Machine,
    chances: Chances,
  ) {
    this.machine = { ...without(machine, clusterIps()), pods: networks(podNetworks()) };
    this.router = (place) =>
      chances === 'nominal' ? new NominalRouter(program, place) : new Router(program, place);
  }

  /** What the rules do with the packet. */
  trace(
    packet: Packet,
    { affinity = 'none', all = false }: TracerOptions = {},
  ): Trace | QuestionFault {
    const router = this.routerFor(packet);
    const lists = affinity === 'none' ? [] : affinityLists(router, packet, affinity);
    if (affinity !== 'none' && lists.length === 0)
      return {
        part: 'affinity',
        fault: `no rule remembers clients of ${affinity}`,
        hint: 'name an endpoint of a Service with sessionAffinity, as ADDRESS:PORT',
      };
    return tracePacket(router, packet, { client: new Set(lists), all });
  }

  private routerFor(packet: Packet): Router {
    const sender = this.isSenderKnown(packet) ? '' : `${packet.source} ${packet.start}`;
    if (this.last?.sender !== sender) {
      const place = sender === '' ? this.machine : meeting(this.machine, packet);
      this.last = { sender, router: this.router(place) };
    }
    return this.last.router;
  }

  /** Whether the machine's addresses already say that the packet's source sends from `start`. */
  private isSenderKnown({ source, start }: Packet): boolean {
    const { local, remote } = this.machine;
    const point = addressPoint(source);
    return start === 'output'
      ? contains(local, point) && !contains(remote, point)
      : contains(remote, point) && !contains(local, point);
  }
}
