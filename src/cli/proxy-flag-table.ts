/**
 * kube-proxy's command line as a table: each flag with the field of a KubeProxyConfiguration that
 * it is.
 */

/** How the text of a flag becomes the value of a field. */
export type FlagKind = 'text' | 'switch' | 'number' | 'list' | 'gates';

/** One flag that stands for fields of the configuration. */
export interface ProxyFlag {
  /** Without the dashes. */
  readonly name: string;
  readonly kind: FlagKind;
  /** Several where kube-proxy keeps one value for all modes. */
  readonly fields: readonly (readonly string[])[];
  readonly value: string;
  readonly help: string;
}

function flag(
  name: string,
  kind: FlagKind,
  fields: string,
  value: string,
  help: string,
): ProxyFlag {
  return { name, kind, fields: fields.split(' ').map((field) => field.split('.')), value, help };
}

/** In the order of the help. What `--config` beats is all of this. */
export const FILE_FLAGS: readonly ProxyFlag[] = [
  flag('proxy-mode', 'text', 'mode', 'mode', 'iptables or nftables; iptables if empty'),
  flag('cluster-cidr', 'text', 'clusterCIDR', 'cidrs', 'networks of the pods, one per family'),
  flag(
    'masquerade-all',
    'switch',
    'iptables.masqueradeAll nftables.masqueradeAll',
    'bool',
    'translate the source of all traffic to ClusterIPs',
  ),
  flag(
    'nodeport-addresses',
    'list',
    'nodePortAddresses',
    'cidrs',
    'networks whose addresses of the node accept node ports, or primary',
  ),
  flag(
    'detect-local-mode',
    'text',
    'detectLocalMode',
    'mode',
    'ClusterCIDR, NodeCIDR, BridgeInterface or InterfaceNamePrefix: how traffic of local pods is recognised',
  ),
  flag(
    'pod-bridge-interface',
    'text',
    'detectLocal.bridgeInterface',
    'name',
    'for BridgeInterface',
  ),
  flag(
    'pod-interface-name-prefix',
    'text',
    'detectLocal.interfaceNamePrefix',
    'prefix',
    'for InterfaceNamePrefix',
  ),
  flag(
    'bind-address',
    'text',
    'bindAddress',
    'ip',
    "the node's primary address, whatever its Node says",
  ),
  flag(
    'bind-address-hard-fail',
    'switch',
    'bindAddressHardFail',
    'bool',
    'end if a port of our servers is taken, instead of trying again',
  ),
  flag(
    'healthz-bind-address',
    'text',
    'healthzBindAddress',
    'address',
    'of the health server; empty for none',
  ),
  flag(
    'metrics-bind-address',
    'text',
    'metricsBindAddress',
    'address',
    'of the metrics server; empty for none',
  ),
  flag(
    'iptables-sync-period',
    'text',
    'iptables.syncPeriod nftables.syncPeriod',
    'duration',
    'wait after a failed sync, and age that drift may reach, in either mode',
  ),
  flag(
    'iptables-min-sync-period',
    'text',
    'iptables.minSyncPeriod nftables.minSyncPeriod',
    'duration',
    'least time between two syncs, in either mode',
  ),
  flag(
    'iptables-masquerade-bit',
    'number',
    'iptables.masqueradeBit',
    'bit',
    'of the mark that asks for SNAT, 0 to 31',
  ),
  flag(
    'iptables-localhost-nodeports',
    'switch',
    'iptables.localhostNodePorts',
    'bool',
    'let node ports answer on 127.0.0.0/8',
  ),
  flag(
    'conntrack-max-per-core',
    'number',
    'conntrack.maxPerCore',
    'number',
    'tracked connections per core; 0 sets no limit',
  ),
  flag('conntrack-min', 'number', 'conntrack.min', 'number', 'tracked connections at least'),
  flag(
    'conntrack-tcp-be-liberal',
    'switch',
    'conntrack.tcpBeLiberal',
    'bool',
    'accept packets outside of the TCP window',
  ),
  flag(
    'conntrack-tcp-timeout-established',
    'text',
    'conntrack.tcpEstablishedTimeout',
    'duration',
    'of idle connections; 0 leaves it',
  ),
  flag(
    'conntrack-tcp-timeout-close-wait',
    'text',
    'conntrack.tcpCloseWaitTimeout',
    'duration',
    'of connections in CLOSE_WAIT; 0 leaves it',
  ),
  flag(
    'conntrack-udp-timeout',
    'text',
    'conntrack.udpTimeout',
    'duration',
    'of flows without an answer; 0 leaves it',
  ),
  flag(
    'conntrack-udp-timeout-stream',
    'text',
    'conntrack.udpStreamTimeout',
    'duration',
    'of other flows; 0 leaves it',
  ),
  flag(
    'config-sync-period',
    'text',
    'configSyncPeriod',
    'duration',
    'accepted; what was followed without a gap needs no second look',
  ),
  flag(
    'kubeconfig',
    'text',
    'clientConnection.kubeconfig',
    'file',
    'credentials for the API server; in-cluster ones without it',
  ),
  flag(
    'feature-gates',
    'gates',
    'featureGates',
    'name=bool,...',
    'AllowServiceExternalIPs; others change nothing',
  ),
  flag('oom-score-adj', 'number', 'oomScoreAdj', 'number', 'of this process, -1000 to 1000'),
  flag(
    'profiling',
    'switch',
    'enableProfiling',
    'bool',
    'accepted; there are no profiles to serve',
  ),
];

/** What beats the file. */
export const BEATING_FLAGS: readonly ProxyFlag[] = [
  flag('hostname-override', 'text', 'hostnameOverride', 'name', 'name of the Node; beats the file'),
  flag('v', 'number', 'logging.verbosity', 'level', 'how much is logged; beats the file'),
  flag('logging-format', 'text', 'logging.format', 'format', 'text or json; beats the file'),
];
