/** What the views of a Service port have in common in both modes. */

import type { ExternalRoute, PoolName, PortRoutes } from '../model/routes.js';

/** The word of a protocol in rules of either mode. */
export const PROTOCOL_WORDS = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

/** The rules of the chain for external traffic; each list is empty where there is no such rule. */
export interface ExternalRules<Chain extends string> {
  readonly externalClusterPolicy: readonly { readonly chain: Chain }[];
  readonly externalLocalPolicy: readonly {
    readonly chain: Chain;
    readonly clusterChain: Chain;
    readonly fromPod: string;
  }[];
  /** Where external traffic goes that was not short-circuited. */
  readonly externalPools: readonly { readonly chain: Chain; readonly pool: Chain }[];
}

/** The rules for a route. `fromPod` matches traffic of local pods; `''` where nothing is known. */
export function externalRules<Chain extends string>(
  external: ExternalRoute | undefined,
  chain: Readonly<Record<PoolName | 'external', Chain>>,
  fromPod: string,
): ExternalRules<Chain> {
  if (external === undefined) return NO_EXTERNAL_RULES;
  const { policy, pool } = external;
  const localPolicy = { chain: chain.external, clusterChain: chain.cluster, fromPod };
  return {
    externalClusterPolicy: policy === 'local' ? [] : [{ chain: chain.external }],
    externalLocalPolicy: policy === 'local' ? [localPolicy] : [],
    externalPools: pool === undefined ? [] : [{ chain: chain.external, pool: chain[pool] }],
  };
}

/** Those of a port that nobody outside can reach. */
export const NO_EXTERNAL_RULES: ExternalRules<never> = {
  externalClusterPolicy: [],
  externalLocalPolicy: [],
  externalPools: [],
};

/** Declarations of the chains of a port, in kube-proxy's order; `others` are the layout's own. */
export function declaredChains<Chain extends string>(
  { external, pools }: PortRoutes,
  chain: Readonly<Record<PoolName | 'external' | 'firewall', Chain>>,
  isFirewalled: boolean,
  others: readonly Chain[],
): readonly { readonly chain: Chain }[] {
  const chains: { readonly chain: Chain }[] = [];
  if (external !== undefined) chains.push({ chain: chain.external });
  if (isFirewalled) chains.push({ chain: chain.firewall });
  for (const { name } of pools) chains.push({ chain: chain[name] });
  for (const name of others) chains.push({ chain: name });
  return chains;
}
