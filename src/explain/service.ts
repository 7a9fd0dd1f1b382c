/** What one Service is on one node: addresses, clients, endpoints, and the reason of each. */

import { addTo } from '../grouping.js';
import type { ModeBehaviour } from '../model/behaviour.js';
import { entryOf } from '../model/entries.js';
import type { Model, NodeContext, ServicePort } from '../model/types.js';
import { type LeftOut, leftOutOf, type PortVerdicts, portVerdicts } from '../model/verdicts.js';
import type { EndpointSlice, NamespacedName, Service } from '../snapshot/types.js';
import { portAddresses, type ServiceAddress } from './clients.js';

/** One port of the Service in one family. */
export interface ExplainedPort {
  readonly port: ServicePort;
  /** Addresses that the Service asks for and another one has: `10.96.0.1:80/TCP` to its Service. */
  readonly lost: ReadonlyMap<string, NamespacedName>;
  readonly addresses: readonly ServiceAddress[];
  readonly verdicts: PortVerdicts;
}

export interface ExplainedFamily {
  readonly context: NodeContext;
  readonly ports: readonly ExplainedPort[];
}

export interface ExplainedService {
  readonly name: NamespacedName;
  readonly service: Service;
  readonly slices: readonly EndpointSlice[];
  /** Families in which the Service has ports; none where it has no rules by design. */
  readonly families: readonly ExplainedFamily[];
  /** Parts of its slices that are no endpoint of any port. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * The Service of a name in the models of one node, one for each family; `isMeant` chooses ports.
 * `undefined`: there is no such Service.
 */
export function explainService(
  name: NamespacedName,
  models: readonly Model[],
  behaviour: ModeBehaviour,
  isMeant: (port: ServicePort) => boolean = () => true,
): ExplainedService | undefined {
  const entries = models.flatMap((model) => {
    const entry = entryOf(model.entries, name);
    return entry === undefined ? [] : [{ model, entry }];
  });
  const [first] = entries;
  if (first === undefined) return undefined;
  const { service, slices = [] } = first.entry;
  const families = entries.flatMap(({ model, entry }): readonly ExplainedFamily[] => {
    const { context, serviceContext, winners } = model;
    const verdictsOf = portVerdicts(entry, serviceContext);
    const keys = new Map<number, string[]>();
    for (const { port, key } of entry.claims) addTo(keys, port, key);
    const ports = entry.ports.flatMap((port, index): readonly ExplainedPort[] => {
      if (!isMeant(port)) return [];
      const lost = (keys.get(index) ?? []).flatMap((key) => {
        const winner = winners.get(key);
        return winner === undefined || winner === name ? [] : [[key, winner] as const];
      });
      return [
        {
          port,
          lost: new Map(lost),
          addresses: portAddresses(port, context, behaviour),
          verdicts: verdictsOf(port),
        },
      ];
    });
    return ports.length === 0 ? [] : [{ context, ports }];
  });
  return {
    name,
    service,
    slices,
    families,
    leftOut: leftOutOf(service, slices, first.model.serviceContext.policy),
  };
}
