/** What the API server of Kubernetes 1.36 refuses in a manifest, and what of that it may have stored. */

import { expect } from 'chai';
import { loadObjects, service } from './support.js';

const PORTS = [{ port: 80 }];
const LB = { type: 'LoadBalancer' };
const LONG = 'a'.repeat(64);

/** The fields and messages of what costs the object, without its name. */
function refused(spec: object, rest: object = {}, metadata: object = {}): readonly string[] {
  const { diagnostics } = loadObjects([
    { ...service('s', { ports: PORTS, clusterIP: '10.96.6.11', ...spec }, metadata), ...rest },
  ]);
  return diagnostics
    .filter(({ code }) => code === 'invalid-object')
    .map(({ message }) => message.replace(/^.* left out: /, ''));
}

function status(...ingress: readonly object[]): object {
  return { status: { loadBalancer: { ingress } } };
}

describe('snapshot: rules of the API server for Services', () => {
  const only = "may only be used when `type` is 'LoadBalancer'";
  const cases: readonly (readonly [string, object, string])[] = [
    [
      'a headless node port',
      { type: 'NodePort', clusterIP: 'None' },
      `spec.clusterIP: "None": may not be set to 'None' for NodePort services`,
    ],
    [
      'a headless load balancer',
      { ...LB, clusterIP: 'None' },
      `spec.clusterIP: "None": may not be set to 'None' for LoadBalancer services`,
    ],
    [
      'source ranges on a node port',
      { type: 'NodePort', loadBalancerSourceRanges: ['10.0.0.0/8'] },
      `spec.loadBalancerSourceRanges: ${only}`,
    ],
    [
      'allocation on a ClusterIP',
      { allocateLoadBalancerNodePorts: false },
      `spec.allocateLoadBalancerNodePorts: ${only}`,
    ],
    ['a class on a ClusterIP', { loadBalancerClass: 'x.io/y' }, `spec.loadBalancerClass: ${only}`],
    [
      'a class that is no name',
      { ...LB, loadBalancerClass: 'x y' },
      'spec.loadBalancerClass: "x y": name part must consist of',
    ],
    [
      'affinity settings without affinity',
      { sessionAffinity: 'None', sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } },
      'spec.sessionAffinityConfig: must not be set when session affinity is None',
    ],
    [
      'a health port without Local',
      { ...LB, healthCheckNodePort: 32000 },
      "spec.healthCheckNodePort: 32000: may only be set when `type` is 'LoadBalancer' and",
    ],
    [
      'a health port on a node port',
      { type: 'NodePort', externalTrafficPolicy: 'Local', healthCheckNodePort: 32000 },
      'spec.healthCheckNodePort: 32000: may only be set when',
    ],
    [
      'a policy that nothing external meets',
      { externalTrafficPolicy: 'Local' },
      'spec.externalTrafficPolicy: "Local": may only be set for externally-accessible services',
    ],
    [
      'an unknown distribution',
      { trafficDistribution: 'Nearest' },
      'spec.trafficDistribution: "Nearest": must be one of PreferClose, PreferSameZone, PreferSameNode',
    ],
    [
      'an application protocol with a blank',
      { ports: [{ port: 80, appProtocol: 'a b' }] },
      'spec.ports[0].appProtocol: "a b": name part must consist of',
    ],
    [
      'a selector key with a blank',
      { selector: { 'a b': 'c' } },
      'spec.selector: "a b": name part must consist of',
    ],
    [
      'a selector value that is too long',
      { selector: { a: LONG } },
      `spec.selector: "${LONG}": must be no more than 63 characters`,
    ],
    [
      'an empty prefix',
      { selector: { '/a': 'c' } },
      'spec.selector: "/a": prefix part must be non-empty',
    ],
    [
      'the port of kubelet',
      { ...LB, ports: [{ port: 10250 }] },
      'spec.ports[0].port: 10250: may not expose port 10250 externally since it is used by kubelet',
    ],
    [
      'an external name of nobody',
      { type: 'ExternalName', clusterIP: '' },
      'spec.externalName: is required',
    ],
    [
      'an external name that is none',
      { type: 'ExternalName', clusterIP: '', externalName: 'A_b' },
      'spec.externalName: "A_b": a lowercase RFC 1123 subdomain must consist of',
    ],
    [
      'an external name with an address',
      { type: 'ExternalName', externalName: 'a.example' },
      'spec.clusterIP: may not be set for ExternalName services',
    ],
    [
      'an external name with a family',
      { type: 'ExternalName', clusterIP: '', externalName: 'a.example', ipFamilies: ['IPv4'] },
      'spec.ipFamilies: may not be set for ExternalName services',
    ],
    [
      'an external address on loopback',
      { externalIPs: ['127.0.0.1'] },
      'spec.externalIPs[0]: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
    [
      'an external address on the link',
      { externalIPs: ['1.2.3.4', 'fe80::1'] },
      'spec.externalIPs[1]: "fe80::1": may not be in the link-local range',
    ],
    [
      'an external address of a group',
      { externalIPs: ['224.0.0.9'] },
      'spec.externalIPs[0]: "224.0.0.9": may not be in the link-local multicast range',
    ],
    [
      'an external address of nobody',
      { externalIPs: ['::'] },
      'spec.externalIPs[0]: "::": may not be unspecified (0.0.0.0 or ::)',
    ],
    [
      'two lists that differ',
      { clusterIPs: ['10.96.6.12'] },
      'spec.clusterIPs: first value must match `clusterIP`',
    ],
    [
      'a list alone',
      { clusterIP: '', clusterIPs: ['10.96.6.11'] },
      'spec.clusterIPs: must be empty when `clusterIP` is not specified',
    ],
    [
      'None and another',
      { clusterIP: 'None', clusterIPs: ['None', '10.96.6.11'] },
      "spec.clusterIPs: 'None' must be the first and only value",
    ],
    [
      'two addresses of a family',
      { clusterIPs: ['10.96.6.11', '10.96.6.12'] },
      'spec.clusterIPs: may specify no more than one IP for each IP family',
    ],
    [
      'an address of the other family',
      { clusterIPs: ['10.96.6.11'], ipFamilies: ['IPv6'] },
      'spec.clusterIPs[0]: "10.96.6.11": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ],
    [
      'a family twice',
      { ipFamilies: ['IPv4', 'IPv4'] },
      'spec.ipFamilies[1]: "IPv4": is given twice',
    ],
    [
      'two families of a single stack',
      { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'SingleStack' },
      'spec.ipFamilyPolicy: "SingleStack": must be RequireDualStack or PreferDualStack when multiple IP families are specified',
    ],
  ];
  for (const [what, spec, message] of cases) {
    it(`refuse ${what}`, () => {
      const [first, ...more] = refused(spec);
      expect(first).to.satisfy((text: string) => text?.startsWith(message), `${first}`);
      expect(more).to.deep.equal([]);
    });
  }

  const balancers: readonly (readonly [string, object, string])[] = [
    [
      'ipMode without ip',
      { hostname: 'x', ipMode: 'VIP' },
      'status.loadBalancer.ingress[0].ipMode: "VIP": may not be specified when `ip` is not set',
    ],
    [
      'an address on loopback',
      { ip: '127.0.0.1' },
      'status.loadBalancer.ingress[0].ip: "127.0.0.1": may not be in the loopback range',
    ],
    [
      'a hostname that is an address',
      { hostname: '1.2.3.4' },
      'status.loadBalancer.ingress[0].hostname: "1.2.3.4": must be a DNS name, not an IP address',
    ],
    [
      'a hostname that is none',
      { hostname: 'a_b' },
      'status.loadBalancer.ingress[0].hostname: "a_b": a lowercase',
    ],
  ];
  for (const [what, ingress, message] of balancers) {
    it(`refuse a status with ${what}`, () => {
      expect(refused(LB, status(ingress))[0]).to.satisfy((text: string) =>
        text?.startsWith(message),
      );
    });
  }

  it('refuse labels that are none', () => {
    expect(refused({}, {}, { labels: { 'a b': 'c' } })[0]).to.match(/^metadata.labels: "a b": /);
    expect(refused({}, {}, { labels: { a: 'b c' } })[0]).to.match(/^metadata.labels: "b c": /);
  });

  it('let through what it accepts', () => {
    for (const spec of [
      { ...LB, loadBalancerSourceRanges: ['10.0.0.0/8'], loadBalancerClass: 'x.io/y' },
      { ...LB, externalTrafficPolicy: 'Local', healthCheckNodePort: 32000 },
      { externalIPs: ['1.2.3.4'], externalTrafficPolicy: 'Local' },
      { trafficDistribution: 'PreferClose', selector: { 'a.b/c_d': '', e: 'F-1' } },
      { ports: [{ port: 80, appProtocol: 'kubernetes.io/h2c' }] },
      { type: 'ExternalName', clusterIP: '', externalName: 'a.example.' },
      {
        clusterIPs: ['10.96.6.11', 'fd00::1'],
        ipFamilies: ['IPv4', 'IPv6'],
        ipFamilyPolicy: 'RequireDualStack',
      },
      { clusterIP: 'None', clusterIPs: ['None'] },
    ]) {
      expect(refused(spec), JSON.stringify(spec)).to.deep.equal([]);
    }
    expect(
      refused(LB, status({ ip: '1.2.3.4', ipMode: 'VIP' }, { hostname: 'a.b' })),
    ).to.deep.equal([]);
  });

  it('do not hold for what an API server has stored', () => {
    const spec = { type: 'NodePort', loadBalancerSourceRanges: ['10.0.0.0/8'] };
    expect(refused(spec)).to.have.length(1);
    expect(refused(spec, {}, { resourceVersion: '7' })).to.deep.equal([]);
    expect(refused(spec, {}, { uid: 'x' })).to.deep.equal([]);
    // A status that stayed when the type was changed.
    expect(refused(spec, status({ ip: '1.2.3.4' }))).to.deep.equal([]);
  });
});

describe('snapshot: rules of the API server for endpoints', () => {
  function endpoints(
    list: readonly object[],
    metadata: object = {},
    addressType = 'IPv4',
  ): { readonly kept: readonly string[]; readonly warnings: readonly string[] } {
    const { snapshot, diagnostics } = loadObjects([
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 's-1', labels: { 'kubernetes.io/service-name': 's' }, ...metadata },
        addressType,
        endpoints: list,
        ports: PORTS,
      },
    ]);
    const slices = snapshot.slices.get('default/s') ?? [];
    return {
      kept: slices.flatMap((slice) => slice.endpoints.flatMap(({ addresses }) => addresses)),
      warnings: diagnostics
        .filter(({ code }) => code === 'invalid-endpoint')
        .map(({ message }) => message.replace(/^EndpointSlice default\/s-1: /, '')),
    };
  }

  const ip = (address: string): object => ({ addresses: [address] });

  const special: readonly (readonly [string, string])[] = [
    ['127.0.0.1', 'loopback range'],
    ['169.254.169.254', 'link-local range'],
    ['0.0.0.0', 'unspecified'],
    ['224.0.0.9', 'link-local multicast range'],
    ['239.1.1.1', 'multicast address'],
    ['255.255.255.255', 'broadcast address'],
    ['::1', 'loopback range'],
    ['fe80::1', 'link-local range'],
    ['ff02::1', 'link-local multicast range'],
  ];
  for (const [address, words] of special) {
    it(`leave ${address} out, and use the others`, () => {
      const family = address.includes(':') ? 'IPv6' : 'IPv4';
      const good = family === 'IPv6' ? 'fd00::7' : '10.244.1.7';
      const { kept, warnings } = endpoints([ip(address), ip(good)], {}, family);
      expect(kept).to.deep.equal([good]);
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.include(`endpoints[0].addresses[0]: "${address}": may not be`);
      expect(warnings[0]).to.include(words);
    });
  }

  it('leave out an endpoint of a node that is none, or with bad hints', () => {
    const zones = (...names: readonly string[]): object => ({
      ...ip('10.244.1.8'),
      hints: { forZones: names.map((name) => ({ name })) },
    });
    const many = Array.from({ length: 9 }, (_, i) => `z${i}`);
    const bad = [
      { ...ip('10.244.1.8'), nodeName: 'Node_A' },
      zones('a', 'a'),
      zones(''),
      zones('a b'),
      zones(...many),
    ];
    for (const endpoint of bad) {
      const { kept, warnings } = endpoints([ip('10.244.1.7'), endpoint]);
      expect(kept, JSON.stringify(endpoint)).to.deep.equal(['10.244.1.7']);
      expect(warnings).to.have.length(1);
    }
  });

  it('name a few of many, and count the others', () => {
    const { warnings } = endpoints(Array.from({ length: 900 }, (_, i) => ip(`127.0.0.${i % 250}`)));
    expect(warnings).to.have.length(6);
    expect(warnings[5]).to.equal('895 more endpoints left out for such reasons');
  });

  it('do not hold for what an API server has stored', () => {
    const { kept, warnings } = endpoints([ip('169.254.20.10')], { resourceVersion: '1' });
    expect([kept, warnings]).to.deep.equal([['169.254.20.10'], []]);
  });

  it('hold for Endpoints too', () => {
    const { snapshot, diagnostics } = loadObjects([
      service('s', { clusterIP: '10.96.6.11', ports: PORTS }),
      {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name: 's' },
        subsets: [{ addresses: [{ ip: '127.0.0.1' }, { ip: '10.244.1.7' }], ports: PORTS }],
      },
    ]);
    const [slice] = snapshot.slices.get('default/s') ?? [];
    expect(slice?.endpoints.flatMap(({ addresses }) => addresses)).to.deep.equal(['10.244.1.7']);
    expect(diagnostics.map(({ code }) => code)).to.include('invalid-endpoint');
  });
});
