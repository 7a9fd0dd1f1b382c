/**
 * A whole KubeProxyConfiguration with every default in it, as kube-proxy shows its own at /configz.
 */

import { AGENT_DEFAULTS, healthzAddress, metricsAddress } from './agent-config.js';
import { formatDuration, parseDuration } from './duration.js';
import { CONFIG_API_VERSION, CONFIG_KIND } from './rules.js';
import type { RawConfig, RawLogging, RawRules } from './schema.js';

type Mode = 'iptables' | 'nftables';

/** What a mode fills in besides its own section. */
const NODE_PORT_ADDRESSES: Readonly<Record<Mode, readonly string[] | null>> = {
  iptables: null,
  nftables: ['primary'],
};

/**
 * The configuration as JSON, in kube-proxy's order of fields. The sections of the modes that do not
 * run have no periods, and lists that nobody gave are `null`, as recorded from kube-proxy 1.36.
 */
export function completeConfig(raw: RawConfig, mode: Mode): object {
  const { clientConnection = {}, detectLocal = {}, nodePortAddresses = [] } = raw;
  const periodsOf = (section: Mode): object => periods(raw[section], section === mode);
  return {
    kind: CONFIG_KIND,
    apiVersion: CONFIG_API_VERSION,
    ...(Object.keys(raw.featureGates ?? {}).length > 0 ? { featureGates: raw.featureGates } : {}),
    clientConnection: {
      kubeconfig: clientConnection.kubeconfig ?? '',
      acceptContentTypes: clientConnection.acceptContentTypes ?? '',
      contentType: clientConnection.contentType || AGENT_DEFAULTS.contentType,
      qps: clientConnection.qps || AGENT_DEFAULTS.qps,
      burst: clientConnection.burst || AGENT_DEFAULTS.burst,
    },
    logging: logging(raw.logging),
    hostnameOverride: raw.hostnameOverride ?? '',
    bindAddress: raw.bindAddress || '0.0.0.0',
    healthzBindAddress: healthzAddress(raw),
    metricsBindAddress: metricsAddress(raw),
    bindAddressHardFail: raw.bindAddressHardFail ?? false,
    enableProfiling: raw.enableProfiling ?? false,
    showHiddenMetricsForVersion: raw.showHiddenMetricsForVersion ?? '',
    mode,
    iptables: {
      ...masquerade(raw.iptables),
      localhostNodePorts: raw.iptables?.localhostNodePorts ?? true,
      ...periodsOf('iptables'),
    },
    ipvs: { ...IPVS, ...raw.ipvs },
    nftables: { ...masquerade(raw.nftables), ...periodsOf('nftables') },
    winkernel: { ...WINKERNEL, ...raw.winkernel },
    detectLocalMode: raw.detectLocalMode || 'ClusterCIDR',
    detectLocal: {
      bridgeInterface: detectLocal.bridgeInterface ?? '',
      interfaceNamePrefix: detectLocal.interfaceNamePrefix ?? '',
    },
    clusterCIDR: raw.clusterCIDR ?? '',
    nodePortAddresses: nodePortAddresses.length > 0 ? nodePortAddresses : NODE_PORT_ADDRESSES[mode],
    oomScoreAdj: raw.oomScoreAdj ?? AGENT_DEFAULTS.oomScoreAdj,
    conntrack: conntrack(raw.conntrack),
    configSyncPeriod: duration(raw.configSyncPeriod, AGENT_DEFAULTS.configSyncPeriod),
    portRange: raw.portRange ?? '',
    ...(raw.windowsRunAsService ? { windowsRunAsService: true } : {}),
  };
}

const IPVS = {
  syncPeriod: '0s',
  minSyncPeriod: '0s',
  scheduler: '',
  excludeCIDRs: null,
  strictARP: false,
  tcpTimeout: '0s',
  tcpFinTimeout: '0s',
  udpTimeout: '0s',
} as const;

const WINKERNEL = {
  networkName: '',
  sourceVip: '',
  enableDSR: false,
  rootHnsEndpointName: '',
  forwardHealthCheckVip: false,
} as const;

function logging(raw: RawLogging = {}): object {
  const { flushFrequency = '5s', options = {} } = raw;
  const buffer = { infoBufferSize: '0' };
  return {
    format: raw.format || AGENT_DEFAULTS.logFormat,
    flushFrequency:
      typeof flushFrequency === 'number' ? formatDuration(flushFrequency / 1e6) : flushFrequency,
    verbosity: raw.verbosity ?? 0,
    ...(raw.vmodule === undefined ? {} : { vmodule: raw.vmodule }),
    options: { text: { ...buffer, ...options.text }, json: { ...buffer, ...options.json } },
  };
}

function masquerade(rules: RawRules = {}): object {
  return {
    masqueradeBit: rules.masqueradeBit ?? 14,
    masqueradeAll: rules.masqueradeAll ?? false,
  };
}

function periods(rules: RawRules = {}, used: boolean): object {
  const fallback = used ? AGENT_DEFAULTS : { syncPeriod: '0s', minSyncPeriod: '0s' };
  return {
    syncPeriod: duration(rules.syncPeriod, fallback.syncPeriod),
    minSyncPeriod: duration(rules.minSyncPeriod, fallback.minSyncPeriod),
  };
}

function conntrack(raw: NonNullable<RawConfig['conntrack']> = {}): object {
  // Only what is absent is filled in: 0s leaves the machine's setting alone.
  const asGiven = (text: string | undefined, fallback: string): string =>
    formatDuration(parseDuration(text ?? fallback) ?? 0);
  return {
    maxPerCore: raw.maxPerCore ?? 32_768,
    min: raw.min ?? 131_072,
    tcpEstablishedTimeout: asGiven(raw.tcpEstablishedTimeout, '24h'),
    tcpCloseWaitTimeout: asGiven(raw.tcpCloseWaitTimeout, '1h'),
    tcpBeLiberal: raw.tcpBeLiberal ?? false,
    udpTimeout: asGiven(raw.udpTimeout, '0s'),
    udpStreamTimeout: asGiven(raw.udpStreamTimeout, '0s'),
  };
}

function duration(text: string | undefined, fallback: string): string {
  return formatDuration(parseDuration(text ?? '') || (parseDuration(fallback) ?? 0));
}
