/** What the API server of Kubernetes 1.36 refuses in the endpoints of a manifest. */

import { expect } from 'chai';
import { loadObjects, service } from './support.js';

const PORTS = [{ port: 80 }];

describe('snapshot/endpoint-rules', () => {
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

  const long = 'a'.repeat(64);
  const at = (...addresses: readonly string[]): object => ({ addresses });
  const one = (rest: object): object => ({ addresses: ['10.244.1.8'], ...rest });
  const hints = (field: string, ...names: readonly string[]): object =>
    one({ hints: { [field]: names.map((name) => ({ name })) } });
  const nine = Array.from({ length: 9 }, (_, i) => `z${i}`);
  const label = 'a valid label must be an empty string or consist of';
  const bad: readonly (readonly [string, object, string])[] = [
    ['no addresses', at(), 'addresses: must contain at least 1 address'],
    [
      '101 addresses',
      at(...Array.from({ length: 101 }, (_, i) => `10.1.1.${i}`)),
      'addresses: must have at most 100 items, not 101',
    ],
    [
      'a second address that is none',
      at('10.244.1.8', 'junk'),
      'addresses[1]: "junk": must be a valid IP address',
    ],
    [
      'a second address of the other family',
      at('10.244.1.8', 'fd00::8'),
      'addresses[1]: "fd00::8": must be an IPv4 address',
    ],
    [
      'a second address on loopback',
      at('10.244.1.8', '127.0.0.1'),
      'addresses[1]: "127.0.0.1": may not be in the loopback range',
    ],
    [
      'a loopback address written as IPv6',
      at('::ffff:127.0.0.1'),
      'addresses[0]: "::ffff:127.0.0.1": may not be in the loopback range',
    ],
    [
      'an unspecified address with leading zeros',
      at('000.0.0.0'),
      'addresses[0]: "000.0.0.0": may not be unspecified',
    ],
    [
      'a node name in upper case',
      one({ nodeName: 'N1' }),
      'nodeName: "N1": a lowercase RFC 1123 subdomain',
    ],
    [
      'a node name of 254 characters',
      one({ nodeName: 'n'.repeat(254) }),
      `nodeName: "${'n'.repeat(76)}...: must be no more than 253`,
    ],
    [
      'a hostname with a dot',
      one({ hostname: 'a.b' }),
      'hostname: "a.b": a lowercase RFC 1123 label',
    ],
    [
      'a hostname of 64 characters',
      one({ hostname: long }),
      `hostname: "${long}": must be no more than 63 characters`,
    ],
    ['a hostname that is a number', one({ hostname: 5 }), 'hostname: 5: must be a string'],
    ['nine zones', hints('forZones', ...nine), 'hints.forZones: must have at most 8 items, not 9'],
    ['nine nodes', hints('forNodes', ...nine), 'hints.forNodes: must have at most 8 items, not 9'],
    [
      'one zone twice',
      hints('forZones', 'a', 'b', 'a'),
      'hints.forZones[2].name: "a": is given twice',
    ],
    ['one node twice', hints('forNodes', 'a', 'a'), 'hints.forNodes[1].name: "a": is given twice'],
    [
      'a zone of 64 characters',
      hints('forZones', long),
      `hints.forZones[0].name: "${long}": must be no more than 63 characters`,
    ],
    ['a zone with a slash', hints('forZones', 'a/b'), `hints.forZones[0].name: "a/b": ${label}`],
    [
      'a node hint in upper case',
      hints('forNodes', 'Node'),
      'hints.forNodes[0].name: "Node": a lowercase RFC 1123 subdomain',
    ],
  ];
  for (const [what, endpoint, words] of bad) {
    it(`leave out an endpoint with ${what}, and use the others`, () => {
      const { kept, warnings } = endpoints([ip('10.244.1.7'), endpoint]);
      expect(kept).to.deep.equal(['10.244.1.7']);
      expect(warnings).to.have.length(1);
      const expected = `endpoint left out: endpoints[1].${words}`;
      expect(warnings[0]).to.satisfy((text: string) => text.startsWith(expected), warnings[0]);
      const stored = endpoints([ip('10.244.1.7'), endpoint], { resourceVersion: '1' });
      expect(stored.warnings).to.deep.equal([]);
    });
  }

  it('accept node names and hints of any valid length', () => {
    const node = `${long.slice(1)}.${long.slice(1)}`;
    const good = [one({ nodeName: node, hostname: 'web-0' }), hints('forNodes', node)];
    expect(endpoints(good).warnings).to.deep.equal([]);
  });

  it('want a domain of two parts in FQDN slices', () => {
    const { kept, warnings } = endpoints(
      [at('a.example.'), at('localhost'), at('A.example')],
      {},
      'FQDN',
    );
    expect(kept).to.deep.equal(['a.example.']);
    expect(warnings).to.have.length(2);
    expect(warnings[0]).to.include('should be a domain with at least two segments');
  });

  const whole: readonly (readonly [string, object, string])[] = [
    [
      '1,001 endpoints',
      { endpoints: Array.from({ length: 1001 }, () => ip('10.1.1.1')) },
      'endpoints: must have at most 1000 items, not 1001',
    ],
    [
      '20,001 ports',
      { ports: Array.from({ length: 20_001 }, (_, i) => ({ name: `p${i}`, port: 80 })) },
      'ports: must have at most 20000 items, not 20001',
    ],
    [
      'an application protocol with a blank',
      { ports: [{ port: 80, appProtocol: 'a b' }] },
      'ports[0].appProtocol: "a b": name part must consist of',
    ],
    [
      'one port name twice',
      {
        ports: [
          { name: 'a', port: 1 },
          { name: 'a', port: 1, protocol: 'UDP' },
        ],
      },
      'ports[1].name: "a": is the name of another port',
    ],
    ['port 0', { ports: [{ port: 0 }] }, 'ports[0].port: 0: must be a port number'],
    [
      'a port name in upper case',
      { ports: [{ name: 'HTTP', port: 80 }] },
      'ports[0].name: "HTTP": must be a DNS label',
    ],
    [
      'a label with a blank',
      { metadata: { name: 's-1', labels: { a: 'b c' } } },
      `metadata.labels: "b c": ${label}`,
    ],
    [
      'an annotation with a blank',
      { metadata: { name: 's-1', annotations: { 'a b': '' } } },
      'metadata.annotations: "a b": name part must',
    ],
    ['no address type', { addressType: undefined }, 'addressType: is required'],
    [
      'an address type in lower case',
      { addressType: 'ipv4' },
      'addressType: "ipv4": must be one of IPv4, IPv6, FQDN',
    ],
  ];
  for (const [what, rest, words] of whole) {
    it(`refuse a slice with ${what}`, () => {
      const { diagnostics } = loadObjects([
        {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: { name: 's-1' },
          addressType: 'IPv4',
          endpoints: [ip('10.244.1.7')],
          ports: PORTS,
          ...rest,
        },
      ]);
      expect(diagnostics).to.have.length(1);
      const expected = `EndpointSlice default/s-1 left out: ${words}`;
      expect(diagnostics[0]?.message.slice(0, expected.length)).to.equal(expected);
    });
  }

  it('name a few of many, and count the others', () => {
    const { warnings } = endpoints(Array.from({ length: 900 }, (_, i) => ip(`127.0.0.${i % 250}`)));
    expect(warnings).to.have.length(6);
    expect(warnings[5]).to.equal('895 more endpoints left out for such reasons');
  });

  it('do not hold for what an API server has stored', () => {
    const { kept, warnings } = endpoints([ip('169.254.20.10')], { resourceVersion: '1' });
    expect([kept, warnings]).to.deep.equal([['169.254.20.10'], []]);
  });

  const subsets: readonly (readonly [string, object, string])[] = [
    [
      'without addresses',
      { ports: PORTS },
      'subsets[0]: must specify `addresses` or `notReadyAddresses`',
    ],
    [
      'with a port without a number',
      { addresses: [{ ip: '10.1.1.1' }], ports: [{ name: 'a' }] },
      'subsets[0].ports[0].port: is required',
    ],
    [
      'with two ports of which one has no name',
      { addresses: [{ ip: '10.1.1.1' }], ports: [{ port: 1 }, { name: 'b', port: 2 }] },
      'subsets[0].ports[0].name: is required',
    ],
    [
      'with an application protocol with a blank',
      { addresses: [{ ip: '10.1.1.1' }], ports: [{ port: 1, appProtocol: 'a b' }] },
      'subsets[0].ports[0].appProtocol: "a b": name part',
    ],
  ];
  for (const [what, subset, words] of subsets) {
    it(`refuse Endpoints ${what}`, () => {
      const { diagnostics } = loadObjects([
        { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 's' }, subsets: [subset] },
      ]);
      expect(diagnostics).to.have.length(1);
      const expected = `Endpoints default/s left out: ${words}`;
      expect(diagnostics[0]?.message.slice(0, expected.length)).to.equal(expected);
    });
  }

  it('hold for Endpoints too', () => {
    const { snapshot, diagnostics } = loadObjects([
      service('s', { clusterIP: '10.96.6.11', ports: PORTS }),
      {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name: 's' },
        subsets: [
          {
            addresses: [
              { ip: '127.0.0.1' },
              { ip: '10.244.1.7' },
              { ip: '10.244.1.8', nodeName: 'N' },
              { ip: '10.244.1.9', hostname: 'a.b' },
            ],
            ports: PORTS,
          },
        ],
      },
    ]);
    const [slice] = snapshot.slices.get('default/s') ?? [];
    expect(slice?.endpoints.flatMap(({ addresses }) => addresses)).to.deep.equal(['10.244.1.7']);
    expect(diagnostics.filter(({ code }) => code === 'invalid-endpoint')).to.have.length(3);
  });
});
