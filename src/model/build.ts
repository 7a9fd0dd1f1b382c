/**
 * Builds the model of one family from a snapshot; given the model before, it looks only at what
 * changed.
 */

import { capDiagnostics, type Diagnostic, serviceFailed } from '../diagnostics.js';
import type { Family } from '../net/ip.js';
import { changedKeys } from '../snapshot/share.js';
import type { EndpointSlice, NamespacedName, Service, Snapshot } from '../snapshot/types.js';
import {
  claimsOf,
  collisionDiagnostics,
  findWinners,
  sameClaims,
  withoutLost,
} from './collisions.js';
import { buildContext } from './context.js';
import { type EntryPages, entryInPages, pagesOf, withEntries } from './entries.js';
import { compareText } from './order.js';
import { pagedModel, pagesOfModel, sumOf } from './ports.js';
import { servicePorts } from './service-ports.js';
import type { ModelSettings } from './settings.js';
import type { Model, NodeContext, ServiceContext, ServiceEntry } from './types.js';

/**
 * Above this number of endpoints in a family kube-proxy leaves out the comments of endpoint rules.
 */
const LARGE_CLUSTER_ENDPOINTS = 1000;

/** {@link NodeContext.large} of so many endpoints. */
export function isLarge(endpointCount: number): boolean {
  return endpointCount > LARGE_CLUSTER_ENDPOINTS;
}

/**
 * What a snapshot means on one node in one family. Pure: equal input gives an equal model.
 *
 * With `previous`, the ports of every Service whose objects are the identical values are the
 * identical values too, and so is an equal context: `compile` then renders only the rest.
 */
export function buildModel(
  snapshot: Snapshot,
  settings: ModelSettings,
  family: Family,
  previous?: Model,
): Model {
  const { config } = settings;
  const { policy } = config.profile;
  const { context: bare, diagnostics } = buildContext(snapshot, settings, family);
  const serviceContext = keepIfEqual<ServiceContext>(previous?.serviceContext, {
    family,
    nodeName: bare.nodeName,
    zone: bare.zone,
    allowExternalIps: config.allowServiceExternalIps || !policy.externalIpsGate,
    policy,
  });
  const usable = previous?.serviceContext === serviceContext ? previous : undefined;
  const known = usable && pagesOfModel(usable);
  const { pages, claimsChanged } = readServices(snapshot, serviceContext, usable, known);
  const winners =
    usable === undefined || claimsChanged ? findWinners(pages.flat()) : usable.winners;
  const untouched = winners.size === 0 && (usable?.winners.size ?? 0) === 0;
  const settled = usable?.winners === winners ? known : undefined;
  const resolved = untouched ? pages : resolveCollisions(pages, winners, settled);
  const sum = sumOf(resolved);
  for (const diagnostic of sum.diagnostics) diagnostics.push(diagnostic);
  const context = keepIfEqual<NodeContext>(previous?.context, {
    ...bare,
    large: isLarge(sum.endpointCount),
  });
  const objects = { services: snapshot.services, slices: snapshot.slices };
  return pagedModel({ context, serviceContext, objects, winners, diagnostics }, resolved);
}

/** The old value where it equals the new one, so that identity shows whether anything changed. */
function keepIfEqual<T extends object>(old: T | undefined, fresh: T): T {
  return old !== undefined && JSON.stringify(old) === JSON.stringify(fresh) ? old : fresh;
}

interface Read {
  readonly pages: EntryPages;
  readonly claimsChanged: boolean;
}

/**
 * One entry per Service in the order of their names, the identical one where its objects are
 * identical.
 */
function readServices(
  snapshot: Snapshot,
  context: ServiceContext,
  previous: Model | undefined,
  known: EntryPages | undefined,
): Read {
  if (previous !== undefined && known !== undefined)
    return updateServices(snapshot, context, previous.objects, known);
  const entries = [...snapshot.services].map(([name, service]) =>
    readService(name, service, snapshot.slices.get(name), context),
  );
  entries.sort((a, b) => compareText(a.name, b.name));
  return { pages: pagesOf(entries), claimsChanged: true };
}

/**
 * The same where most entries are there already: only Services whose own object or slices changed
 * are read.
 */
function updateServices(
  { services, slices }: Snapshot,
  context: ServiceContext,
  objects: Model['objects'],
  before: EntryPages,
): Read {
  const names = new Set([
    ...changedKeys(objects.services, services),
    ...changedKeys(objects.slices, slices),
  ]);
  const changes = new Map<NamespacedName, ServiceEntry | undefined>();
  let claimsChanged = false;
  for (const name of names) {
    const service = services.get(name);
    const entry =
      service === undefined ? undefined : readService(name, service, slices.get(name), context);
    const old = entryInPages(before, name);
    claimsChanged ||= !sameClaims(old?.claims ?? [], entry?.claims ?? []);
    changes.set(name, entry);
  }
  return { pages: withEntries(before, changes), claimsChanged };
}

/**
 * One Service. An exception affects this Service only: it gets no ports, and the error makes apply
 * and agent keep the rules that it has.
 */
function readService(
  name: NamespacedName,
  service: Service,
  slices: readonly EndpointSlice[] | undefined,
  context: ServiceContext,
): ServiceEntry {
  const diagnostics: Diagnostic[] = [];
  try {
    const wanted = servicePorts(service, slices, context, diagnostics);
    const claims = claimsOf(wanted);
    const endpointCount = wanted.reduce((sum, port) => sum + port.endpointCount, 0);
    const capped = capDiagnostics(name, diagnostics);
    const ports = wanted;
    return { name, service, slices, wanted, claims, ports, endpointCount, diagnostics: capped };
  } catch (error) {
    const empty = { wanted: [], claims: [], ports: [], endpointCount: 0 };
    return { name, service, slices, ...empty, diagnostics: [serviceFailed(name, error)] };
  }
}

/**
 * Removes from every Service the claims that another one won. `settled`: pages whose entries lost
 * to the same winners before; an entry that is in them stays identical, and so does its page.
 */
function resolveCollisions(
  pages: EntryPages,
  winners: Model['winners'],
  settled: EntryPages = [],
): EntryPages {
  return pages.map((page) => {
    const resolved = page.map((entry) =>
      entryInPages(settled, entry.name) === entry ? entry : withoutClaims(entry, winners),
    );
    return resolved.every((entry, i) => entry === page[i]) ? page : resolved;
  });
}

function withoutClaims(entry: ServiceEntry, winners: Model['winners']): ServiceEntry {
  const { name } = entry;
  const ports = withoutLost(name, entry, winners);
  const lost = collisionDiagnostics(name, entry, winners);
  const own = entry.diagnostics.filter((d) => d.code !== 'address-collision');
  return ports === entry.wanted && entry.ports === entry.wanted
    ? entry
    : { ...entry, ports, diagnostics: capDiagnostics(name, [...own, ...lost]) };
}
