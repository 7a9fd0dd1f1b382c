/**
 * The plain data that `frame.hbs` has holes for: the objects that a node has whatever its Services
 * are.
 */

import { refusedOnLoopback } from '../../../../model/loopback.js';
import type { NodeContext } from '../../../../model/types.js';
import type { ProfileNftables } from '../../../../profiles/types.js';
import { PROTOCOL_WORDS } from '../../../port-view.js';
import { type FamilyWords, familyWords, markText, matchLocal, networkSet } from './view-words.js';

export interface FrameView extends FamilyWords {
  /** The masquerade mark in hexadecimal. */
  readonly mark: string;
  /** Networks of ClusterIPs as one nft expression; 0 or 1. */
  readonly unallocated: readonly { readonly networks: string }[];
  /** Addresses that accept node ports, if they are listed. */
  readonly nodePortIps: readonly { readonly ip: string }[];
  /** Whether every address but loopback accepts node ports. */
  readonly everyNodePortIp: boolean;
  readonly loopback: string;
  /** Whether node ports have rules for loopback addresses. */
  readonly checksLoopback: boolean;
  /** Protocols of node ports that are rejected on loopback addresses. */
  readonly refusedOnLoopback: readonly { readonly proto: string }[];
  readonly masqueradeAll: boolean;
  /** Matches traffic that is not of local pods; 0 or 1. */
  readonly notLocal: readonly { readonly match: string }[];
}

/** The view of a node's frame. */
export function frameView(
  context: NodeContext,
  { localhostNodePorts }: Pick<ProfileNftables, 'localhostNodePorts'>,
): FrameView {
  const { family, nodePortAddresses: nodePorts, serviceCidrs } = context;
  const notLocal = context.masqueradeAll ? '' : matchLocal(context.localDetector, family, true);
  return {
    ...familyWords(family),
    mark: markText(context),
    unallocated: serviceCidrs.length === 0 ? [] : [{ networks: networkSet(serviceCidrs) }],
    nodePortIps: nodePorts.kind === 'listed' ? nodePorts.ips.map((ip) => ({ ip })) : [],
    everyNodePortIp: nodePorts.kind === 'all',
    loopback: family === 'IPv6' ? '::1' : '127.0.0.0/8',
    checksLoopback: localhostNodePorts,
    refusedOnLoopback: localhostNodePorts
      ? refusedOnLoopback(context).map((protocol) => ({ proto: PROTOCOL_WORDS[protocol] }))
      : [],
    masqueradeAll: context.masqueradeAll,
    notLocal: notLocal === '' ? [] : [{ match: notLocal }],
  };
}
