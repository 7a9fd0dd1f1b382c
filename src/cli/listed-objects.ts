/** The objects of one kind in an input: as it holds them, and with what was filled in. */

import type { RawObject } from '../cluster/api.js';
import { readSource } from '../input/documents.js';
import type { Source } from '../input/source.js';
import { isObject } from '../input/value.js';
import { compareText } from '../model/order.js';
import type { LoadedSnapshot } from '../snapshot/load.js';
import { findObjects, originKey } from '../snapshot/objects.js';
import { API_VERSIONS, type Kind } from '../snapshot/shapes.js';
import {
  type EndpointSlice,
  type EndpointSubset,
  type Endpoints,
  namespacedName,
  type Service,
  type Snapshot,
} from '../snapshot/types.js';
import { checkObject, rawRef } from '../snapshot/validate.js';

/** A kind that can be shown. */
export interface ListedKind {
  readonly kind: 'Service' | 'Endpoints' | 'EndpointSlice';
  readonly plural: string;
  /** What `-o name` puts in front: `service`, `endpointslice.discovery.k8s.io`. */
  readonly prefix: string;
  /** Every spelling that kubectl accepts. */
  readonly words: readonly string[];
}

export const RESOURCES: readonly ListedKind[] = [
  {
    ...{ kind: 'Service', plural: 'services', prefix: 'service' },
    words: ['services', 'service', 'svc'],
  },
  {
    ...{ kind: 'Endpoints', plural: 'endpoints', prefix: 'endpoints' },
    words: ['endpoints', 'ep'],
  },
  {
    ...{ kind: 'EndpointSlice', plural: 'endpointslices' },
    prefix: 'endpointslice.discovery.k8s.io',
    words: ['endpointslices', 'endpointslice'],
  },
];

/** One object. */
export interface ListedObject {
  readonly namespace: string;
  readonly name: string;
  /** When it was made, RFC 3339; `''`: the input does not say. */
  readonly created: string;
  readonly object: Service | Endpoints | EndpointSlice;
  /** As the input holds it; what was filled in, where it holds none. */
  readonly raw: RawObject;
}

/** The objects of a kind, by namespace and name. */
export function listedObjects(
  { kind }: ListedKind,
  sources: readonly Source[],
  loaded: LoadedSnapshot,
): readonly ListedObject[] {
  const raws = rawObjects(kind, sources);
  return objectsOf(kind, loaded, raws)
    .map((object): ListedObject => {
      const { namespace = 'default', name, creationTimestamp } = object.metadata;
      const raw = raws.get(originKey({ kind, namespace, name }));
      return {
        ...{ namespace, name, object, created: creationTimestamp ?? '' },
        raw: raw ?? { ...object },
      };
    })
    .sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name));
}

type Raws = ReadonlyMap<string, RawObject>;

/** What the input holds of a kind, as text gave it; of two with one name the last. */
function rawObjects(kind: ListedKind['kind'], sources: readonly Source[]): Raws {
  const raws = new Map<string, RawObject>();
  eachObject(sources, (found, raw) => {
    if (found !== kind) return;
    const { namespace, name } = rawRef(kind, raw);
    raws.set(originKey({ kind, namespace: namespace || 'default', name }), {
      ...raw,
      ...{ apiVersion: API_VERSIONS[kind], kind },
    });
  });
  return raws;
}

/** Visits every object of a known kind as the input holds it, unchecked. */
export function eachObject(
  sources: readonly Source[],
  visit: (kind: Kind, raw: RawObject) => void,
): void {
  for (const [index, source] of sources.entries())
    for (const { value, syntax, start, end } of readSource(source).documents)
      for (const [found] of findObjects(value, { source: index, syntax, start, end, path: [] }))
        if (found.is === 'object' && isObject(found.raw)) visit(found.kind, found.raw);
}

function objectsOf(
  kind: ListedKind['kind'],
  { snapshot, unclaimed }: LoadedSnapshot,
  raws: Raws,
): readonly ListedObject['object'][] {
  if (kind === 'Service') return [...snapshot.services.values()];
  const slices = [...snapshot.slices.values()].flat();
  if (kind === 'EndpointSlice')
    return [...slices, ...unclaimed.filter((object) => object.kind === 'EndpointSlice')];
  const given = [...raws.values()].flatMap((raw) => {
    const checked = checkObject('Endpoints', raw, true);
    return 'object' in checked && checked.object.kind === 'Endpoints' ? checked.object : [];
  });
  const named = new Set(given.map(({ metadata }) => namespacedName(metadata)));
  const made = [...snapshot.services.values()]
    .filter(({ metadata }) => !named.has(namespacedName(metadata)))
    .flatMap((service) => endpointsOf(service, snapshot));
  return [...given, ...made];
}

/** The Endpoints that the API server's controller makes beside the slices of a Service. */
function endpointsOf({ metadata, spec }: Service, { slices }: Snapshot): readonly Endpoints[] {
  const all = slices.get(namespacedName(metadata));
  if (all === undefined) return [];
  const [family = all[0]?.addressType] = spec.ipFamilies ?? [];
  const subsets = all
    .filter(({ addressType }) => addressType === family)
    .map(({ endpoints, ports }): EndpointSubset => {
      const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
      const ips = ready.flatMap(({ addresses }) => addresses.slice(0, 1)).sort(compareText);
      return {
        addresses: ips.map((ip) => ({ ip })),
        ports: (ports ?? []).flatMap(({ name, port, protocol }) =>
          typeof port === 'number' ? [{ port, name: name ?? '', protocol: protocol ?? 'TCP' }] : [],
        ),
      };
    });
  return [{ apiVersion: 'v1', kind: 'Endpoints', metadata, subsets }];
}
