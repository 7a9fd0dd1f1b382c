/** What kube-proxy does differently in its two modes, in terms of traffic. */

export interface ModeBehaviour {
  /**
   * Other ports of a ClusterIP are refused, and addresses of ServiceCIDRs that no Service has are
   * dropped; else such packets go wherever the routes lead.
   */
  readonly closesClusterIps: boolean;
  /** The node itself is refused too at an external address without endpoints. */
  readonly refusesNode: boolean;
  /**
   * It is refused before its packet is translated: also where policy Local has no endpoint on the
   * node, and the node itself would be let to all others.
   */
  readonly refusesNodeFirst: boolean;
  /** Which endpoints that reach themselves are masqueraded: all, or those of this node. */
  readonly hairpins: 'all' | 'local';
  /**
   * Source ranges hold for a load balancer address also where it is an external IP too, and where
   * it has no endpoints.
   */
  readonly guardsAlways: boolean;
  /** Node ports without endpoints are refused on every address, else on those that accept them. */
  readonly refusesNodePortsEverywhere: boolean;
  /** Drops forwarded packets that connection tracking calls invalid, unless it is liberal. */
  readonly dropsInvalid: boolean;
  /**
   * Its rules share chains with those of others, so that it matters which packets they accept:
   * forwarded ones that are masqueraded or of a connection that exists, and health checks.
   */
  readonly sharesChains: boolean;
  /** Nothing but node ports reaches 127.0.0.0/8 from elsewhere, where node ports answer there. */
  readonly guardsLoopback: boolean;
  /** Node ports answer on loopback, where they answer on every address and nothing forbids it. */
  readonly loopbackNodePorts: boolean;
  /**
   * Node ports that kube-proxy does not serve on loopback addresses are refused there (KEP-6032).
   */
  readonly refusesLoopbackNodePorts: boolean;
}
