/** What the model depends on besides the snapshot: configuration, node name and host facts. */

import type { HostFacts, ProxyConfig } from '../config/types.js';
import type { Cidr } from '../net/cidr.js';

/**
 * The part of the configuration that kube-proxy keeps in a section per mode, and its per-mode
 * defaults.
 */
export interface BackendSettings {
  /** 0 to 31. */
  readonly masqueradeBit: number;
  readonly masqueradeAll: boolean;
  /** Whether node ports may answer on 127.0.0.0/8. */
  readonly localhostNodePorts: boolean;
  /**
   * Networks whose addresses accept node ports; empty means every address. `primary`: the node's
   * primary address and nothing where that is unknown. `primary-or-all`: the same as the default
   * where nothing is configured, which falls back to every address as kube-proxy does. Among
   * networks it adds the primary address where that is known.
   */
  readonly nodePortAddresses: readonly (Cidr | 'primary')[] | 'primary' | 'primary-or-all';
  /** Whether node ports have rules for loopback addresses (KEP-6032). */
  readonly checksLoopback: boolean;
  /** Whether the networks of ClusterIPs are known (ServiceCIDRs, KEP-1880). */
  readonly readsServiceCidrs: boolean;
}

/** Everything that a model depends on besides the snapshot. */
export interface ModelSettings {
  readonly config: ProxyConfig;
  readonly backend: BackendSettings;
  /** Which node the rules are for; `''` for a machine that is not a node of the cluster. */
  readonly nodeName: string;
  /** Zone of a machine whose Node has no zone label; `''` or absent: none. */
  readonly zone?: string | undefined;
  /** Facts of that machine; without them its Node object stands in for its addresses. */
  readonly host?: HostFacts | undefined;
  /** Whether the caller serves node ports on loopback addresses, as kube-proxy 1.38 does. */
  readonly servesLoopback?: boolean | undefined;
}
