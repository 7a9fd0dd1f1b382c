/**
 * The closed shapes of the two configuration files: every field that kube-proxy 1.36 accepts
 * (kubeproxy.config.k8s.io/v1alpha1), also those that decide no rule, and the host facts.
 */

import { array, choice, closed, leaf, record, type Shape } from '../input/shape.js';
import type { HostFacts } from './types.js';

/** The fields of a KubeProxyConfiguration that vipc looks at; `null` was dropped before. */
export interface RawConfig {
  readonly apiVersion: string;
  readonly kind: string;
  readonly mode?: string;
  readonly hostnameOverride?: string;
  readonly bindAddress?: string;
  readonly healthzBindAddress?: string;
  readonly metricsBindAddress?: string;
  readonly bindAddressHardFail?: boolean;
  readonly enableProfiling?: boolean;
  readonly showHiddenMetricsForVersion?: string;
  readonly clientConnection?: RawClientConnection;
  readonly logging?: RawLogging;
  readonly featureGates?: Readonly<Record<string, boolean>>;
  readonly configSyncPeriod?: string;
  /** vipc's own; kube-proxy warns of it and goes on. */
  readonly removalGracePeriod?: string;
  /** vipc's own too. */
  readonly layout?: string;
  readonly profile?: string;
  readonly detectLocalMode?: string;
  readonly detectLocal?: {
    readonly bridgeInterface?: string;
    readonly interfaceNamePrefix?: string;
  };
  readonly clusterCIDR?: string;
  readonly nodePortAddresses?: readonly string[];
  readonly oomScoreAdj?: number;
  readonly iptables?: RawRules & { readonly localhostNodePorts?: boolean };
  readonly nftables?: RawRules;
  readonly conntrack?: {
    readonly maxPerCore?: number;
    readonly min?: number;
    readonly tcpEstablishedTimeout?: string;
    readonly tcpCloseWaitTimeout?: string;
    readonly tcpBeLiberal?: boolean;
    readonly udpTimeout?: string;
    readonly udpStreamTimeout?: string;
  };
  /** Sections of other modes and of other systems; only shown. */
  readonly ipvs?: object;
  readonly winkernel?: object;
  readonly portRange?: string;
  readonly windowsRunAsService?: boolean;
}

/** How the API server is reached. */
export interface RawClientConnection {
  readonly kubeconfig?: string;
  readonly acceptContentTypes?: string;
  readonly contentType?: string;
  readonly qps?: number;
  readonly burst?: number;
}

/** What is logged, and how. */
export interface RawLogging {
  readonly format?: string;
  readonly flushFrequency?: string | number;
  readonly verbosity?: number;
  readonly vmodule?: readonly object[];
  readonly options?: { readonly json?: object; readonly text?: object };
}

/** What the sections `iptables` and `nftables` share. */
export interface RawRules {
  readonly masqueradeBit?: number;
  readonly masqueradeAll?: boolean;
  readonly syncPeriod?: string;
  readonly minSyncPeriod?: string;
}

const TEXT = leaf({ type: 'string' });
const BOOL = leaf({ type: 'boolean' });
const INT32 = leaf({ type: 'integer', minimum: -2147483648, maximum: 2147483647 });
const NUMBER = leaf({ type: 'number' });
const NATURAL = leaf({ type: 'integer', minimum: 0 });
/** A Go duration, `1h30m`; its syntax is checked with the rules. */
const DURATION = TEXT;
const TEXTS = array(TEXT);

/** A closed object in which every field may be left out. */
function optional(fields: Readonly<Record<string, Shape>>): Shape {
  return closed({}, fields);
}

const JSON_LOG_FORMAT = {
  splitStream: BOOL,
  infoBufferSize: leaf({ type: ['string', 'number'] }),
};

const LOGGING = optional({
  format: TEXT,
  flushFrequency: leaf({ type: ['string', 'number'] }),
  verbosity: NATURAL,
  vmodule: array(optional({ filePattern: TEXT, verbosity: NATURAL })),
  options: optional({ json: optional(JSON_LOG_FORMAT), text: optional(JSON_LOG_FORMAT) }),
});

const RULES = {
  masqueradeBit: INT32,
  masqueradeAll: BOOL,
  syncPeriod: DURATION,
  minSyncPeriod: DURATION,
};

/** Shape of a KubeProxyConfiguration whose `null` members were dropped. */
export const PROXY_CONFIG: Shape = closed(
  { apiVersion: TEXT, kind: TEXT },
  {
    mode: TEXT,
    hostnameOverride: TEXT,
    bindAddress: TEXT,
    bindAddressHardFail: BOOL,
    healthzBindAddress: TEXT,
    metricsBindAddress: TEXT,
    enableProfiling: BOOL,
    showHiddenMetricsForVersion: TEXT,
    featureGates: record(BOOL),
    clientConnection: optional({
      kubeconfig: TEXT,
      acceptContentTypes: TEXT,
      contentType: TEXT,
      qps: NUMBER,
      burst: INT32,
    }),
    configSyncPeriod: DURATION,
    removalGracePeriod: DURATION,
    layout: TEXT,
    profile: TEXT,
    logging: LOGGING,
    detectLocalMode: TEXT,
    detectLocal: optional({ bridgeInterface: TEXT, interfaceNamePrefix: TEXT }),
    clusterCIDR: TEXT,
    nodePortAddresses: TEXTS,
    oomScoreAdj: INT32,
    portRange: TEXT,
    windowsRunAsService: BOOL,
    iptables: optional({ ...RULES, localhostNodePorts: BOOL }),
    nftables: optional(RULES),
    ipvs: optional({
      syncPeriod: DURATION,
      minSyncPeriod: DURATION,
      scheduler: TEXT,
      excludeCIDRs: TEXTS,
      strictARP: BOOL,
      tcpTimeout: DURATION,
      tcpFinTimeout: DURATION,
      udpTimeout: DURATION,
    }),
    winkernel: optional({
      networkName: TEXT,
      sourceVip: TEXT,
      enableDSR: BOOL,
      rootHnsEndpointName: TEXT,
      forwardHealthCheckVip: BOOL,
    }),
    conntrack: optional({
      maxPerCore: INT32,
      min: INT32,
      tcpEstablishedTimeout: DURATION,
      tcpCloseWaitTimeout: DURATION,
      tcpBeLiberal: BOOL,
      udpTimeout: DURATION,
      udpStreamTimeout: DURATION,
    }),
  },
);

/** Host facts as in their file: `nfacct` and informational fields may be absent. */
export type RawHostFacts = Pick<HostFacts, 'nodeName' | 'interfaces'> &
  Partial<HostFacts> & { readonly apiVersion?: string; readonly kind?: string };

/** Shape of a host facts file. Whether addresses are addresses is checked afterwards. */
export const HOST_FACTS: Shape = closed(
  { nodeName: TEXT, interfaces: array(closed({ name: TEXT, addresses: TEXTS })) },
  {
    apiVersion: choice('vipc/v1'),
    kind: choice('Host'),
    nfacct: BOOL,
    kernel: TEXT,
    iptables: array(
      closed({ command: TEXT, version: TEXT, variant: choice('nf_tables', 'legacy') }),
    ),
    nft: TEXT,
    sysctls: record(TEXT),
    listening: array(closed({ protocol: choice('TCP', 'UDP'), address: TEXT, port: NATURAL })),
    nameservers: TEXTS,
    missingModules: TEXTS,
    tables: optional({ legacy: TEXTS, nft: TEXTS }),
    routingMarks: array(closed({ mark: TEXT, mask: TEXT, rule: TEXT })),
    recentListSize: NATURAL,
  },
);
