/**
 * A whole KubeProxyConfiguration with every default in it, as kube-proxy shows its own at /configz.
 */

import { AGENT_DEFAULTS, healthzAddress, metricsAddress } from './agent-config.js';
import { orWhereAbsent, orWhereZero } from './defaults.js';
import { formatDuration, parseDuration } from './duration.js';
import { CONFIG_API_VERSION, CONFIG_KIND } from './rules.js';
import type { RawConfig, RawLogging, RawRules } from './schema.js';

type Mode = 'iptables' | 'nftables';

/** Defaults of a mode outside its own section. */
const NODE_PORT_ADDRESSES: Readonly<Record<Mode, readonly string[] | null>> = {
  iptables: null,
  nftables: ['primary'],
};

/**
 * The configuration as JSON, in kube-proxy's order of fields. The sections of the modes that do not
 * run have no periods, and lists that were not given are `null`, as recorded from kube-proxy 1.36.
 */
export function completeConfig(raw: RawConfig, mode: Mode): object {
  const gates = raw.featureGates ?? {};
  const periodsOf = (section: Mode): object => periods(raw[section], section === mode);
  return {
    kind: CONFIG_KIND,
    apiVersion: CONFIG_API_VERSION,
    ...(Object.keys(gates).length > 0 ? { featureGates: gates } : {}),
    clientConnection: orWhereZero(CONNECTION, raw.clientConnection),
    logging: logging(raw.logging),
    ...addresses(raw),
    ...orWhereAbsent(SERVING, raw),
    mode,
    iptables: { ...orWhereAbsent(IPTABLES, raw.iptables), ...periodsOf('iptables') },
    ipvs: { ...IPVS, ...raw.ipvs },
    nftables: { ...orWhereAbsent(NFTABLES, raw.nftables), ...periodsOf('nftables') },
    winkernel: { ...WINKERNEL, ...raw.winkernel },
    ...orWhereZero({ detectLocalMode: 'ClusterCIDR' }, raw),
    detectLocal: orWhereZero({ bridgeInterface: '', interfaceNamePrefix: '' }, raw.detectLocal),
    ...orWhereZero({ clusterCIDR: '' }, raw),
    nodePortAddresses: raw.nodePortAddresses?.length
      ? raw.nodePortAddresses
      : NODE_PORT_ADDRESSES[mode],
    ...orWhereAbsent({ oomScoreAdj: AGENT_DEFAULTS.oomScoreAdj }, raw),
    conntrack: conntrack(raw.conntrack),
    configSyncPeriod: duration(raw.configSyncPeriod, AGENT_DEFAULTS.configSyncPeriod),
    ...orWhereZero({ portRange: '' }, raw),
    ...(raw.windowsRunAsService ? { windowsRunAsService: true } : {}),
  };
}

/** Listen addresses and the host name. */
function addresses(raw: RawConfig): object {
  return {
    ...orWhereZero({ hostnameOverride: '', bindAddress: '0.0.0.0' }, raw),
    healthzBindAddress: healthzAddress(raw),
    metricsBindAddress: metricsAddress(raw),
  };
}

const { contentType, qps, burst } = AGENT_DEFAULTS;
const CONNECTION = { kubeconfig: '', acceptContentTypes: '', contentType, qps, burst };

const SERVING = {
  bindAddressHardFail: false,
  enableProfiling: false,
  showHiddenMetricsForVersion: '',
};

const NFTABLES = { masqueradeBit: 14, masqueradeAll: false };
const IPTABLES = { ...NFTABLES, localhostNodePorts: true };

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
    ...orWhereAbsent({ maxPerCore: 32_768, min: 131_072 }, raw),
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
