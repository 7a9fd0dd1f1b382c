/**
 * kube-proxy's command line as a table, one row a flag: what it stands for, or why it has no
 * effect. Defaults are what /flagz of kube-proxy 1.36 shows for a flag that was not given.
 */

import type { FlagKind } from './go-flag-values.js';

interface AnyFlag {
  /** Without the dashes. */
  readonly name: string;
  readonly kind: FlagKind;
  readonly initial: string;
}

/** A flag that stands for fields of the configuration. */
export interface ConfigFlag extends AnyFlag {
  /** What the help calls its value. */
  readonly value: string;
  /** Paths; several where kube-proxy keeps one value for all modes. */
  readonly fields: readonly (readonly string[])[];
  readonly help: string;
}

type ConfigRow = readonly [string, FlagKind, initial: string, value: string, string, help: string];

function configFlag([name, kind, initial, value, fields, help]: ConfigRow): ConfigFlag {
  const paths = fields.split(' ').map((field) => field.split('.'));
  return { name, kind, initial, value, fields: paths, help };
}

// biome-ignore format: one row a flag
const OVERRIDDEN_ROWS: readonly ConfigRow[] = [
  ['proxy-mode', 'text', '', 'mode', 'mode', 'iptables or nftables; iptables if empty'],
  ['cluster-cidr', 'text', '', 'cidrs', 'clusterCIDR', 'networks of the pods, one per family'],
  ['masquerade-all', 'switch', 'false', 'bool', 'iptables.masqueradeAll nftables.masqueradeAll',
    'translate the source of all traffic to ClusterIPs'],
  ['nodeport-addresses', 'list', '[]', 'cidrs', 'nodePortAddresses',
    'networks whose addresses of the node accept node ports, or primary'],
  ['detect-local-mode', 'text', '', 'mode', 'detectLocalMode',
    'how traffic of local pods is recognised: ClusterCIDR, NodeCIDR, BridgeInterface or InterfaceNamePrefix'],
  ['pod-bridge-interface', 'text', '', 'name', 'detectLocal.bridgeInterface',
    'bridge of the local pods, for BridgeInterface'],
  ['pod-interface-name-prefix', 'text', '', 'prefix', 'detectLocal.interfaceNamePrefix',
    'prefix of the interfaces of local pods, for InterfaceNamePrefix'],
  ['bind-address', 'ip', '0.0.0.0', 'ip', 'bindAddress',
    'primary address of the node; overrides its Node'],
  ['bind-address-hard-fail', 'switch', 'false', 'bool', 'bindAddressHardFail',
    'exit if a port of the servers is in use, instead of retrying'],
  ['healthz-bind-address', 'address', '0.0.0.0:10256', 'address', 'healthzBindAddress',
    'address of the health server; empty for none'],
  ['metrics-bind-address', 'address', '127.0.0.1:10249', 'address', 'metricsBindAddress',
    'address of the metrics server; empty for none'],
  ['iptables-sync-period', 'duration', '30s', 'duration', 'iptables.syncPeriod nftables.syncPeriod',
    'how soon a failed sync is retried, and how often cheap drift checks run, in both modes'],
  ['iptables-min-sync-period', 'duration', '1s', 'duration', 'iptables.minSyncPeriod nftables.minSyncPeriod',
    'shortest time between two syncs, in both modes'],
  ['iptables-masquerade-bit', 'number', '14', 'bit', 'iptables.masqueradeBit',
    'bit of the mark of packets that need SNAT, 0 to 31'],
  ['iptables-localhost-nodeports', 'switch', 'true', 'bool', 'iptables.localhostNodePorts',
    'let node ports answer on 127.0.0.0/8'],
  ['conntrack-max-per-core', 'number', '32768', 'number', 'conntrack.maxPerCore',
    'most tracked connections per core; 0 sets no limit'],
  ['conntrack-min', 'number', '131072', 'number', 'conntrack.min',
    'lower limit of tracked connections, for any number of cores'],
  ['conntrack-tcp-be-liberal', 'switch', 'false', 'bool', 'conntrack.tcpBeLiberal',
    'accept packets outside of the TCP window'],
  ['conntrack-tcp-timeout-established', 'duration', '24h0m0s', 'duration', 'conntrack.tcpEstablishedTimeout',
    'timeout of idle connections; 0 leaves it as it is'],
  ['conntrack-tcp-timeout-close-wait', 'duration', '1h0m0s', 'duration', 'conntrack.tcpCloseWaitTimeout',
    'timeout of connections in CLOSE_WAIT; 0 leaves it as it is'],
  ['conntrack-udp-timeout', 'duration', '0s', 'duration', 'conntrack.udpTimeout',
    'timeout of UDP flows without an answer; 0 leaves it as it is'],
  ['conntrack-udp-timeout-stream', 'duration', '0s', 'duration', 'conntrack.udpStreamTimeout',
    'timeout of other UDP flows; 0 leaves it as it is'],
  ['config-sync-period', 'duration', '15m0s', 'duration', 'configSyncPeriod',
    'accepted without effect: watches need no resync'],
  ['kubeconfig', 'text', '', 'file', 'clientConnection.kubeconfig',
    'credentials for the API server; without it those of the Pod'],
  ['feature-gates', 'gates', '', 'name=bool,...', 'featureGates',
    'AllowServiceExternalIPs; others have no effect'],
  ['oom-score-adj', 'number', '-999', 'number', 'oomScoreAdj',
    'oom_score_adj of this process, -1000 to 1000'],
  ['profiling', 'switch', 'false', 'bool', 'enableProfiling', 'accepted; no profiles are served'],
];

// biome-ignore format: one row a flag
const OVERRIDING_ROWS: readonly ConfigRow[] = [
  ['hostname-override', 'text', '', 'name', 'hostnameOverride', 'name of the Node; overrides the file'],
  ['v', 'level', '0', 'level', 'logging.verbosity', 'verbosity of the log; overrides the file'],
  ['logging-format', 'text', 'text', 'format', 'logging.format', 'text or json; overrides the file'],
];

/** Flags that `--config` overrides, in the order of the help. */
export const OVERRIDDEN_FLAGS: readonly ConfigFlag[] = OVERRIDDEN_ROWS.map(configFlag);

/** Flags that override the file of `--config`. */
export const OVERRIDING_FLAGS: readonly ConfigFlag[] = OVERRIDING_ROWS.map(configFlag);

/** Deprecated flags, each with the field of the address that they are the port of. */
export const PORT_FLAGS = [
  { name: 'healthz-port', initial: '10256', field: 'healthzBindAddress', any: '0.0.0.0' },
  { name: 'metrics-port', initial: '10249', field: 'metricsBindAddress', any: '127.0.0.1' },
] as const;

const IPVS = 'it is a flag of mode ipvs';
const REQUESTS = 'vipc limits its requests itself';
const BUFFERS = 'every line is written at once, to one stream';
const MACHINE = 'vipc reports no machine to the API server';

/** A flag without an effect, and a sentence about it. */
export interface OtherFlag extends AnyFlag {
  readonly text: string;
  /** The fields that check its value, as those of {@link ConfigFlag}; none for most. */
  readonly fields: readonly (readonly string[])[];
}

type OtherRow = readonly [
  name: string,
  kind: FlagKind,
  initial: string,
  text: string,
  field?: string,
];

function otherFlag([name, kind, initial, text, field]: OtherRow): OtherFlag {
  return { name, kind, initial, text, fields: field === undefined ? [] : [field.split('.')] };
}

// biome-ignore format: one row a flag
const IGNORED_ROWS: readonly OtherRow[] = [
  ['ipvs-exclude-cidrs', 'list', '[]', IPVS],
  ['ipvs-min-sync-period', 'duration', '1s', IPVS],
  ['ipvs-scheduler', 'text', '', IPVS],
  ['ipvs-strict-arp', 'switch', 'false', IPVS],
  ['ipvs-sync-period', 'duration', '30s', IPVS],
  ['ipvs-tcp-timeout', 'duration', '0s', IPVS],
  ['ipvs-tcpfin-timeout', 'duration', '0s', IPVS],
  ['ipvs-udp-timeout', 'duration', '0s', IPVS],
  ['kube-api-burst', 'number', '10', REQUESTS, 'clientConnection.burst'],
  ['kube-api-content-type', 'text', 'application/vnd.kubernetes.protobuf',
    'vipc speaks JSON with the API server'],
  ['kube-api-qps', 'float', '5', REQUESTS],
  ['log-flush-frequency', 'duration', '5s', BUFFERS],
  ['log-json-info-buffer-size', 'quantity', '0', BUFFERS],
  ['log-json-split-stream', 'switch', 'false', BUFFERS],
  ['log-text-info-buffer-size', 'quantity', '0', BUFFERS],
  ['log-text-split-stream', 'switch', 'false', BUFFERS],
  ['boot-id-file', 'text', '/proc/sys/kernel/random/boot_id', MACHINE],
  ['machine-id-file', 'text', '/etc/machine-id,/var/lib/dbus/machine-id', MACHINE],
  ['show-hidden-metrics-for-version', 'text', '', 'no metric of vipc is hidden',
    'showHiddenMetricsForVersion'],
  ['vmodule', 'patterns', '', 'the verbosity is one for all, -v'],
];

/**
 * Flags without an effect, and why. Command lines made for kube-proxy have them, so they must not
 * end the agent.
 */
export const IGNORED_FLAGS: readonly OtherFlag[] = IGNORED_ROWS.map(otherFlag);

// biome-ignore format: one row a flag
const REFUSED_ROWS: readonly OtherRow[] = [
  ['cleanup', 'switch', 'false', 'use "vipc cleanup"'],
  ['init-only', 'switch', 'false', 'use "vipc apply", which makes the settings of the machine too'],
  ['version', 'switch', 'false', 'use "vipc --version"'],
  ['write-config-to', 'text', '',
    'an agent shows its configuration: curl http://127.0.0.1:10249/configz'],
];

/** Flags that make kube-proxy do something else than proxying, and what to do instead. */
export const REFUSED_FLAGS: readonly OtherFlag[] = REFUSED_ROWS.map(otherFlag);

/** What each flag shows that was not given; `''` for all others. */
export const FLAG_DEFAULTS: ReadonlyMap<string, string> = new Map(
  [...OVERRIDDEN_FLAGS, ...OVERRIDING_FLAGS, ...PORT_FLAGS, ...IGNORED_FLAGS, ...REFUSED_FLAGS].map(
    ({ name, initial }) => [name, initial],
  ),
);
