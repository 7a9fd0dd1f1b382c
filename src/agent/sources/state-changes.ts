/** What differs between two states of a source, and which IP family a difference concerns. */

import { serviceFamilies } from '../../model/service-ports.js';
import type { Family } from '../../net/ip.js';
import { EMPTY_SNAPSHOT } from '../../snapshot/index-objects.js';
import {
  type EndpointSlice,
  EVERY_OTHER_SERVICE,
  type KubernetesObject,
  type NamespacedName,
  type Snapshot,
} from '../../snapshot/types.js';
import type { SourceChange, SourceState, WatchedKind } from '../source.js';

/**
 * The one family whose rules can depend on these objects: what an object was before a change and
 * what it is now. `undefined` where both can, or neither.
 */
export function onlyFamily(objects: readonly KubernetesObject[]): Family | undefined {
  const [family, ...others] = new Set(objects.flatMap(familiesOf));
  return others.length === 0 ? family : undefined;
}

function familiesOf(object: KubernetesObject): readonly Family[] {
  if (object.kind === 'Service') return serviceFamilies(object);
  if (object.kind !== 'EndpointSlice') return ['IPv4', 'IPv6'];
  return object.addressType === 'FQDN' ? [] : [object.addressType];
}

const NOTHING: SourceState = { snapshot: EMPTY_SNAPSHOT, incomplete: new Set() };

/** The changes between two states that share every equal object. */
export function changesBetween(
  before: SourceState = NOTHING,
  after: SourceState,
): readonly SourceChange[] {
  const changeOf = (
    kind: WatchedKind,
    service: NamespacedName,
    objects: readonly KubernetesObject[],
  ): SourceChange => {
    // What an invalid object means is not known: its Service changes in both families.
    const isInvalid = before.incomplete.has(service) || after.incomplete.has(service);
    const family = isInvalid ? undefined : onlyFamily(objects);
    return { kind, service, ...(family === undefined ? {} : { family }) };
  };
  const [old, now] = [before.snapshot, after.snapshot];
  return [
    ...differing(old.services, now.services).map((name) => {
      const objects = [old.services.get(name), now.services.get(name)];
      return changeOf(
        'Service',
        name,
        objects.flatMap((object) => object ?? []),
      );
    }),
    ...differing(old.slices, now.slices).map((name) =>
      changeOf('EndpointSlice', name, differingSlices(name, old, now)),
    ),
    ...differing(old.nodes, now.nodes).map((): SourceChange => ({ kind: 'Node' })),
    ...(old.serviceCidrs !== now.serviceCidrs &&
    old.serviceCidrs.length + now.serviceCidrs.length > 0
      ? [{ kind: 'ServiceCIDR' } as const]
      : []),
    ...noLongerKept(before, after),
  ];
}

/** Services whose rules may be removed from now on. */
function noLongerKept(before: SourceState, after: SourceState): readonly SourceChange[] {
  const names = [...before.incomplete].filter((name) => !after.incomplete.has(name));
  return names.map((service) => ({
    kind: 'Service',
    ...(service === EVERY_OTHER_SERVICE ? {} : { service }),
  }));
}

function differing<V>(
  before: ReadonlyMap<string, V>,
  after: ReadonlyMap<string, V>,
): readonly string[] {
  const keys = [...after].flatMap(([key, value]) => (before.get(key) === value ? [] : [key]));
  return [...keys, ...[...before.keys()].filter((key) => !after.has(key))];
}

function differingSlices(
  service: NamespacedName,
  before: Snapshot,
  after: Snapshot,
): readonly EndpointSlice[] {
  const old = new Set(before.slices.get(service) ?? []);
  const now = new Set(after.slices.get(service) ?? []);
  return [
    ...[...old].filter((slice) => !now.has(slice)),
    ...[...now].filter((slice) => !old.has(slice)),
  ];
}
