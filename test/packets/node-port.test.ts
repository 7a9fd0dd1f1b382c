/**
 * Node ports: on which addresses of the node, and that the way back leads through the node. Where
 * the modes open others, that is in mode-differences.ts.
 */

import { FAMILIES, LOOPBACK, NODE_IP, NODE_SECOND_IP } from './addresses.js';
import { answeredBy, refused } from './expectations.js';
import { type Row, scenario } from './scenario.js';
import { testService } from './services.js';

const web = testService('web', 1, { type: 'NodePort', ready: ['pod-a', 'pod-remote'] });
const both = answeredBy(['pod-a', 'pod-remote'], 'node');

const onThePrimaryAddress: Row = {
  it: 'is answered to the outside on the primary address of the node',
  from: 'client',
  to: web.nodePortOn(NODE_IP),
  expect: both,
};
const notOnTheSecondAddress: Row = {
  it: 'is closed on an address that is left out',
  from: 'client',
  to: web.nodePortOn(NODE_SECOND_IP),
  expect: refused,
};
const notOnLoopback: Row = {
  it: 'is closed on the loopback address',
  from: 'node',
  to: web.nodePortOn(LOOPBACK),
  expect: refused,
};

scenario('a node port', { services: [web], core: true }, [
  onThePrimaryAddress,
  {
    it: 'is answered to a pod, masqueraded like everybody',
    from: 'pod-b',
    to: web.nodePortOn(NODE_IP),
    expect: both,
  },
  {
    it: 'is answered to the node itself',
    from: 'node',
    to: web.nodePortOn(NODE_IP),
    expect: both,
  },
  { ...notOnLoopback, it: 'is closed on ::1, which has no route_localnet', families: ['IPv6'] },
]);

scenario(
  'nodePortAddresses with one network per family',
  {
    services: [web],
    config: {
      nodePortAddresses: FAMILIES.map(
        (family) => `${NODE_IP[family]}/${family === 'IPv4' ? 24 : 64}`,
      ),
    },
  },
  [onThePrimaryAddress, notOnTheSecondAddress, notOnLoopback],
);

scenario(
  'nodePortAddresses with every address',
  { services: [web], config: { nodePortAddresses: ['0.0.0.0/0', '::/0'] } },
  [
    onThePrimaryAddress,
    {
      it: 'is answered on every other address of the node too',
      from: 'client',
      to: web.nodePortOn(NODE_SECOND_IP),
      expect: both,
    },
    { ...notOnLoopback, families: ['IPv6'] },
  ],
);

scenario(
  'nodePortAddresses: primary',
  { services: [web], config: { nodePortAddresses: ['primary'] } },
  [onThePrimaryAddress, notOnTheSecondAddress, notOnLoopback],
);

scenario(
  'localhostNodePorts: false',
  { services: [web], config: { iptables: { localhostNodePorts: false } } },
  [onThePrimaryAddress, notOnLoopback],
);
