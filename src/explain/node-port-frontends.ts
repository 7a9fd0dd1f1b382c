/** Node ports: on which addresses, and what each of them does. */

import { refusedOnLoopback } from '../model/loopback.js';
import { routesOf } from '../model/routes.js';
import type { Model, ServicePort } from '../model/types.js';
import { difference, type Intervals, intersection, union } from '../netfilter/intervals.js';
import { address, loopback } from '../netfilter/region.js';
import { DROPPED, externalDecision, PASSES, REFUSED, type Setting } from './expected.js';
import type { Decide, NamedFrontend } from './named-frontend.js';

/** Addresses with node ports. */
export interface NodePorts {
  readonly daddr: Intervals;
  readonly frontends: readonly NamedFrontend[];
}

/**
 * Node ports on the addresses that accept them, and those without endpoints on all others of the
 * machine. An address that is not the machine's own refuses nothing: it leads elsewhere.
 */
export function nodePortFrontends({ ports }: Model, setting: Setting): readonly NodePorts[] {
  const { machine, behaviour } = setting;
  const open = openAddresses(setting);
  const all = ports.filter(({ nodePort }) => nodePort !== 0);
  const refused = all.filter((port) => routesOf(port).refused.nodePorts.length > 0);
  const frontend = (port: ServicePort, decide: Decide): NamedFrontend => ({
    port,
    what: `node port ${port.nodePort}`,
    protocol: port.protocol.toLowerCase(),
    number: port.nodePort,
    decide,
    allowed: undefined,
  });
  const accepting = (isOwn: boolean): readonly NamedFrontend[] =>
    all.map((port) => {
      const routes = routesOf(port);
      return frontend(port, (sender) => {
        const decision = externalDecision(routes, sender);
        return decision.kind === 'outcome' && !isOwn
          ? { kind: 'outcome', outcome: PASSES }
          : decision;
      });
    });
  const refusing = refused.map((port) => {
    const outcome = routesOf(port).refusal === 'drop' ? DROPPED : REFUSED;
    return frontend(port, () => ({ kind: 'outcome', outcome }));
  });
  const onLoopback = behaviour.refusesLoopbackNodePorts ? loopback(setting.context.family) : [];
  const unserved = refusedOnLoopback(setting.context);
  return [
    { daddr: intersection(open, machine.local), frontends: accepting(true) },
    { daddr: difference(open, machine.local), frontends: accepting(false) },
    {
      daddr: intersection(onLoopback, machine.local),
      frontends: all
        .filter(({ protocol }) => unserved.includes(protocol))
        .map((port) => frontend(port, () => ({ kind: 'outcome', outcome: REFUSED }))),
    },
    {
      daddr: difference(difference(machine.local, open), onLoopback),
      frontends: behaviour.refusesNodePortsEverywhere ? refusing : [],
    },
  ].filter(({ daddr }) => daddr.length > 0);
}

/** The addresses that accept node ports. */
function openAddresses({ context, machine, behaviour }: Setting): Intervals {
  const { nodePortAddresses, localhostNodePorts, family } = context;
  if (nodePortAddresses.kind === 'listed') return union(nodePortAddresses.ips.map(address));
  const withLoopback = behaviour.loopbackNodePorts && localhostNodePorts;
  return withLoopback ? machine.local : difference(machine.local, loopback(family));
}
