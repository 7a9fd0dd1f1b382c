/**
 * What the templates of kube-proxy up to 1.35 have holes for, beside those of 1.36: base chains
 * that versions place otherwise, and rules that masquerade through a chain.
 */

import { routesOf } from '../../../../model/routes.js';
import type { NodeContext, ServicePort } from '../../../../model/types.js';
import type { Ip } from '../../../../net/ip.js';
import type { ProfileNftables } from '../../../../profiles/types.js';
import { PROTOCOL_WORDS } from '../../../port-view.js';
import * as frame from '../kube-proxy/frame-view.js';
import * as port from '../kube-proxy/view.js';
import { matchLocal } from '../kube-proxy/view-words.js';

interface BaseChain {
  readonly name: string;
  readonly type: 'filter' | 'nat';
  readonly hook: string;
  readonly priority: number;
}

/** A rule of a base chain; `condition` ends with a blank where it is not empty. */
interface BaseJump {
  readonly chain: string;
  readonly condition: string;
  readonly target: string;
}

export interface FrameView extends frame.FrameView {
  readonly baseChains: readonly BaseChain[];
  readonly baseJumps: readonly BaseJump[];
}

export interface PortView extends port.PortView {
  /** Which traffic to a ClusterIP is masqueraded; `match` ends with a blank, or is empty. */
  readonly masquerades: readonly {
    readonly chain: string;
    readonly ip: Ip;
    readonly match: string;
  }[];
}

const NEW = 'ct state new ';

/** Each base chain as `NAME HOOK PRIORITY`, with the chains that new connections go through. */
const FILTER_CHAINS: Readonly<
  Record<ProfileNftables['baseChains'], readonly (readonly [chain: string, ...targets: string[]])[]>
> = {
  split: [
    ['filter-prerouting-pre-dnat prerouting -110', 'firewall-check'],
    ['filter-output-pre-dnat output -110', 'firewall-check'],
    ['filter-input input 0', 'nodeport-endpoints-check', 'service-endpoints-check'],
    ['filter-forward forward 0', 'service-endpoints-check', 'cluster-ips-check'],
    ['filter-output output 0', 'service-endpoints-check', 'cluster-ips-check'],
  ],
  early: [
    ['filter-prerouting prerouting -110', 'firewall-check'],
    ['filter-input input -110', 'nodeport-endpoints-check', 'service-endpoints-check'],
    ['filter-forward forward -110', 'service-endpoints-check', 'cluster-ips-check'],
    ['filter-output output -110', 'service-endpoints-check', 'firewall-check'],
    ['filter-output-post-dnat output -90', 'cluster-ips-check'],
  ],
};

const NAT_CHAINS: readonly BaseChain[] = [
  { name: 'nat-prerouting', type: 'nat', hook: 'prerouting', priority: -100 },
  { name: 'nat-output', type: 'nat', hook: 'output', priority: -100 },
  { name: 'nat-postrouting', type: 'nat', hook: 'postrouting', priority: 100 },
];

const NAT_JUMPS: readonly BaseJump[] = [
  { chain: 'nat-output', condition: '', target: 'services' },
  { chain: 'nat-prerouting', condition: '', target: 'services' },
  { chain: 'nat-postrouting', condition: '', target: 'masquerading' },
];

/** The view of a node's frame. */
export function frameView(context: NodeContext, profile: ProfileNftables): FrameView {
  const filters = FILTER_CHAINS[profile.baseChains].map(([chain, ...targets]) => {
    const [name = '', hook = '', priority] = chain.split(' ');
    const jumps = targets.map((target) => ({ chain: name, condition: NEW, target }));
    return { base: { name, type: 'filter', hook, priority: Number(priority) } as const, jumps };
  });
  return {
    ...frame.frameView(context, profile),
    baseChains: [...filters.map(({ base }) => base), ...NAT_CHAINS],
    baseJumps: [...filters.flatMap(({ jumps }) => jumps), ...NAT_JUMPS],
  };
}

/** The view of one port. */
export function portView(
  servicePort: ServicePort,
  context: NodeContext,
  profile: ProfileNftables,
): PortView {
  const { dispatched, internalPool } = routesOf(servicePort);
  const chain = port.chainsOf(servicePort)[internalPool];
  const { masqueradeAll, localDetector, family } = context;
  const notLocal = matchLocal(localDetector, family, true, profile.interfaceMatch);
  const destination = profile.masqueradePort
    ? `${PROTOCOL_WORDS[servicePort.protocol]} dport ${servicePort.port} `
    : '';
  const match = masqueradeAll ? destination : `${destination}${notLocal} `;
  return {
    ...port.portView(servicePort, context, profile),
    masquerades:
      masqueradeAll || notLocal !== ''
        ? dispatched.clusterIps.map((ip) => ({ chain, ip, match }))
        : [],
  };
}
