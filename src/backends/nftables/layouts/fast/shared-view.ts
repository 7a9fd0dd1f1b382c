/** The plain data that `shared.hbs` has holes for: one chain of many Services. */

import type { NodeContext } from '../../../../model/types.js';
import {
  type ExternalRules,
  externalRules,
  NO_EXTERNAL_RULES,
  PROTOCOL_WORDS,
} from '../../../port-view.js';
import { type FamilyWords, familyWords, markText, matchLocal } from '../kube-proxy/view-words.js';
import { type FastChain, mapOf, nameOf, type PickChain, pickOf } from './chains.js';

export interface SharedView extends FamilyWords, ExternalRules<string> {
  readonly chain: string;
  readonly mark: string;
  /** Draws an endpoint; 0 or 1. */
  readonly pick: readonly {
    /** The fields of a packet that make the key of a frontend. */
    readonly key: string;
    readonly size: number;
    readonly map: string;
    /** Whether a number that is drawn may be deleted before it is looked up. */
    readonly again: boolean;
  }[];
}

/** The view of one chain. */
export function sharedView(chain: FastChain, context: NodeContext): SharedView {
  const { family, localDetector } = context;
  const words = familyWords(family);
  const name = nameOf(chain);
  const of = { ...words, chain: name, mark: markText(context) };
  if (chain.kind === 'pick') return { ...of, ...NO_EXTERNAL_RULES, pick: [pickView(chain, words)] };
  const [cluster, local] = [pickOf(chain, 'cluster'), pickOf(chain, 'local')];
  const pool = chain.policy === 'local' ? local : cluster;
  const chains = {
    external: name,
    cluster: cluster === undefined ? '' : nameOf(cluster),
    local: local === undefined ? '' : nameOf(local),
  };
  return {
    ...of,
    ...externalRules(
      { policy: chain.policy, pool: pool?.pool },
      chains,
      matchLocal(localDetector, family, false),
    ),
    pick: [],
  };
}

function pickView(
  { frontend, protocol, pool, size }: PickChain,
  { ip }: FamilyWords,
): SharedView['pick'][number] {
  const address = frontend === 'address' ? `${ip} daddr . ` : '';
  return {
    key: `${address}meta l4proto . ${PROTOCOL_WORDS[protocol]} dport`,
    ...{ size, map: mapOf(frontend, protocol, pool), again: size > 1 },
  };
}
