/**
 * Where kube-proxy's mode nftables is on purpose not its mode iptables. The expectations of both
 * modes, and the words of docs/nftables.md for them, are here and nowhere else.
 */

import type { BackendName } from '../../src/index.js';
import {
  addressIn,
  CLIENT_ADDRESSES,
  ELSEWHERE_IP,
  LOOPBACK,
  NODE_IP,
  NODE_SECOND_IP,
  SERVICE_CIDR,
  SERVICE_PORT,
} from './addresses.js';
import { answeredBy, droppedWhile, refused, refusedWith } from './expectations.js';
import type { NodeSetup } from './node-rules.js';
import type { Row } from './scenario.js';
import { testService } from './services.js';

export interface ModeDifference extends Omit<Row, 'it'> {
  /** What `vipc verify --against` calls it. */
  readonly code: string;
  /** The words of docs/nftables.md: what is asked for, and what comes of it. */
  readonly what: string;
  readonly becomes: Readonly<Record<BackendName, string>>;
  /** Whether it shows behind a firewall that by itself forwards nothing. */
  readonly firewall?: boolean;
}

const web = testService('web', 1, { type: 'NodePort', ready: ['pod-a', 'pod-remote'] });
const empty = testService('empty', 2, { type: 'LoadBalancer' });
const near = testService('near', 3, { ready: ['pod-a'] });
const far = testService('far', 4, { ready: ['pod-remote'] });
/** Its ports are others than the one that is asked for. */
const elsePort = testService('else-port', 5, {
  ready: ['pod-a'],
  spec: {
    ports: (['TCP', 'UDP'] as const).map((protocol) => ({
      name: protocol.toLowerCase(),
      protocol,
      port: SERVICE_PORT + 1,
      targetPort: SERVICE_PORT,
    })),
  },
});
const guarded = testService('guarded', 6, {
  type: 'LoadBalancer',
  spec: {
    loadBalancerSourceRanges: [
      `${CLIENT_ADDRESSES[0]?.IPv4}/32`,
      `${CLIENT_ADDRESSES[0]?.IPv6}/128`,
    ],
  },
});
const unallocated = { addresses: addressIn(SERVICE_CIDR, 9), port: SERVICE_PORT };
/**
 * The way there leads past the node, the way back through it: to the node, an answer without a
 * question.
 */
const pastTheNode = { addresses: ELSEWHERE_IP, port: SERVICE_PORT };
const both = answeredBy(['pod-a', 'pod-remote'], 'node');

/** The Services that the differences show with. */
export const DIFFERENCES_SETUP: NodeSetup = {
  services: [web, empty, near, far, elsePort, guarded],
  serviceCidr: true,
};

export const MODE_DIFFERENCES: readonly ModeDifference[] = [
  {
    code: 'node-port-address',
    what: 'a node port, on an address that is not the primary one of the node',
    becomes: { iptables: 'answered', nftables: 'closed, unless `nodePortAddresses` names it' },
    from: 'client',
    to: web.nodePortOn(NODE_SECOND_IP),
    expect: { iptables: both, nftables: refused },
  },
  {
    code: 'node-port-loopback',
    what: 'a node port on 127.0.0.1',
    becomes: { iptables: 'answered, unless `localhostNodePorts` is off', nftables: 'closed' },
    from: 'node',
    to: web.nodePortOn(LOOPBACK),
    expect: { iptables: both, nftables: refused },
    families: ['IPv4'],
  },
  {
    code: 'node-port-refused',
    what: 'a node port without endpoints, on such an address',
    becomes: {
      iptables: 'refused with ICMP',
      nftables: 'refused with a reset, like any closed port',
    },
    from: 'client',
    to: empty.nodePortOn(NODE_SECOND_IP),
    expect: { iptables: refusedWith('unreachable'), nftables: refusedWith('reset') },
  },
  {
    code: 'load-balancer-node',
    what: 'an address of a load balancer without endpoints, asked by the node itself',
    becomes: { iptables: 'sent on to wherever the routes lead', nftables: 'refused' },
    from: 'node',
    to: empty.loadBalancer,
    expect: { iptables: answeredBy(['elsewhere'], 'node'), nftables: refused },
  },
  {
    code: 'source-ranges',
    what: 'such an address, asked from outside of its `loadBalancerSourceRanges`',
    becomes: { iptables: 'refused', nftables: 'dropped' },
    from: 'stranger',
    to: guarded.loadBalancer,
    expect: {
      iptables: refused,
      nftables: droppedWhile({ from: 'stranger', to: near.clusterIp }),
    },
  },
  {
    code: 'cluster-ip-port',
    what: 'a ClusterIP, on a port that the Service does not have',
    becomes: { iptables: 'sent on to wherever the routes lead', nftables: 'refused' },
    from: 'pod-b',
    to: elsePort.clusterIp,
    expect: { iptables: answeredBy(['elsewhere'], 'kept'), nftables: refused },
  },
  {
    code: 'service-cidr',
    what: 'an address of a ServiceCIDR that no Service has',
    becomes: { iptables: 'sent on to wherever the routes lead', nftables: 'dropped' },
    from: 'pod-b',
    to: unallocated,
    expect: {
      iptables: answeredBy(['elsewhere'], 'kept'),
      nftables: droppedWhile({ from: 'pod-b', to: near.clusterIp }),
    },
  },
  {
    code: 'hairpin',
    what: 'a pod of another node that reaches itself through this one',
    becomes: { iptables: 'masqueraded, so it is answered', nftables: 'not masqueraded: silence' },
    from: 'pod-remote',
    to: far.clusterIp,
    expect: {
      iptables: answeredBy(['pod-remote'], 'kept-unless-itself'),
      nftables: droppedWhile({ from: 'pod-remote', to: near.clusterIp }),
    },
    // The pod's kernel drops a packet from its own address.
    traced: false,
  },
  {
    code: 'forward-policy',
    what: 'a node port, where the policy of the FORWARD chain is DROP',
    becomes: {
      iptables: 'accepted, and answered',
      nftables: 'dropped, unless the firewall accepts it',
    },
    firewall: true,
    from: 'client',
    to: web.nodePortOn(NODE_IP),
    expect: { iptables: both, nftables: droppedWhile({ from: 'node', to: near.clusterIp }) },
  },
  {
    code: 'invalid',
    what: 'a forwarded packet that connection tracking calls INVALID',
    becomes: { iptables: 'dropped, unless `tcpBeLiberal` is on', nftables: 'let through' },
    from: 'client',
    to: pastTheNode,
    transports: ['tcp'],
    expect: {
      iptables: droppedWhile({ from: 'client', to: near.clusterIp }),
      nftables: answeredBy(['elsewhere'], 'kept'),
    },
    // A trace is about the first packet.
    traced: false,
  },
];

/** The one that no packet shows: what the rule does not drop, the kernel does. */
export const UNSEEN_DIFFERENCE: Pick<ModeDifference, 'code' | 'what' | 'becomes'> = {
  code: 'loopback-guard',
  what: 'a packet from elsewhere to 127.0.0.0/8, while node ports answer there',
  becomes: { iptables: 'dropped', nftables: 'left to the kernel, which drops it' },
};
