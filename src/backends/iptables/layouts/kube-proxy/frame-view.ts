/**
 * The plain data that `frame.hbs` has holes for: the rules that a node has whatever its Services
 * are.
 */

import type { NodeContext } from '../../../../model/types.js';
import { addressBits, inetNtop } from '../../../../net/ip.js';

export interface FrameView {
  /** The masquerade mark in hexadecimal, value and mask alike. */
  readonly mark: string;
  readonly localhostNodePorts: boolean;
  readonly dropInvalid: boolean;
  /** Whether packets dropped for `dropInvalid` are counted. */
  readonly nfacct: boolean;
  /**
   * 0 or 1: node ports answer on every address of the node, but for `except` where it is not `''`.
   */
  readonly localNodePorts: readonly { readonly except: string }[];
  /** Node ports answer on these addresses alone. */
  readonly listedNodePorts: readonly { readonly host: string }[];
}

/** The view of a node's frame. */
export function frameView(context: NodeContext): FrameView {
  const addresses = context.nodePortAddresses;
  return {
    mark: `0x${context.masqueradeMark.toString(16)}`,
    localhostNodePorts: context.localhostNodePorts,
    dropInvalid: !context.tcpBeLiberal,
    nfacct: context.nfacct.includes('ct_state_invalid_dropped_pkts'),
    localNodePorts: addresses.kind === 'all' ? [{ except: exceptLoopback(context) }] : [],
    listedNodePorts:
      addresses.kind === 'listed'
        ? addresses.ips.map((ip) => ({ host: `${inetNtop(ip)}/${addressBits(context.family)}` }))
        : [],
  };
}

/** IPv6 loopback can never reach a pod; IPv4 loopback can, if route_localnet is set for it. */
function exceptLoopback(context: NodeContext): string {
  if (context.family === 'IPv6') return '::1/128';
  return context.localhostNodePorts ? '' : '127.0.0.0/8';
}
