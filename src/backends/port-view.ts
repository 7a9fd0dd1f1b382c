/** What the views of a Service port have in common in both modes. */

import type { ExternalRoute, PoolName } from '../model/routes.js';

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
  const isLocal = external?.policy === 'local';
  const localPolicy = { chain: chain.external, clusterChain: chain.cluster, fromPod };
  return {
    externalClusterPolicy: external === undefined || isLocal ? [] : [{ chain: chain.external }],
    externalLocalPolicy: isLocal ? [localPolicy] : [],
    externalPools:
      external?.pool === undefined ? [] : [{ chain: chain.external, pool: chain[external.pool] }],
  };
}
