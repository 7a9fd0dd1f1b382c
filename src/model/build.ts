/** Builds the model of one family from a snapshot; given the model before, it looks only at what changed. */

import type { Diagnostic } from '../diagnostics.js';
import type { Family } from '../net/ip.js';
import type { EndpointSlice, NamespacedName, Service, Snapshot } from '../snapshot/types.js';
import {
  claimsOf,
  collisionDiagnostics,
  findWinners,
  sameClaims,
  withoutLost,
} from './collisions.js';
import { buildContext } from './context.js';
import { compareText } from './order.js';
import { servicePorts } from './service-ports.js';
import type { ModelSettings } from './settings.js';
import type { Model, NodeContext, ServiceContext, ServiceEntry, ServicePort } from './types.js';

/** Above this number of endpoints in a family kube-proxy leaves out the comments of endpoint rules. */
const LARGE_CLUSTER_ENDPOINTS = 1000;

type Entries = ReadonlyMap<NamespacedName, ServiceEntry>;

/**
 * What a snapshot means on one node in one family. Pure: equal input gives an equal model.
 *
 * With `previous`, the ports of every Service whose objects are the identical values are the identical
 * values too, and so is an equal context: `compile` then renders only the rest.
 */
export function buildModel(
  snapshot: Snapshot,
  settings: ModelSettings,
  family: Family,
  previous?: Model,
): Model {
  const { context: bare, diagnostics } = buildContext(snapshot, settings, family);
  const serviceContext = keepIfEqual<ServiceContext>(previous?.serviceContext, {
    family,
    nodeName: bare.nodeName,
    zone: bare.zone,
    allowExternalIps: settings.config.allowServiceExternalIps,
  });
  const usable = previous?.serviceContext === serviceContext ? previous : undefined;
  const { entries, claimsChanged } = readServices(snapshot, serviceContext, usable?.entries);
  const winners = usable === undefined || claimsChanged ? findWinners(entries) : usable.winners;
  const untouched = winners.size === 0 && (usable?.winners.size ?? 0) === 0;
  const settled = untouched ? entries : settle(entries, winners, usable);
  const ports: ServicePort[] = [];
  let endpointCount = 0;
  for (const entry of settled.values()) {
    for (const port of entry.ports) {
      ports.push(port);
      endpointCount += port.endpointCount;
    }
    diagnostics.push(...entry.diagnostics);
  }
  return {
    context: keepIfEqual<NodeContext>(previous?.context, {
      ...bare,
      large: endpointCount > LARGE_CLUSTER_ENDPOINTS,
    }),
    serviceContext,
    ports,
    entries: settled,
    winners,
    diagnostics,
  };
}

/** The old value where it equals the new one, so that identity tells whether anything changed. */
function keepIfEqual<T extends object>(old: T | undefined, fresh: T): T {
  return old !== undefined && JSON.stringify(old) === JSON.stringify(fresh) ? old : fresh;
}

interface Read {
  readonly entries: Entries;
  readonly claimsChanged: boolean;
}

/** One entry per Service in the order of their names, the identical one where its objects are identical. */
function readServices(
  snapshot: Snapshot,
  context: ServiceContext,
  previous: Entries | undefined,
): Read {
  const updated = previous === undefined ? undefined : updateServices(snapshot, context, previous);
  if (updated !== undefined) return updated;
  const entries = new Map<NamespacedName, ServiceEntry>();
  for (const name of [...snapshot.services.keys()].sort(compareText)) {
    const service = snapshot.services.get(name);
    if (service === undefined) continue;
    const slices = snapshot.slices.get(name);
    const old = previous?.get(name);
    entries.set(
      name,
      old?.service === service && old.slices === slices
        ? old
        : readService(service, slices, context),
    );
  }
  return { entries, claimsChanged: true };
}

/**
 * The same where no Service came or went, by one walk along the entries before, which are in order already:
 * most of the cost of a change. `undefined` where one did.
 */
function updateServices(
  snapshot: Snapshot,
  context: ServiceContext,
  previous: Entries,
): Read | undefined {
  if (previous.size !== snapshot.services.size) return undefined;
  const changed: (readonly [NamespacedName, ServiceEntry])[] = [];
  let claimsChanged = false;
  for (const [name, old] of previous) {
    const service = snapshot.services.get(name);
    if (service === undefined) return undefined;
    const slices = snapshot.slices.get(name);
    if (old.service === service && old.slices === slices) continue;
    const entry = readService(service, slices, context);
    claimsChanged ||= !sameClaims(old.claims, entry.claims);
    changed.push([name, entry]);
  }
  if (changed.length === 0) return { entries: previous, claimsChanged };
  const entries = new Map(previous);
  for (const [name, entry] of changed) entries.set(name, entry);
  return { entries, claimsChanged };
}

function readService(
  service: Service,
  slices: readonly EndpointSlice[] | undefined,
  context: ServiceContext,
): ServiceEntry {
  const diagnostics: Diagnostic[] = [];
  const wanted = servicePorts(service, slices, context, diagnostics);
  return { service, slices, wanted, claims: claimsOf(wanted), ports: wanted, diagnostics };
}

/** Takes from every Service what another one won; an entry that was settled the same way before stays identical. */
function settle(entries: Entries, winners: Model['winners'], previous: Model | undefined): Entries {
  const settled = new Map<NamespacedName, ServiceEntry>();
  for (const [name, entry] of entries) {
    if (previous?.winners === winners && previous.entries.get(name) === entry) {
      settled.set(name, entry);
      continue;
    }
    const ports = withoutLost(name, entry, winners);
    const lost = collisionDiagnostics(name, entry, winners);
    const own = entry.diagnostics.filter((d) => d.code !== 'address-collision');
    settled.set(
      name,
      ports === entry.wanted && entry.ports === entry.wanted
        ? entry
        : { ...entry, ports, diagnostics: [...own, ...lost] },
    );
  }
  return settled;
}
