import { expect } from 'chai';
import type { Diagnostic } from '../../src/diagnostics.js';
import { servicePorts } from '../../src/model/service-ports.js';
import type { ServiceContext, ServicePort } from '../../src/model/types.js';
import type { Family } from '../../src/net/ip.js';
import { DEFAULT_PROFILE } from '../../src/profiles/profiles.js';
import type { EndpointSlice, Service } from '../../src/snapshot/types.js';
import { service, slice, withIngress } from './support.js';

interface Read {
  readonly ports: readonly ServicePort[];
  readonly diagnostics: readonly Diagnostic[];
}

function read(
  object: Service,
  slices: readonly EndpointSlice[] = [],
  context: Partial<ServiceContext> = {},
): Read {
  const diagnostics: Diagnostic[] = [];
  const given: ServiceContext = {
    family: 'IPv4',
    nodeName: 'here',
    zone: '',
    allowExternalIps: true,
    policy: DEFAULT_PROFILE.policy,
    ...context,
  };
  return { ports: servicePorts(object, slices, given, diagnostics), diagnostics };
}

const codes = ({ diagnostics }: Read): readonly string[] =>
  diagnostics.map(({ severity, code, field }) => `${severity} ${code} ${field}`);

describe('servicePorts: which Services have ports here', () => {
  const clusterIp = (object: Service, family: Family): string | undefined =>
    read(object, [], { family }).ports[0]?.clusterIp;
  const dual = service('a', {
    clusterIP: '10.96.0.1',
    clusterIPs: ['10.96.0.1', 'fd00::1'],
    ipFamilies: ['IPv4', 'IPv6'],
  });
  const rows: readonly (readonly [
    what: string,
    object: Service,
    v4: string | undefined,
    v6: string | undefined,
  ])[] = [
    ['one of before dual stack', service('a'), '10.96.0.1', undefined],
    [
      'an IPv6 one of before dual stack',
      service('a', { clusterIP: 'fd00::1' }),
      undefined,
      'fd00::1',
    ],
    ['dual stack', dual, '10.96.0.1', 'fd00::1'],
    [
      'dual stack with IPv6 first',
      service('a', {
        clusterIP: 'fd00::1',
        clusterIPs: ['fd00::1', '10.96.0.1'],
        ipFamilies: ['IPv6', 'IPv4'],
      }),
      '10.96.0.1',
      'fd00::1',
    ],
    [
      'single stack',
      service('a', { clusterIPs: ['10.96.0.1'], ipFamilies: ['IPv4'] }),
      '10.96.0.1',
      undefined,
    ],
    [
      'families without the list of addresses',
      service('a', { ipFamilies: ['IPv4'] }),
      '10.96.0.1',
      undefined,
    ],
    ['headless', service('a', { clusterIP: 'None', clusterIPs: ['None'] }), undefined, undefined],
    ['no address yet', service('a', { clusterIP: '' }), undefined, undefined],
    [
      'ExternalName, also with an address left over',
      service('a', { type: 'ExternalName' }),
      undefined,
      undefined,
    ],
    [
      "another proxy's",
      service('a', {}, { 'service.kubernetes.io/service-proxy-name': '' }),
      undefined,
      undefined,
    ],
  ];
  for (const [what, object, v4, v6] of rows) {
    it(what, () => {
      expect(clusterIp(object, 'IPv4')).to.equal(v4);
      expect(clusterIp(object, 'IPv6')).to.equal(v6);
      expect(read(object).diagnostics).to.deep.equal([]);
    });
  }

  it('a cluster IP in another spelling is read, with a note', () => {
    for (const text of ['010.096.0.1', '::ffff:10.96.0.1', '::FFFF:0a60:1']) {
      const found = read(service('a', { clusterIP: text }));
      expect(found.ports.map((port) => port.clusterIp)).to.deep.equal(['10.96.0.1']);
      expect(codes(found)).to.deep.equal(['note non-canonical-address spec.clusterIP']);
    }
    expect(clusterIp(service('a', { clusterIP: '::ffff:10.96.0.1' }), 'IPv6')).to.equal(undefined);
    expect(clusterIp(service('a', { clusterIP: 'FD00::0:1' }), 'IPv6')).to.equal('fd00::1');
  });

  it('a cluster IP that is none of its family leaves the Service out, with an error', () => {
    for (const clusterIP of ['10.96.0.300', 'x']) {
      const found = read(service('a', { clusterIP }));
      expect(found.ports).to.deep.equal([]);
      expect(codes(found)).to.deep.equal(['error invalid-cluster-ip spec.clusterIP']);
    }
    const swapped = service('a', { clusterIPs: ['fd00::1'], ipFamilies: ['IPv4'] });
    expect(codes(read(swapped))).to.deep.equal(['error invalid-cluster-ip spec.clusterIPs[0]']);
  });
});

describe('servicePorts: ports', () => {
  it('are ordered by name and protocol, with ids as in comments', () => {
    const { ports } = read(
      service('a', {
        ports: [
          { name: 'web', port: 80 },
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns', port: 53, protocol: 'TCP', nodePort: 30053 },
        ],
      }),
    );
    expect(
      ports.map(({ id, protocol, port, nodePort }) => `${id} ${protocol} ${port} ${nodePort}`),
    ).to.deep.equal(['shop/a:dns TCP 53 30053', 'shop/a:dns UDP 53 0', 'shop/a:web TCP 80 0']);
    expect(read(service('a')).ports[0]?.id).to.equal('shop/a');
  });
});

describe('servicePorts: addresses', () => {
  it('external and load balancer addresses are those of the family, each once', () => {
    const object = withIngress(
      service('a', {
        type: 'LoadBalancer',
        externalIPs: ['192.0.2.1', 'fd00::1', '192.0.2.1', '192.000.2.1'],
      }),
      '192.0.2.7',
      'fd00::7',
      '192.0.2.7',
      '',
    );
    const v4 = read(object);
    expect(v4.ports[0]).to.deep.include({
      externalIps: ['192.0.2.1'],
      loadBalancerIps: ['192.0.2.7'],
    });
    expect(codes(v4)).to.deep.equal(['note non-canonical-address spec.externalIPs[3]']);
    expect(read(object, [], { family: 'IPv6' }).ports).to.deep.equal([]);
  });

  it('a load balancer that is no VIP of the node, or has only a name, does not count', () => {
    const object: Service = {
      ...service('a', { type: 'LoadBalancer' }),
      status: {
        loadBalancer: {
          ingress: [
            { ip: '192.0.2.1', ipMode: 'Proxy' },
            { hostname: 'lb.example.com' },
            { ip: '192.0.2.2', ipMode: 'VIP' },
          ],
        },
      },
    };
    expect(read(object).ports[0]?.loadBalancerIps).to.deep.equal(['192.0.2.2']);
  });

  it('what is no address is reported, and the others are used', () => {
    const object = withIngress(
      service('a', { externalIPs: ['x', '192.0.2.1'] }),
      '1.2.3',
      '192.0.2.2',
    );
    const found = read(object);
    expect(found.ports[0]).to.deep.include({
      externalIps: ['192.0.2.1'],
      loadBalancerIps: ['192.0.2.2'],
    });
    expect(codes(found)).to.deep.equal([
      'warning invalid-address spec.externalIPs[0]',
      'warning invalid-address status.loadBalancer.ingress[0].ip',
    ]);
  });

  it('the gate switches external IPs off, but the Service still counts as asked for from outside', () => {
    const object = service('a', { externalIPs: ['192.0.2.1'] });
    expect(read(object, [], { allowExternalIps: false }).ports[0]).to.deep.include({
      externalIps: [],
      externallyAccessible: true,
    });
    expect(read(object).ports[0]).to.deep.include({
      externalIps: ['192.0.2.1'],
      externallyAccessible: true,
    });
    expect(read(service('a')).ports[0]?.externallyAccessible).to.equal(false);
  });

  const ranges: readonly (readonly [
    what: string,
    given: readonly string[],
    v4: readonly string[],
    said?: readonly string[],
  ])[] = [
    ['those of the family', ['10.0.0.0/8', 'fd00::/8'], ['10.0.0.0/8']],
    ['host bits and blanks are cut', [' 10.1.2.3/8 '], ['10.0.0.0/8']],
    ['each once', ['10.0.0.0/8', '10.1.0.0/8'], ['10.0.0.0/8']],
    ['a range of everything lifts the restriction', ['10.0.0.0/8', '0.0.0.0/0'], []],
    ['everything of the other family lifts nothing', ['10.0.0.0/8', '::/0'], ['10.0.0.0/8']],
    [
      'what is none is reported',
      ['10.0.0.0', '10.0.0.0/8'],
      ['10.0.0.0/8'],
      ['warning invalid-address spec.loadBalancerSourceRanges[0]'],
    ],
  ];
  for (const [what, given, v4, said = []] of ranges) {
    it(`source ranges: ${what}`, () => {
      const found = read(service('a', { loadBalancerSourceRanges: given }));
      expect(found.ports[0]?.sourceRanges).to.deep.equal(v4);
      expect(codes(found)).to.deep.equal(said);
    });
  }

  const closed: readonly (readonly [text: string, family: 'IPv4' | 'IPv6', given: string[]])[] = [
    ['beside a range of the other family', 'IPv4', ['10.0.0.0/33', 'fd00::/8']],
    ['beside one of IPv4', 'IPv6', ['10.0.0.0/8', 'fd00::/129']],
    ['with a text that may be of any family', 'IPv6', ['10.0.0.0/8', 'junk']],
  ];
  for (const [what, family, given] of closed) {
    it(`lets nobody in where no range of a family can be read, ${what}`, () => {
      const clusterIP = family === 'IPv4' ? '10.96.0.1' : 'fd00::1';
      const object = service('a', { clusterIP, loadBalancerSourceRanges: given });
      const found = read(object, [], { family });
      expect(found.ports[0]?.sourceRanges).to.have.members([
        family === 'IPv4' ? '0.0.0.0/32' : '::/128',
      ]);
      expect(found.diagnostics.at(-1)?.message).to.equal(
        `none of the source ranges of ${family} can be read: load balancer addresses of ${family} accept no client`,
      );
    });
  }

  it('lets everybody in where the range that cannot be read is of the other family', () => {
    const object = service('a', { loadBalancerSourceRanges: ['fd00::/129', 'fd00::/8'] });
    expect(read(object).ports[0]?.sourceRanges).to.deep.equal([]);
  });

  for (const [family, nobody] of [
    ['IPv4', '0.0.0.0/32'],
    ['IPv6', '::/128'],
  ] as const) {
    it(`lets nobody in where no source range can be read, and says so, in ${family}`, () => {
      for (const given of [['junk'], ['10.0.0.0', 'also bad'], ['']]) {
        const clusterIP = family === 'IPv4' ? '10.96.0.1' : 'fd00::1';
        const object = service('a', { clusterIP, loadBalancerSourceRanges: given });
        const found = read(object, [], { family });
        expect(found.ports[0]?.sourceRanges).to.deep.equal([nobody]);
        expect(found.diagnostics.at(-1)).to.deep.equal({
          code: 'load-balancer-closed',
          severity: 'warning',
          message:
            'none of the source ranges can be read: load balancer addresses accept no client',
          object: { kind: 'Service', namespace: 'shop', name: 'a' },
          field: 'spec.loadBalancerSourceRanges',
        });
      }
    });
  }
});

describe('servicePorts: policies', () => {
  const policies = (spec: Partial<Service['spec']>): object => {
    const { internalPolicyLocal, externalPolicyLocal, healthCheckNodePort, affinitySeconds } = read(
      service('a', spec),
    ).ports[0]!;
    return { internalPolicyLocal, externalPolicyLocal, healthCheckNodePort, affinitySeconds };
  };
  const plain = {
    internalPolicyLocal: false,
    externalPolicyLocal: false,
    healthCheckNodePort: 0,
    affinitySeconds: 0,
  };
  const rows: readonly (readonly [
    what: string,
    spec: Partial<Service['spec']>,
    changed: object,
  ])[] = [
    ['none', {}, {}],
    ['internal Local', { internalTrafficPolicy: 'Local' }, { internalPolicyLocal: true }],
    [
      'external Local means nothing without an address outside',
      { externalTrafficPolicy: 'Local' },
      {},
    ],
    [
      'external Local of a NodePort',
      { type: 'NodePort', externalTrafficPolicy: 'Local', healthCheckNodePort: 31000 },
      { externalPolicyLocal: true },
    ],
    [
      'external Local with external IPs',
      { externalIPs: ['192.0.2.1'], externalTrafficPolicy: 'Local' },
      { externalPolicyLocal: true },
    ],
    [
      'external Local of a load balancer has a health check',
      { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31000 },
      { externalPolicyLocal: true, healthCheckNodePort: 31000 },
    ],
    [
      'a health check of policy Cluster is none',
      { type: 'LoadBalancer', externalTrafficPolicy: 'Cluster', healthCheckNodePort: 31000 },
      {},
    ],
    [
      'affinity',
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } } },
      { affinitySeconds: 600 },
    ],
    [
      'affinity of three hours unless said',
      { sessionAffinity: 'ClientIP' },
      { affinitySeconds: 10800 },
    ],
    [
      'a timeout without affinity is none',
      { sessionAffinity: 'None', sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } } },
      {},
    ],
  ];
  for (const [what, spec, changed] of rows)
    it(what, () => {
      expect(policies(spec)).to.deep.equal({ ...plain, ...changed });
    });
});

describe('servicePorts: endpoints', () => {
  const targets = ({ ports }: Read): readonly string[] =>
    ports[0]!.pools.cluster.map(({ target }) => target);

  it('are ordered by the bytes of their text, each once', () => {
    const found = read(service('a'), [slice('a', ['10.0.0.9', '10.0.0.10', '10.0.0.9'])]);
    expect(targets(found)).to.deep.equal(['10.0.0.10:8080', '10.0.0.9:8080']);
    expect(found.ports[0]?.endpointCount).to.equal(2);
  });

  it('are those of slices of the family and the port name', () => {
    const other = slice('a', ['fd00::1'], { addressType: 'IPv6' });
    const fqdn = slice('a', ['a.example.com'], { addressType: 'FQDN' });
    const named = slice('a', ['10.0.0.2'], { ports: [{ name: 'web', port: 8080 }] });
    const udp = slice('a', ['10.0.0.3'], { ports: [{ port: 8080, protocol: 'UDP' }] });
    const portless = slice('a', ['10.0.0.4'], { ports: [{ name: '' }] });
    const found = read(service('a'), [other, fqdn, named, udp, portless, slice('a', ['10.0.0.1'])]);
    expect(targets(found)).to.deep.equal(['10.0.0.1:8080']);
    expect(found.diagnostics).to.deep.equal([]);
  });

  it('count by their first address', () => {
    expect(
      targets(read(service('a'), [slice('a', [{ addresses: ['10.0.0.1', '10.0.0.2'] }])])),
    ).to.deep.equal(['10.0.0.1:8080']);
  });

  it('conditions that are not set mean ready', () => {
    const ready = (conditions: EndpointSlice['endpoints'][number]['conditions']): number =>
      targets(
        read(service('a'), [
          slice('a', [{ addresses: ['10.0.0.1'], conditions: conditions ?? {} }]),
        ]),
      ).length;
    expect(ready({})).to.equal(1);
    expect(ready({ ready: null, serving: null, terminating: null })).to.equal(1);
    expect(ready({ ready: false })).to.equal(0);
  });

  it('of two with the same address a running one beats a terminating one, whichever comes last', () => {
    const running = slice('a', ['10.0.0.1'], { metadata: slice('a', []).metadata });
    const terminating = slice('a', [
      { addresses: ['10.0.0.1'], conditions: { ready: false, serving: true, terminating: true } },
    ]);
    for (const slices of [
      [running, terminating],
      [terminating, running],
    ]) {
      const [endpoint] = read(service('a'), slices).ports[0]!.pools.cluster;
      expect(endpoint).to.include({ ready: true, terminating: false });
    }
  });

  it('an address that does not fit the slice is left out, with a diagnostic of its kind', () => {
    const found = read(
      service('a', { clusterIP: 'fd00::1' }),
      [
        slice('a', ['::ffff:10.0.0.1', 'x', 'FD00::0009', '10.0.0.1', 'fd00::8'], {
          addressType: 'IPv6',
        }),
      ],
      { family: 'IPv6' },
    );
    expect(targets(found)).to.deep.equal(['[fd00::8]:8080', '[fd00::9]:8080']);
    expect(codes(found)).to.deep.equal([
      'warning ipv4-mapped-endpoint endpoints[0].addresses[0]',
      'warning invalid-address endpoints[1].addresses[0]',
      'note non-canonical-address endpoints[2].addresses[0]',
      'warning invalid-address endpoints[3].addresses[0]',
    ]);
  });

  it('are named by their place in the input, where others were left out', () => {
    const left = slice('a', ['10.0.0.1', 'x'], { inputIndices: [3, 7] });
    expect(codes(read(service('a'), [left]))).to.deep.equal([
      'warning invalid-address endpoints[7].addresses[0]',
    ]);
  });

  it('are local on the node of that name, and nowhere if this is no node', () => {
    const slices = [
      slice('a', [
        { addresses: ['10.0.0.1'], nodeName: 'here' },
        { addresses: ['10.0.0.2'], nodeName: '' },
        '10.0.0.3',
      ]),
    ];
    const local = (nodeName: string): readonly string[] =>
      read(service('a', { internalTrafficPolicy: 'Local' }), slices, {
        nodeName,
      }).ports[0]!.pools.local.map(({ ip }) => ip);
    expect(local('here')).to.deep.equal(['10.0.0.1']);
    expect(local('')).to.deep.equal([]);
  });
});
