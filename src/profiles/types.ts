/**
 * What kube-proxy of a range of versions does otherwise than another one: data, no code. Sources:
 * the proxiers of Kubernetes 1.28 to the 1.38 cycle, the changelogs and KEPs named here.
 */

/** What the same objects mean; holds in both modes. */
export interface ProfilePolicy {
  /**
   * Whether zone hints of slices are followed always (KEP-4444), or only where the Service has the
   * annotation of topology aware hints.
   */
  readonly zoneHints: 'always' | 'annotated';
  /** Whether node hints are followed (KEP-3015). */
  readonly nodeHints: boolean;
  /** Whether load balancer addresses with ipMode Proxy are left out (KEP-1860). */
  readonly proxyIpMode: 'left-out' | 'programmed';
  /** What `/0` among loadBalancerSourceRanges is: no restriction, or a range like others. */
  readonly zeroRange: 'open' | 'range';
  /**
   * Which of two entries with one `ip:port` counts: the first, unless a later one is not
   * terminating, or is on this node.
   */
  readonly duplicates: 'not-terminating' | 'local';
  /**
   * The text of an endpoint's address in names, hashes, comments and the order of rules: its
   * canonical form, or what the slice spells.
   */
  readonly addressText: 'canonical' | 'as-written';
  /** Whether feature gate AllowServiceExternalIPs is known (KEP-5707); else it counts as on. */
  readonly externalIpsGate: boolean;
  /**
   * Which labels leave an object to others: of Services service-proxy-name and of slices headless,
   * or either of both.
   */
  readonly labels: 'own' | 'either';
}

/** Rules of mode iptables. */
export interface ProfileIptables {
  /** Whether rules count with nfacct where the kernel has it. */
  readonly nfacct: boolean;
  /** Whether INVALID packets are dropped also where conntrack is liberal. */
  readonly dropInvalid: 'always' | 'unless-liberal';
}

/** Rules of mode nftables. */
export interface ProfileNftables {
  /**
   * `inline`: a Service marks packets in its own rules, and endpoints have chains under affinity
   * alone. `chains`: it jumps to mark-for-masquerade, and each endpoint has a chain.
   */
  readonly layout: 'inline' | 'chains';
  /** Whether base chains stand around DNAT (`pre-dnat`), or all before it. */
  readonly baseChains: 'split' | 'early';
  /** Whether the rule that masquerades traffic to a ClusterIP matches its port too. */
  readonly masqueradePort: boolean;
  /** What finds an interface: its number when the rules are loaded, or its name. */
  readonly interfaceMatch: 'iif' | 'iifname';
  /** Whether the last rule of cluster-ips-check drops traffic to unallocated ClusterIPs. */
  readonly unallocatedDrop: boolean;
  /** How a Service with one endpoint and no affinity is translated. */
  readonly single: 'map' | 'plain';
  /**
   * A comment of more than 128 bytes, which nft refuses: kube-proxy cuts it, or fails. Where it
   * fails vipc cuts it and shows that with dots.
   */
  readonly longComment: 'dots' | 'cut';
  /**
   * Whether node ports have rules for loopback addresses (KEP-6032): what kube-proxy does not serve
   * there is rejected and counted, and it serves TCP itself where nodePortAddresses names a
   * loopback network.
   */
  readonly localhostNodePorts: boolean;
}

/** What a configuration may say, and what becomes of it. */
export interface ProfileConfig {
  /** Words beside networks in nodePortAddresses: none, `primary` alone, or all of 1.37. */
  readonly nodePortKeywords: 'none' | 'primary' | 'all';
  /** The most connections that are tracked by the number of cores; a greater `min` still counts. */
  readonly conntrackCap: number;
  /**
   * When a setting of connection tracking is written: where it differs, only where that raises it,
   * or where it differs but for a limit of connections that would become lower.
   */
  readonly conntrackWrites: 'raising' | 'differing' | 'but-lower-limit';
  /** Whether conntrack has `tcpBeLiberal`, `udpTimeout` and `udpStreamTimeout`. */
  readonly conntrackUdp: boolean;
  /** Whether kube-proxy warns where no mode is configured (KEP-5343). */
  readonly warnsOfUnsetMode: boolean;
}

/** Gates that decide something in a range of versions, with what they decide when on or off. */
export type ProfileGates = Readonly<
  Record<string, { readonly [on in 'on' | 'off']: ProfileChange }>
>;

/** The fields of a profile that a gate sets. */
export interface ProfileChange {
  readonly policy?: Partial<ProfilePolicy>;
  readonly nftables?: Partial<ProfileNftables>;
}

/** kube-proxy of a range of versions. */
export interface Profile {
  /** The versions as people name them: `1.36`, `1.34.0 to 1.34.1`. */
  readonly name: string;
  /** The first minor and patch version of the range; it ends before that of the next row. */
  readonly from: readonly [minor: number, patch: number];
  /** The patch version that the row was made after; 0 where none was released. */
  readonly patch: number;
  readonly policy: ProfilePolicy;
  readonly iptables: ProfileIptables;
  /** A sentence where vipc does not write the rules of these versions. */
  readonly nftables: ProfileNftables | string;
  readonly config: ProfileConfig;
  readonly gates: ProfileGates;
}
