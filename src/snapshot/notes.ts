/**
 * Notes about manifests that are valid, but probably not what their author meant: a Service that
 * has no rules, endpoints that no Service uses.
 */

import type { Diagnostic } from '../diagnostics.js';
import { type Cidr, cidrFamily, parseCidr } from '../net/cidr.js';
import { cidrLookup } from '../net/cidr-set.js';
import { type Family, familyOf, type Ip, mayBeOfFamily, parseIp } from '../net/ip.js';
import { specialIpProblem } from './name-rules.js';
import { note } from './object-diagnostics.js';
import { sliceNotes } from './slice-notes.js';
import {
  clusterIpsOf,
  type EndpointSlice,
  type Endpoints,
  SERVICE_NAME_LABEL,
  SERVICE_PROXY_NAME_LABEL,
  type Service,
  type Snapshot,
} from './types.js';

const NONE: readonly EndpointSlice[] = [];
/** Kinds whose controllers make Pods. */
const PODS_MADE_BY =
  /^(?:apps\/v1 .*|batch\/v1 .*|v1 ReplicationController|argoproj\.io\/v1alpha1 Rollout)$/;

/** What notes depend on besides the objects. */
export interface NoteOptions {
  /** The Services that notes are wanted about; all if absent. */
  readonly selected?: Snapshot['services'];
  /** The networks of ClusterIPs, instead of those of the ServiceCIDR objects. */
  readonly serviceCidrs?: readonly Cidr[];
}

/**
 * The notes about a snapshot: by Service, then those about slices of no Service, then those about
 * `unclaimed` objects, for which a snapshot has no place. Where some Services are selected, only
 * what is about these.
 */
export function manifestNotes(
  snapshot: Snapshot,
  unclaimed: readonly (EndpointSlice | Endpoints)[],
  { selected = snapshot.services, serviceCidrs = [] }: NoteOptions = {},
): readonly Diagnostic[] {
  const networks = networksOf(snapshot, serviceCidrs);
  const workload = [...snapshot.skippedKinds.keys()].find((kind) => PODS_MADE_BY.test(kind));
  const services = [...selected].flatMap(([name, service]) => {
    const slices = snapshot.slices.get(name) ?? NONE;
    return [...withoutRules(service), ...serviceNotes(service, slices, { networks, workload })];
  });
  if (selected.size < snapshot.services.size) return services;
  const orphans = [...snapshot.slices]
    .filter(([name]) => !snapshot.services.has(name))
    .flatMap(([name, slices]) =>
      slices.map((slice) =>
        note('orphaned-slice', slice, `names Service ${name}, which is not in the input`),
      ),
    );
  return [...services, ...orphans, ...unclaimed.map(unclaimedNote)];
}

function unclaimedNote(object: EndpointSlice | Endpoints): Diagnostic {
  return object.kind === 'Endpoints'
    ? note('orphaned-endpoints', object, 'no Service of this name is in the input')
    : note(
        'orphaned-slice',
        object,
        `belongs to no Service: it has no label ${SERVICE_NAME_LABEL}`,
      );
}

/** Why a Service has no rules at all. */
function withoutRules(service: Service): readonly Diagnostic[] {
  const why = reasonForNoRules(service);
  return why === undefined ? [] : [note('service-without-rules', service, `has no rules: ${why}`)];
}

function reasonForNoRules({ metadata, spec }: Service): string | undefined {
  const proxy = metadata.labels?.[SERVICE_PROXY_NAME_LABEL];
  if (proxy !== undefined) return `its label ${SERVICE_PROXY_NAME_LABEL} gives it to another proxy`;
  if (spec.type === 'ExternalName') return 'an ExternalName is a name in DNS only';
  return spec.clusterIP === 'None' ? 'it is headless' : undefined;
}

/** What notes about a Service depend on besides its slices. */
interface Surroundings {
  readonly networks: Networks;
  /** A kind in the input that makes Pods, with its apiVersion. */
  readonly workload: string | undefined;
}

function serviceNotes(
  service: Service,
  slices: readonly EndpointSlice[],
  { networks, workload }: Surroundings,
): readonly Diagnostic[] {
  if (reasonForNoRules(service) !== undefined) return [];
  return [
    ...outsideNetworks(service, networks),
    ...affinityNotes(service),
    ...balancerNotes(service),
    ...(slices.length === 0 ? withoutEndpoints(service, workload) : []),
    ...sliceNotes(service, slices),
  ];
}

/** The networks of ClusterIPs. */
interface Networks {
  /** Where they are named. */
  readonly source: string;
  readonly families: ReadonlySet<Family>;
  readonly hold: (ip: Ip) => boolean;
}

function networksOf(snapshot: Snapshot, given: readonly Cidr[]): Networks {
  const texts = snapshot.serviceCidrs.flatMap(({ spec }) => spec?.cidrs ?? []);
  const [source, cidrs] =
    given.length > 0
      ? ['network of --service-cidr', given]
      : ['ServiceCIDR of the input', texts.flatMap((text) => parseCidr(text) ?? [])];
  return { source, families: new Set(cidrs.map(cidrFamily)), hold: cidrLookup(cidrs) };
}

function outsideNetworks(service: Service, networks: Networks): readonly Diagnostic[] {
  const { source, families, hold } = networks;
  return clusterIpsOf(service).flatMap((ip) => {
    const isOutside = families.has(familyOf(ip)) && !hold(ip);
    const message = isOutside ? `${ip} is in no ${source}` : specialClusterIp(ip);
    if (message === undefined) return [];
    return [note('cluster-ip-outside', service, message, 'spec.clusterIP')];
  });
}

/** What an API server of any sensible network of Services would refuse. */
function specialClusterIp(ip: Ip): string | undefined {
  const words = specialIpProblem(ip);
  return words === undefined ? undefined : `${ip} ${words}`;
}

function affinityNotes(service: Service): readonly Diagnostic[] {
  const { sessionAffinity, sessionAffinityConfig } = service.spec;
  if (sessionAffinity === 'ClientIP' || sessionAffinityConfig === undefined) return [];
  const message = 'must not be set when session affinity is None: an API server drops it';
  const found = note('unused-affinity-config', service, message, 'spec.sessionAffinityConfig');
  return [{ ...found, severity: 'warning' }];
}

function balancerNotes(service: Service): readonly Diagnostic[] {
  const { type, loadBalancerSourceRanges = [] } = service.spec;
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const ips = ingress.flatMap(({ ip = '', ipMode }) =>
    ipMode === 'Proxy' ? [] : (parseIp(ip) ?? []),
  );
  if (ips.length === 0) return [];
  const ranged = new Set(
    loadBalancerSourceRanges.flatMap((text) => {
      const cidr = parseCidr(text.trim());
      return cidr === undefined ? [] : [cidrFamily(cidr)];
    }),
  );
  // Where a range that cannot be read may be of a family, that family is closed instead.
  const broken = loadBalancerSourceRanges.filter((text) => parseCidr(text.trim()) === undefined);
  const open = [...new Set(ips.map(familyOf))].filter(
    (family) => !ranged.has(family) && !broken.some((text) => mayBeOfFamily(family, text)),
  );
  return [
    ...(type === 'LoadBalancer'
      ? []
      : [
          note(
            'status-of-load-balancer',
            service,
            `has rules, although the Service is of type ${type}`,
            'status.loadBalancer.ingress',
          ),
        ]),
    ...(ranged.size === 0 ? [] : open).map((family) =>
      note(
        'family-without-ranges',
        service,
        `no range of ${family}: every ${family} client may use the load balancer`,
        'spec.loadBalancerSourceRanges',
      ),
    ),
  ];
}

function withoutEndpoints(service: Service, workload: string | undefined): readonly Diagnostic[] {
  if (Object.keys(service.spec.selector ?? {}).length === 0) {
    const message =
      'has no selector, and the input has no EndpointSlice of it and no Endpoints of its name';
    return [note('no-slices-given', service, message)];
  }
  const found = note(
    'no-endpoints-given',
    service,
    'has a selector, but the input has no Pod that it matches and no EndpointSlice of it',
  );
  if (workload === undefined) return [found];
  const kind = workload.slice(workload.indexOf(' ') + 1);
  return [
    {
      ...found,
      hint: `Pods are read, not the ${kind} that makes them: add kubectl get pods -o yaml`,
    },
  ];
}
