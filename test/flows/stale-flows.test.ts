/** Which flows are forgotten, and why; and above all which are not. */

import { expect } from 'chai';
import { frontendsOfDump } from '../../src/backends/iptables/frontends.js';
import { parseDump } from '../../src/backends/iptables/syntax/parse.js';
import { parseFlows } from '../../src/flows/flows.js';
import { FLOW_PROTOCOLS, type Frontend, frontendsOfModel } from '../../src/flows/frontends.js';
import { staleFlows } from '../../src/flows/stale-flows.js';
import { parseIp } from '../../src/net/ip.js';
import { compileSnapshot, print } from '../../src/pipeline.js';
import type { EndpointSpec, KubernetesObject, Service } from '../../src/snapshot/types.js';
import {
  modelOf,
  node,
  type Settings,
  service,
  slice,
  snapshotOf,
  withIngress,
} from '../model/support.js';

const NODE = node(['192.0.2.10', 'fd00:192::10']);
const LOCAL = ['127.0.0.1', '192.0.2.10', '::1', 'fd00:192::10'].map((text) => parseIp(text)!);

const DNS = withIngress(
  service('dns', {
    type: 'LoadBalancer',
    clusterIP: '10.96.0.10',
    clusterIPs: ['10.96.0.10', 'fd00:96::10'],
    ipFamilies: ['IPv4', 'IPv6'],
    externalIPs: ['203.0.113.10'],
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP', nodePort: 30053 },
      { name: 'dns-tcp', port: 53, protocol: 'TCP', nodePort: 30053 },
      { name: 'sig', port: 5060, protocol: 'SCTP', nodePort: 30060 },
    ],
  }),
  '198.51.100.10',
);

function dnsSlice(...endpoints: readonly (string | EndpointSpec)[]): KubernetesObject {
  return slice('dns', endpoints, {
    ports: [
      { name: 'dns', port: 5353, protocol: 'UDP' },
      { name: 'dns-tcp', port: 5353, protocol: 'TCP' },
      { name: 'sig', port: 5060, protocol: 'SCTP' },
    ],
  });
}

/** `udp 10.96.0.10:53 > 10.244.1.5:5353`, as conntrack would list it. */
function flowLine(text: string): string {
  const [protocol = '', to = '', , from = ''] = text.split(' ');
  const split = (address: string): readonly [string, string] => {
    const colon = address.lastIndexOf(':');
    return [address.slice(0, colon).replace(/[[\]]/g, ''), address.slice(colon + 1)];
  };
  const [destination, port] = split(to);
  const [endpoint, endpointPort] = split(from);
  const ipv6 = destination.includes(':');
  const client = ipv6 ? 'fd00:244:9::9' : '10.244.9.9';
  const number = { tcp: 6, udp: 17, sctp: 132 }[protocol];
  return `${ipv6 ? 'ipv6     10' : 'ipv4     2'} ${protocol.padEnd(8)} ${number} 29 src=${client} dst=${destination} sport=40000 dport=${port} src=${endpoint} dst=${client} sport=${endpointPort} dport=40000 mark=0 use=1`;
}

interface Case {
  readonly title: string;
  readonly objects: readonly KubernetesObject[];
  readonly flow: string;
  /** `cause origin`, or `''` for a flow that stays. */
  readonly expected: string;
  readonly previous?: readonly KubernetesObject[];
  readonly settings?: Settings;
}

const UP = [NODE, DNS, dnsSlice('10.244.1.5', '10.244.1.6')];
const DRAINING: EndpointSpec = {
  addresses: ['10.244.1.7'],
  conditions: { ready: false, serving: true, terminating: true },
};
const ENDED: EndpointSpec = {
  addresses: ['10.244.1.8'],
  conditions: { ready: false, serving: false, terminating: true },
};
const EMPTY = [NODE, DNS];
const GONE = [NODE];
const UDP = 'shop/dns:dns UDP';
const SCTP = 'shop/dns:sig SCTP';
/** What the flow to each kind of frontend looks like, and whose it is. */
const FRONTENDS: readonly (readonly [kind: string, to: string, port: string, origin: string])[] = [
  ['a ClusterIP', 'udp 10.96.0.10:53', '5353', UDP],
  ['an external IP', 'udp 203.0.113.10:53', '5353', UDP],
  ['a load balancer address', 'udp 198.51.100.10:53', '5353', UDP],
  ['a node port', 'udp 192.0.2.10:30053', '5353', UDP],
  ['a ClusterIP, SCTP,', 'sctp 10.96.0.10:5060', '5060', SCTP],
  ['a node port, SCTP,', 'sctp 192.0.2.10:30060', '5060', SCTP],
];

const ON_EVERY_FRONTEND: readonly Case[] = FRONTENDS.flatMap(([kind, to, port, origin]) => {
  const itself = to.slice(to.indexOf(' ') + 1);
  const at = (ip: string): string => `${to} > ${ip}:${port}`;
  return [
    { title: `${kind} to an endpoint`, objects: UP, flow: at('10.244.1.5'), expected: '' },
    {
      title: `${kind} to an endpoint that was removed`,
      objects: UP,
      flow: at('10.244.1.4'),
      expected: `endpoint-gone ${origin}`,
    },
    {
      title: `${kind} to another port of an endpoint`,
      objects: UP,
      flow: `${to} > 10.244.1.5:9999`,
      expected: `endpoint-gone ${origin}`,
    },
    {
      title: `${kind} to what was the last endpoint`,
      objects: EMPTY,
      flow: at('10.244.1.5'),
      expected: `no-endpoints ${origin}`,
    },
    {
      title: `${kind} that began before the first endpoint came`,
      objects: UP,
      flow: `${to} > ${itself}`,
      expected: `not-translated ${origin}`,
    },
    {
      title: `${kind} that is not translated, while there is no endpoint`,
      objects: EMPTY,
      flow: `${to} > ${itself}`,
      expected: '',
    },
    {
      title: `${kind} of a Service that was deleted`,
      objects: GONE,
      previous: UP,
      flow: at('10.244.1.5'),
      expected: `frontend-gone ${origin}`,
    },
    {
      title: `${kind} of a Service that was deleted when it had no endpoints`,
      objects: GONE,
      previous: EMPTY,
      flow: at('10.244.1.5'),
      expected: `frontend-gone ${origin}`,
    },
    {
      title: `${kind} of a Service that was deleted, never translated`,
      objects: GONE,
      previous: UP,
      flow: `${to} > ${itself}`,
      expected: '',
    },
    {
      title: `${kind} of a Service that nobody knows of`,
      objects: GONE,
      flow: at('10.244.1.5'),
      expected: '',
    },
  ];
});

const CASES: readonly Case[] = [
  ...ON_EVERY_FRONTEND,
  {
    title: 'a pod that drains and still serves, beside ready ones',
    objects: [NODE, DNS, dnsSlice('10.244.1.5', DRAINING)],
    flow: 'udp 10.96.0.10:53 > 10.244.1.7:5353',
    expected: '',
  },
  {
    title: 'a pod that drains and is the only one',
    objects: [NODE, DNS, dnsSlice(DRAINING)],
    flow: 'udp 10.96.0.10:53 > 10.244.1.7:5353',
    expected: '',
  },
  {
    title: 'a pod that ended though it is listed',
    objects: [NODE, DNS, dnsSlice('10.244.1.5', ENDED)],
    flow: 'udp 10.96.0.10:53 > 10.244.1.8:5353',
    expected: `endpoint-gone ${UDP}`,
  },
  {
    title: 'a pod of another zone, which gets no new flows',
    objects: [
      node(['192.0.2.10'], {
        metadata: { name: 'here', labels: { 'topology.kubernetes.io/zone': 'a' } },
      }),
      DNS,
      dnsSlice(
        { addresses: ['10.244.1.5'], hints: { forZones: [{ name: 'a' }] } },
        { addresses: ['10.244.2.5'], hints: { forZones: [{ name: 'b' }] } },
      ),
    ],
    flow: 'udp 10.96.0.10:53 > 10.244.2.5:5353',
    expected: '',
  },
  {
    title: 'a pod elsewhere, after the traffic policies became Local',
    objects: [
      NODE,
      {
        ...DNS,
        spec: { ...DNS.spec, internalTrafficPolicy: 'Local', externalTrafficPolicy: 'Local' },
      } satisfies Service,
      dnsSlice({ addresses: ['10.244.1.5'], nodeName: 'here' }, '10.244.2.5'),
    ],
    flow: 'udp 192.0.2.10:30053 > 10.244.2.5:5353',
    expected: '',
  },
  {
    title: 'an address that the Service no longer has',
    objects: [NODE, { ...DNS, spec: { ...DNS.spec, externalIPs: [] } } satisfies Service, UP[2]!],
    previous: UP,
    flow: 'udp 203.0.113.10:53 > 10.244.1.5:5353',
    expected: `frontend-gone ${UDP}`,
  },
  {
    title: 'a port that another Service has now',
    objects: [
      NODE,
      service('new', {
        clusterIP: '10.96.0.10',
        ports: [{ port: 53, protocol: 'UDP' }],
      }),
      slice('new', ['10.244.3.1'], { ports: [{ port: 53, protocol: 'UDP' }] }),
    ],
    previous: UP,
    flow: 'udp 10.96.0.10:53 > 10.244.1.5:5353',
    expected: 'endpoint-gone shop/new UDP',
  },
  {
    title: 'the number of a node port on an address that is not the node',
    objects: UP,
    flow: 'udp 198.51.100.77:30053 > 10.9.9.9:30053',
    expected: '',
  },
  {
    title: 'the number of a node port elsewhere, untranslated',
    objects: UP,
    flow: 'udp 198.51.100.77:30053 > 198.51.100.77:30053',
    expected: '',
  },
  {
    title: 'the number of a deleted node port elsewhere',
    objects: GONE,
    previous: UP,
    flow: 'udp 198.51.100.77:30053 > 10.9.9.9:30053',
    expected: '',
  },
  {
    title: 'a node port on loopback',
    objects: UP,
    flow: 'udp 127.0.0.1:30053 > 10.244.1.4:5353',
    expected: `endpoint-gone ${UDP}`,
  },
  {
    title: 'a node port on loopback where loopback has none',
    objects: UP,
    settings: { backend: { localhostNodePorts: false } },
    flow: 'udp 127.0.0.1:30053 > 10.244.1.4:5353',
    expected: '',
  },
  {
    title: 'a port that is somebody else’s on an address of the node',
    objects: UP,
    flow: 'udp 192.0.2.10:5300 > 172.17.0.2:53',
    expected: '',
  },
  {
    title: 'another port of a ClusterIP',
    objects: UP,
    flow: 'udp 10.96.0.10:54 > 172.17.0.2:53',
    expected: '',
  },
  {
    title: 'the same port of another protocol',
    objects: UP,
    flow: 'sctp 10.96.0.10:53 > 172.17.0.2:53',
    expected: '',
  },
  { title: 'TCP', objects: UP, flow: 'tcp 10.96.0.10:53 > 10.244.1.4:5353', expected: '' },
  {
    title: 'TCP of a Service without endpoints',
    objects: EMPTY,
    flow: 'tcp 10.96.0.10:53 > 10.244.1.4:5353',
    expected: '',
  },
  {
    title: 'a family that is not asked about',
    objects: UP,
    flow: 'udp [fd00:96::10]:53 > [fd00:244::4]:5353',
    expected: '',
  },
];

function staleOf({ objects, previous, settings = {}, flow }: Case): readonly string[] {
  const model = modelOf(objects, settings);
  const before =
    previous === undefined ? {} : { previous: frontendsOfModel(modelOf(previous, settings)) };
  return staleFlows([model], parseFlows(flowLine(flow)), { localAddresses: LOCAL, ...before }).map(
    ({ cause, origin }) => `${cause} ${origin}`,
  );
}

describe('plan: stale flows', () => {
  for (const one of CASES) {
    it(`${one.expected === '' ? 'keeps' : 'finds'}: ${one.title}`, () =>
      expect(staleOf(one)).to.deep.equal(one.expected === '' ? [] : [one.expected]));
  }

  it('looks at both families, each by its own model', () => {
    const v6 = slice('dns', ['fd00:244::5'], {
      addressType: 'IPv6',
      ports: [{ name: 'dns', port: 5353, protocol: 'UDP' }],
    });
    const models = [modelOf(UP), modelOf([NODE, DNS, v6], {}, 'IPv6')];
    const lines = [
      'udp [fd00:96::10]:53 > [fd00:244::5]:5353',
      'udp [fd00:96::10]:53 > [fd00:244::6]:5353',
      'udp [fd00:192::10]:30053 > [fd00:244::6]:5353',
      'udp [fd00:96::10]:53 > [fd00:96::10]:53',
      'udp [::1]:30053 > [::1]:30053',
      'udp 10.96.0.10:53 > 10.244.1.4:5353',
    ];
    const flows = parseFlows(lines.map(flowLine).join('\n'));
    expect(flows).to.have.length(lines.length);
    const stale = staleFlows(models, flows, { localAddresses: LOCAL });
    expect(stale.map(({ flow }) => flow)).to.deep.equal([1, 2, 3, 5].map((index) => flows[index]));
  });

  it('keeps flows of other zones', () => {
    const line = `${flowLine('udp 10.96.0.10:53 > 10.244.1.4:5353')} zone=3`;
    expect(staleFlows([modelOf(UP)], parseFlows(line), { localAddresses: LOCAL })).to.deep.equal(
      [],
    );
  });

  it('gives the reason in words', () => {
    const flows = parseFlows(flowLine('udp 10.96.0.10:53 > 10.244.1.4:5353'));
    const reasons = (objects: readonly KubernetesObject[]): readonly string[] =>
      staleFlows([modelOf(objects)], flows, {
        localAddresses: LOCAL,
        previous: frontendsOfModel(modelOf(UP)),
      }).map(({ reason }) => reason);
    expect(reasons(UP)).to.deep.equal(['10.244.1.4:5353 is no longer an endpoint']);
    expect(reasons(EMPTY)).to.deep.equal(['10.244.1.4:5353 was its last endpoint and is gone']);
    expect(reasons(GONE)).to.deep.equal(['10.96.0.10:53 is no longer an address of a Service']);
  });

  it('without the addresses of the node, keeps flows to node ports', () => {
    const flows = parseFlows(flowLine('udp 192.0.2.10:30053 > 10.244.1.4:5353'));
    expect(staleFlows([modelOf(UP)], flows, { localAddresses: [] })).to.deep.equal([]);
  });

  it('node ports that are bound to some addresses have flows on those only', () => {
    const settings: Settings = {
      backend: { nodePortAddresses: 'primary' },
    };
    const flows = parseFlows(
      ['192.0.2.10', '192.0.2.11']
        .map((ip) => flowLine(`udp ${ip}:30053 > 10.244.1.4:5353`))
        .join('\n'),
    );
    const both = [...LOCAL, parseIp('192.0.2.11')!];
    const stale = staleFlows([modelOf(UP, settings)], flows, { localAddresses: both });
    expect(stale.map(({ flow }) => flow)).to.deep.equal(flows.slice(0, 1));
  });

  it('the frontends read from rules are those of the model', () => {
    for (const objects of [UP, EMPTY, GONE]) {
      const { model, ruleset } = compileSnapshot(snapshotOf(...objects), 'IPv4');
      const found = frontendsOfDump(parseDump(print(ruleset)), 'IPv4', FLOW_PROTOCOLS);
      expect(names(found)).to.deep.equal(names(frontendsOfModel(model)));
    }
  });
});

function names(frontends: readonly Frontend[]): readonly string[] {
  return frontends
    .map(({ protocol, ip, port, origin }) => `${protocol} ${ip}:${port} ${origin}`)
    .sort();
}
