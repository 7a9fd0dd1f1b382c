/**
 * The closed JSON schemas of the two configuration files: every field that kube-proxy 1.36 knows
 * (kubeproxy.config.k8s.io/v1alpha1), also those that decide no rule, and the host facts.
 */

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

const TEXT = { type: 'string' } as const;
const BOOL = { type: 'boolean' } as const;
const INT32 = { type: 'integer', minimum: -2147483648, maximum: 2147483647 } as const;
const NUMBER = { type: 'number' } as const;
/** A Go duration, `1h30m`; its syntax is checked with the rules. */
const DURATION = TEXT;
const TEXTS = { type: 'array', items: TEXT } as const;

function closed(
  properties: Readonly<Record<string, object>>,
  required: readonly string[] = [],
): object {
  return { type: 'object', properties, required, additionalProperties: false };
}

const JSON_LOG_FORMAT = {
  splitStream: BOOL,
  infoBufferSize: { type: ['string', 'number'] },
};

const LOGGING = closed({
  format: TEXT,
  flushFrequency: { type: ['string', 'number'] },
  verbosity: { type: 'integer', minimum: 0 },
  vmodule: {
    type: 'array',
    items: closed({ filePattern: TEXT, verbosity: { type: 'integer', minimum: 0 } }),
  },
  options: closed({ json: closed(JSON_LOG_FORMAT), text: closed(JSON_LOG_FORMAT) }),
});

const RULES = {
  masqueradeBit: INT32,
  masqueradeAll: BOOL,
  syncPeriod: DURATION,
  minSyncPeriod: DURATION,
};

/** Schema of a KubeProxyConfiguration whose `null` members were dropped. */
export const PROXY_CONFIG_SCHEMA: object = closed(
  {
    apiVersion: TEXT,
    kind: TEXT,
    mode: TEXT,
    hostnameOverride: TEXT,
    bindAddress: TEXT,
    bindAddressHardFail: BOOL,
    healthzBindAddress: TEXT,
    metricsBindAddress: TEXT,
    enableProfiling: BOOL,
    showHiddenMetricsForVersion: TEXT,
    featureGates: { type: 'object', additionalProperties: BOOL },
    clientConnection: closed({
      kubeconfig: TEXT,
      acceptContentTypes: TEXT,
      contentType: TEXT,
      qps: NUMBER,
      burst: INT32,
    }),
    configSyncPeriod: DURATION,
    logging: LOGGING,
    detectLocalMode: TEXT,
    detectLocal: closed({ bridgeInterface: TEXT, interfaceNamePrefix: TEXT }),
    clusterCIDR: TEXT,
    nodePortAddresses: TEXTS,
    oomScoreAdj: INT32,
    portRange: TEXT,
    windowsRunAsService: BOOL,
    iptables: closed({ ...RULES, localhostNodePorts: BOOL }),
    nftables: closed(RULES),
    ipvs: closed({
      syncPeriod: DURATION,
      minSyncPeriod: DURATION,
      scheduler: TEXT,
      excludeCIDRs: TEXTS,
      strictARP: BOOL,
      tcpTimeout: DURATION,
      tcpFinTimeout: DURATION,
      udpTimeout: DURATION,
    }),
    winkernel: closed({
      networkName: TEXT,
      sourceVip: TEXT,
      enableDSR: BOOL,
      rootHnsEndpointName: TEXT,
      forwardHealthCheckVip: BOOL,
    }),
    conntrack: closed({
      maxPerCore: INT32,
      min: INT32,
      tcpEstablishedTimeout: DURATION,
      tcpCloseWaitTimeout: DURATION,
      tcpBeLiberal: BOOL,
      udpTimeout: DURATION,
      udpStreamTimeout: DURATION,
    }),
  },
  ['apiVersion', 'kind'],
);

/** Host facts as their file spells them: `nfacct` and what only informs may be left out. */
export type RawHostFacts = Pick<HostFacts, 'nodeName' | 'interfaces'> & Partial<HostFacts>;

/** Schema of a host facts file. Whether addresses are addresses is checked afterwards. */
export const HOST_FACTS_SCHEMA: object = closed(
  {
    nodeName: TEXT,
    nfacct: BOOL,
    interfaces: {
      type: 'array',
      items: closed({ name: TEXT, addresses: TEXTS }, ['name', 'addresses']),
    },
    kernel: TEXT,
    iptables: {
      type: 'array',
      items: closed({ command: TEXT, version: TEXT, variant: { enum: ['nf_tables', 'legacy'] } }, [
        'command',
        'version',
        'variant',
      ]),
    },
    nft: TEXT,
  },
  ['nodeName', 'interfaces'],
);
