/**
 * The fields of a KubeProxyConfiguration that steer a running agent and decide no rule, with
 * kube-proxy's defaults.
 */

import { type Ip, parseIp } from '../net/ip.js';
import { parseDuration } from './duration.js';
import type { RawConfig, RawRules } from './schema.js';

/** Where a server listens. */
export interface ListenAddress {
  readonly ip: Ip;
  /** 1 to 65535. */
  readonly port: number;
}

/** How often rules are written, in milliseconds. */
export interface SyncPeriods {
  /**
   * Delay before a failed sync is retried, and interval of drift checks. Twice this without a sync
   * is unhealthy.
   */
  readonly syncPeriod: number;
  /** At least this long from one sync of a family to the next; at most {@link syncPeriod}. */
  readonly minSyncPeriod: number;
}

/** What an agent needs to know besides the rules. */
export interface AgentConfig {
  /**
   * `undefined`: no health server, which only flags can ask for: in a file an empty address is the
   * default one.
   */
  readonly healthzBindAddress: ListenAddress | undefined;
  /** `undefined`: no metrics server, likewise. */
  readonly metricsBindAddress: ListenAddress | undefined;
  /** Whether the agent ends if a port is taken; otherwise it tries again. */
  readonly bindAddressHardFail: boolean;
  readonly enableProfiling: boolean;
  /** Of each mode, because kube-proxy keeps them in a section per mode. */
  readonly periods: Readonly<Record<'iptables' | 'nftables', SyncPeriods>>;
  /** Milliseconds after which an informer of kube-proxy looks at all of its objects again. */
  readonly configSyncPeriod: number;
  /**
   * Milliseconds for which Services of files stay where most of them disappear at once; 0: none.
   * Not one of kube-proxy's.
   */
  readonly removalGracePeriod: number;
  readonly clientConnection: {
    /** `''`: in-cluster credentials. */
    readonly kubeconfig: string;
    readonly acceptContentTypes: string;
    readonly contentType: string;
    /** Requests per second, and how many may come at once. */
    readonly qps: number;
    readonly burst: number;
  };
  /** -1000 to 1000. */
  readonly oomScoreAdj: number;
  readonly logging: {
    readonly format: 'text' | 'json';
    /** 0 and above, klog's `-v`. */
    readonly verbosity: number;
  };
}

/** Milliseconds; Node ends a longer timer at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** kube-proxy's defaults, in the spelling of its file. */
export const AGENT_DEFAULTS = {
  healthzPort: 10256,
  metricsPort: 10249,
  syncPeriod: '30s',
  minSyncPeriod: '1s',
  configSyncPeriod: '15m0s',
  removalGracePeriod: '30s',
  contentType: 'application/vnd.kubernetes.protobuf',
  qps: 5,
  burst: 10,
  oomScoreAdj: -999,
  logFormat: 'text',
} as const;

/**
 * The agent's part of a configuration that passed all checks. Zero and empty values mean the
 * default, as in Go.
 */
export function agentConfig(raw: RawConfig): AgentConfig {
  const { clientConnection = {}, logging = {} } = raw;
  return {
    healthzBindAddress: listenAddress(healthzAddress(raw)),
    metricsBindAddress: listenAddress(metricsAddress(raw)),
    bindAddressHardFail: raw.bindAddressHardFail ?? false,
    enableProfiling: raw.enableProfiling ?? false,
    periods: { iptables: periods(raw.iptables), nftables: periods(raw.nftables) },
    configSyncPeriod: milliseconds(raw.configSyncPeriod, AGENT_DEFAULTS.configSyncPeriod),
    removalGracePeriod: Math.min(
      parseDuration(raw.removalGracePeriod ?? AGENT_DEFAULTS.removalGracePeriod) ?? 0,
      LONGEST_TIMER,
    ),
    clientConnection: {
      kubeconfig: clientConnection.kubeconfig ?? '',
      acceptContentTypes: clientConnection.acceptContentTypes ?? '',
      contentType: clientConnection.contentType || AGENT_DEFAULTS.contentType,
      qps: clientConnection.qps || AGENT_DEFAULTS.qps,
      burst: clientConnection.burst || AGENT_DEFAULTS.burst,
    },
    oomScoreAdj: raw.oomScoreAdj ?? AGENT_DEFAULTS.oomScoreAdj,
    logging: {
      format: logging.format === 'json' ? 'json' : 'text',
      verbosity: logging.verbosity ?? 0,
    },
  };
}

/** `healthzBindAddress` with its default: every address, of the family of `bindAddress`. */
export function healthzAddress({ healthzBindAddress, bindAddress }: RawConfig): string {
  const fallback = isIpv6(bindAddress) ? '::' : '0.0.0.0';
  return withPort(healthzBindAddress || fallback, AGENT_DEFAULTS.healthzPort);
}

/** `metricsBindAddress` with its default: the loopback address of the family of `bindAddress`. */
export function metricsAddress({ metricsBindAddress, bindAddress }: RawConfig): string {
  const fallback = isIpv6(bindAddress) ? '::1' : '127.0.0.1';
  return withPort(metricsBindAddress || fallback, AGENT_DEFAULTS.metricsPort);
}

function isIpv6(address = ''): boolean {
  return address.includes(':');
}

function withPort(text: string, port: number): string {
  if (parseIp(text) === undefined) return text;
  return text.includes(':') ? `[${text}]:${port}` : `${text}:${port}`;
}

function listenAddress(text: string): ListenAddress | undefined {
  const colon = text.lastIndexOf(':');
  const ip = parseIp(text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'));
  return ip === undefined ? undefined : { ip, port: Number(text.slice(colon + 1)) };
}

function periods({ syncPeriod, minSyncPeriod }: RawRules = {}): SyncPeriods {
  return {
    syncPeriod: milliseconds(syncPeriod, AGENT_DEFAULTS.syncPeriod),
    minSyncPeriod: milliseconds(minSyncPeriod, AGENT_DEFAULTS.minSyncPeriod),
  };
}

function milliseconds(text: string | undefined, fallback: string): number {
  return parseDuration(text ?? '') || (parseDuration(fallback) ?? 0);
}
