/**
 * Builds the model of one family from a snapshot; given the model before, it looks only at what
 * changed.
 */

import { capDiagnostics, type Diagnostic, serviceFailed } from '../diagnostics.js';
import type { Family } from '../net/ip.js';
import { commonEnds } from '../shared-ends.js';
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
import { entryOf, withEntries } from './entries.js';
import { compareText } from './order.js';
import { servicePorts } from './service-ports.js';
import type { ModelSettings } from './settings.js';
import type { Model, NodeContext, ServiceContext, ServiceEntry, ServicePort } from './types.js';

/**
 * Above this number of endpoints in a family kube-proxy leaves out the comments of endpoint rules.
 */
const LARGE_CLUSTER_ENDPOINTS = 1000;

type Entries = readonly ServiceEntry[];

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
  const { entries, claimsChanged } = readServices(snapshot, serviceContext, usable);
  const winners = usable === undefined || claimsChanged ? findWinners(entries) : usable.winners;
  const untouched = winners.size === 0 && (usable?.winners.size ?? 0) === 0;
  const resolved = untouched ? entries : resolveCollisions(entries, winners, usable);
  const { ports, endpointCount, found } = joined(resolved, usable);
  for (const diagnostic of found) diagnostics.push(diagnostic);
  return {
    context: keepIfEqual<NodeContext>(previous?.context, {
      ...bare,
      large: endpointCount > LARGE_CLUSTER_ENDPOINTS,
    }),
    serviceContext,
    ports,
    objects: { services: snapshot.services, slices: snapshot.slices },
    entries: resolved,
    winners,
    diagnostics,
  };
}

/** What the entries of a model have together. */
interface Joined {
  readonly ports: readonly ServicePort[];
  readonly endpointCount: number;
  readonly found: readonly Diagnostic[];
}

/** Of the entries of models: a change starts from there. */
const JOINED = new WeakMap<Entries, Joined>();

function joined(entries: Entries, previous: Model | undefined): Joined {
  const before = previous && JOINED.get(previous.entries);
  const result =
    (previous && before && rejoined(entries, previous.entries, before)) ?? joinedAnew(entries);
  JOINED.set(entries, result);
  return result;
}

function joinedAnew(entries: Entries): Joined {
  const ports: ServicePort[] = [];
  const found: Diagnostic[] = [];
  let endpointCount = 0;
  // Not flatMap, which takes most of the time at ten thousand Services.
  for (const entry of entries) {
    for (const port of entry.ports) ports.push(port);
    endpointCount += entry.endpointCount;
    // Nearly every list is empty, and an iterator for each costs more than the ports do.
    if (entry.diagnostics.length === 0) continue;
    for (const diagnostic of entry.diagnostics) found.push(diagnostic);
  }
  return { ports, endpointCount, found };
}

/** The same after a change of a few entries; `undefined` where it is no such change. */
function rejoined(entries: Entries, before: Entries, known: Joined): Joined | undefined {
  const { start, end } = commonEnds(before, entries);
  const old = joinedAnew(before.slice(start, before.length - end));
  const fresh = joinedAnew(entries.slice(start, entries.length - end));
  const [first] = old.ports;
  const many = old.ports.length + fresh.ports.length > MOST_SPLICED;
  if (first === undefined || many || known.found.length + fresh.found.length > 0) return undefined;
  const at = known.ports.indexOf(first);
  return {
    ports: known.ports.toSpliced(at, old.ports.length, ...fresh.ports),
    endpointCount: known.endpointCount - old.endpointCount + fresh.endpointCount,
    found: [],
  };
}

/** Beyond so many ports a change costs as much as the whole. */
const MOST_SPLICED = 1000;

/** The old value where it equals the new one, so that identity shows whether anything changed. */
function keepIfEqual<T extends object>(old: T | undefined, fresh: T): T {
  return old !== undefined && JSON.stringify(old) === JSON.stringify(fresh) ? old : fresh;
}

interface Read {
  readonly entries: Entries;
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
): Read {
  if (previous !== undefined) return updateServices(snapshot, context, previous);
  const entries = [...snapshot.services].map(([name, service]) =>
    readService(name, service, snapshot.slices.get(name), context),
  );
  return { entries: entries.sort((a, b) => compareText(a.name, b.name)), claimsChanged: true };
}

/**
 * The same where most entries are there already: only Services whose own object or slices changed
 * are read.
 */
function updateServices(
  { services, slices }: Snapshot,
  context: ServiceContext,
  { entries: before, objects }: Model,
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
    const old = entryOf(before, name);
    claimsChanged ||= !sameClaims(old?.claims ?? [], entry?.claims ?? []);
    changes.set(name, entry);
  }
  return { entries: withEntries(before, changes), claimsChanged };
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
 * Removes from every Service the claims that another one won; an entry that had lost the same
 * before stays identical.
 */
function resolveCollisions(
  entries: Entries,
  winners: Model['winners'],
  previous: Model | undefined,
): Entries {
  return entries.map((entry) => {
    const { name } = entry;
    if (previous?.winners === winners && entryOf(previous.entries, name) === entry) return entry;
    const ports = withoutLost(name, entry, winners);
    const lost = collisionDiagnostics(name, entry, winners);
    const own = entry.diagnostics.filter((d) => d.code !== 'address-collision');
    return ports === entry.wanted && entry.ports === entry.wanted
      ? entry
      : { ...entry, ports, diagnostics: capDiagnostics(name, [...own, ...lost]) };
  });
}
