/**
 * What the operator says about one node: kube-proxy's configuration file and the facts of its host.
 */

import type { Cidr } from '../net/cidr.js';
import type { Ip } from '../net/ip.js';
import type { Profile } from '../profiles/types.js';

export type DetectLocalMode =
  | 'ClusterCIDR'
  | 'NodeCIDR'
  | 'BridgeInterface'
  | 'InterfaceNamePrefix';

/** How the rules of a mode are laid out. */
export const LAYOUT_NAMES = ['kube-proxy', 'fast'] as const;

export type LayoutName = (typeof LAYOUT_NAMES)[number];

/**
 * The fields of a `KubeProxyConfiguration` (kubeproxy.config.k8s.io/v1alpha1) that decide rules,
 * parsed and with kube-proxy's defaults. Fields that only steer a running agent are not here.
 */
export interface ProxyConfig {
  /** `''` where the file does not say. */
  readonly mode: '' | 'iptables' | 'nftables';
  /** Not one of kube-proxy's: its rules have one layout. */
  readonly layout: LayoutName;
  /** `''`: none; otherwise lower case. */
  readonly hostnameOverride: string;
  /** Overrides the primary node IP of its family; unspecified (0.0.0.0, ::) means no override. */
  readonly bindAddress: Ip;
  readonly clusterCidrs: readonly Cidr[];
  readonly detectLocalMode: DetectLocalMode;
  readonly bridgeInterface: string;
  readonly interfaceNamePrefix: string;
  /**
   * Networks, or `'primary'`, which may also stand among them; empty means the default of the mode.
   */
  readonly nodePortAddresses: readonly (Cidr | 'primary')[] | 'primary';
  readonly iptables: {
    /** 0 to 31. */
    readonly masqueradeBit: number;
    readonly masqueradeAll: boolean;
    readonly localhostNodePorts: boolean;
  };
  readonly nftables: { readonly masqueradeBit: number; readonly masqueradeAll: boolean };
  readonly tcpBeLiberal: boolean;
  /** Settings of connection tracking; absent where the file has none. */
  readonly conntrack?: ConntrackConfig;
  /** The kube-proxy that is followed, with what feature gates change of it. */
  readonly profile: Profile;
  /** Feature gate AllowServiceExternalIPs (KEP-5707), on by default in 1.36. */
  readonly allowServiceExternalIps: boolean;
}

/** Settings of connection tracking. What is absent stays as the machine has it. */
export interface ConntrackConfig {
  /** 0: no limit is set, whatever {@link min} says. */
  readonly maxPerCore?: number;
  readonly min?: number;
  /** Seconds, like all that follow. */
  readonly tcpEstablishedTimeout?: number;
  readonly tcpCloseWaitTimeout?: number;
  readonly udpTimeout?: number;
  readonly udpStreamTimeout?: number;
}

/** The nfacct objects that kube-proxy's rules count with. */
export const NFACCT_COUNTERS = [
  'ct_state_invalid_dropped_pkts',
  'localhost_nps_accepted_pkts',
] as const;

export type NfacctCounter = (typeof NFACCT_COUNTERS)[number];

/** A port that a program of the machine listens on. */
export interface ListeningPort {
  readonly protocol: 'TCP' | 'UDP';
  /** 0.0.0.0 or ::, or one of the machine's. */
  readonly address: string;
  readonly port: number;
}

/** A rule of policy routing that looks at the mark of packets. */
export interface RoutingMark {
  /** In hexadecimal, `0xca6c`. */
  readonly mark: string;
  readonly mask: string;
  /** As `ip rule show` prints it. */
  readonly rule: string;
}

/**
 * What decides no rule, but for {@link ./liberal-conntrack}, but whether rules do what they should;
 * each absent where it cannot be read.
 */
export interface PreflightFacts {
  /** Settings of the kernel by their name with dots. */
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly listening?: readonly ListeningPort[];
  /** The name servers of the machine itself. */
  readonly nameservers?: readonly string[];
  /** Those of {@link ./rule-modules} that the kernel has not, and cannot load. */
  readonly missingModules?: readonly string[];
  /** Tables by who made them, `ip nat`; iptables-nft makes those of nft. */
  readonly tables?: { readonly legacy?: readonly string[]; readonly nft?: readonly string[] };
  readonly routingMarks?: readonly RoutingMark[];
  /** How many clients a list of `xt_recent` holds. */
  readonly recentListSize?: number;
}

/** Facts that can only be read on the machine itself. `vipc host` prints them. */
export interface HostFacts extends PreflightFacts {
  /** The host name; lower case. `''`: unknown. */
  readonly nodeName: string;
  readonly interfaces: readonly {
    readonly name: string;
    /** With the prefix length, `192.168.0.10/24`. */
    readonly addresses: readonly string[];
  }[];
  /** Whether rules may count with nfacct: with every counter, with none, or with those listed. */
  readonly nfacct: boolean | readonly NfacctCounter[];
  /** Versions of the tools of this machine; absent where they were not read. */
  readonly iptables?: readonly {
    readonly command: string;
    readonly version: string;
    readonly variant: 'nf_tables' | 'legacy';
  }[];
  readonly nft?: string;
  readonly kernel?: string;
}
