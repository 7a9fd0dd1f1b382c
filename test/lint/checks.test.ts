/** What decides whether a rule is broken, case by case. */

import { expect } from 'chai';
import { defaultConfig } from '../../src/config/defaults.js';
import { loadConfigValue } from '../../src/config/load.js';
import type { ProxyConfig } from '../../src/config/types.js';
import { asksForProxyProtocol } from '../../src/lint/checks/load-balancers.js';
import { parseCidr } from '../../src/net/cidr.js';
import { service } from '../snapshot/support.js';
import { type LintOptions, lintObjects } from './support.js';

const SPEC = { clusterIP: '10.96.0.1', ports: [{ port: 80 }] };

interface EndpointWords {
  readonly ip: string;
  readonly zones?: readonly string[];
  readonly nodes?: readonly string[];
  readonly ready?: boolean;
  readonly on?: string;
}

function slice(endpoints: readonly EndpointWords[], family = 'IPv4'): object {
  const names = (list: readonly string[] = []): readonly object[] => list.map((name) => ({ name }));
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `s-${family.toLowerCase()}`, labels: { 'kubernetes.io/service-name': 's' } },
    addressType: family,
    endpoints: endpoints.map(({ ip, zones, nodes, ready = true, on }) => ({
      addresses: [ip],
      conditions: { ready },
      ...(on === undefined ? {} : { nodeName: on }),
      hints: { forZones: names(zones), forNodes: names(nodes) },
    })),
    ports: [{ port: 8080 }],
  };
}

function node(name: string, zone?: string): object {
  const labels = zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, status: { addresses: [] } };
}

/** The messages of one rule. */
function messages(
  code: string,
  objects: readonly object[],
  options: LintOptions = {},
): readonly string[] {
  return lintObjects(objects, options)
    .filter((finding) => finding.code === code)
    .map(({ message }) => message);
}

describe('lint: hints-ignored', () => {
  const on = (name: string): LintOptions => ({ nodeName: name });
  const hinted = [
    { ip: '10.1.1.1', zones: ['a'] },
    { ip: '10.1.1.2', zones: ['b'] },
  ];
  const ignored = (
    endpoints: readonly EndpointWords[],
    options: LintOptions,
    spec: object = {},
  ): readonly string[] =>
    messages(
      'hints-ignored',
      [
        service('s', { ...SPEC, ...spec }),
        slice(endpoints),
        node('n1', 'a'),
        node('n3', 'c'),
        node('n0'),
      ],
      options,
    );

  it('names an endpoint without a hint, whatever the node is', () => {
    const mixed = [...hinted, { ip: '10.1.1.3' }];
    const expected = [
      'its topology hints are ignored: endpoint 10.1.1.3:8080 is ready and has none',
    ];
    for (const options of [{}, on('n1'), on('n0')])
      expect(ignored(mixed, options)).to.deep.equal(expected);
    expect(ignored([...hinted, { ip: '10.1.1.3', ready: false }], on('n1'))).to.deep.equal([]);
  });

  it('names the zone that no hint is for, and a node without a zone', () => {
    expect(ignored(hinted, on('n1'))).to.deep.equal([]);
    expect(ignored(hinted, on('n3'))).to.deep.equal([
      'its topology hints are ignored: none of them is for zone c, where node n3 is',
    ]);
    expect(ignored(hinted, on('n0'))).to.deep.equal([
      'its topology hints are ignored: the zone of node n0 is unknown',
    ]);
    // Outside of the cluster no zone is meant.
    expect(ignored(hinted, {})).to.deep.equal([]);
  });

  it('says nothing where node hints are for other nodes, and zone hints count', () => {
    const both = [{ ip: '10.1.1.1', zones: ['a'], nodes: ['n9'] }];
    expect(ignored(both, on('n1'))).to.deep.equal([]);
  });

  it('names policy Local, which looks at no hint', () => {
    const local = [{ ip: '10.1.1.1', zones: ['a'], on: 'n1' }];
    expect(ignored(local, on('n1'), { internalTrafficPolicy: 'Local' })).to.deep.equal([
      'its topology hints are ignored: internalTrafficPolicy Local does not look at them',
    ]);
  });

  it('distinguishes a distribution without hints from one that has them', () => {
    const wish = service('s', { ...SPEC, trafficDistribution: 'PreferSameZone' });
    const code = 'distribution-without-hints';
    expect(messages(code, [wish, slice([{ ip: '10.1.1.1' }])])).to.have.length(1);
    expect(messages(code, [wish, slice(hinted)])).to.deep.equal([]);
    expect(messages(code, [wish, slice([{ ip: '10.1.1.1', ready: false }])])).to.deep.equal([]);
    expect(messages(code, [service('s', SPEC), slice([{ ip: '10.1.1.1' }])])).to.deep.equal([]);
  });
});

describe('lint: half-dual-stack', () => {
  const dual = service('s', {
    clusterIP: '10.96.0.1',
    clusterIPs: ['10.96.0.1', 'fd00:96::1'],
    ipFamilies: ['IPv4', 'IPv6'],
    ipFamilyPolicy: 'RequireDualStack',
    ports: [{ port: 80 }],
  });
  const half = (ready4: boolean, ready6: boolean): readonly string[] =>
    messages('half-dual-stack', [
      dual,
      slice([{ ip: '10.1.1.1', ready: ready4 }]),
      slice([{ ip: 'fd00::1', ready: ready6 }], 'IPv6'),
    ]);

  it('names the family that nobody serves, where the other is served', () => {
    expect(half(true, true)).to.deep.equal([]);
    expect(half(false, false)).to.deep.equal([]);
    expect(half(true, false)).to.deep.equal([
      'has endpoints of IPv4 that are ready, and none of IPv6',
    ]);
    expect(half(false, true)).to.deep.equal([
      'has endpoints of IPv6 that are ready, and none of IPv4',
    ]);
    // No slice at all is another rule.
    expect(messages('half-dual-stack', [dual, slice([{ ip: '10.1.1.1' }])])).to.deep.equal([]);
  });
});

describe('lint: proxy-protocol-vip', () => {
  it('knows the annotations of providers by what they have in common', () => {
    const asking: readonly (readonly [string, string])[] = [
      ['service.beta.kubernetes.io/aws-load-balancer-proxy-protocol', '*'],
      [
        'service.beta.kubernetes.io/aws-load-balancer-target-group-attributes',
        'preserve_client_ip.enabled=true,proxy_protocol_v2.enabled=true',
      ],
      ['service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol', 'true'],
      ['service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v2', '*'],
      ['load-balancer.hetzner.cloud/uses-proxyprotocol', 'true'],
      ['loadbalancer.openstack.org/proxy-protocol', 'true'],
      ['service.beta.kubernetes.io/linode-loadbalancer-default-proxy-protocol', 'v2'],
      ['service.kubernetes.io/ibm-load-balancer-cloud-provider-enable-features', 'proxy-protocol'],
    ];
    for (const [key, value] of asking) expect(asksForProxyProtocol(key, value), key).to.equal(true);
    const others: readonly (readonly [string, string])[] = [
      ['service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol', 'false'],
      ['service.beta.kubernetes.io/linode-loadbalancer-default-proxy-protocol', 'none'],
      ['service.beta.kubernetes.io/azure-pls-proxy-protocol', 'true'],
      [
        'service.beta.kubernetes.io/aws-load-balancer-target-group-attributes',
        'proxy_protocol_v2.enabled=false',
      ],
      ['example.org/proxy', 'true'],
    ];
    for (const [key, value] of others)
      expect(asksForProxyProtocol(key, value), key).to.equal(false);
  });

  it('asks for an address that nodes answer', () => {
    const balanced = (ingress: object): object => ({
      ...service(
        's',
        { ...SPEC, type: 'LoadBalancer' },
        { annotations: { 'loadbalancer.openstack.org/proxy-protocol': 'true' } },
      ),
      status: { loadBalancer: { ingress: [ingress] } },
    });
    const found = (ingress: object): readonly string[] =>
      messages('proxy-protocol-vip', [balanced(ingress)]);
    expect(found({ ip: '192.0.2.1' })).to.have.length(1);
    expect(found({ ip: '192.0.2.1', ipMode: 'VIP' })).to.have.length(1);
    expect(found({ ip: '192.0.2.1', ipMode: 'Proxy' })).to.deep.equal([]);
    expect(found({ hostname: 'lb.example.org' })).to.deep.equal([]);
  });
});

const HOST = { nodeName: 'n1', nfacct: false, interfaces: [] };

describe('lint: node ports', () => {
  const ports = (nodePort: number, rest: object = {}): object =>
    service('s', { ...SPEC, type: 'NodePort', ports: [{ port: 80, nodePort }], ...rest });
  const sysctls = {
    'net.ipv4.ip_local_port_range': '32768 60999',
    'net.ipv4.ip_local_reserved_ports': '33000-33002,40000',
  };

  it('lie in the range of ephemeral ports unless they are reserved', () => {
    const isFound = (port: number): boolean =>
      messages('node-port-ephemeral', [ports(port)], { host: { ...HOST, sysctls } }).length > 0;
    for (const port of [32768, 60999, 32999, 33003])
      expect(isFound(port), `${port}`).to.equal(true);
    for (const port of [32767, 61000, 33000, 33001, 33002, 40000])
      expect(isFound(port), `${port}`).to.equal(false);
    expect(messages('node-port-ephemeral', [ports(40001)], { host: HOST })).to.deep.equal([]);
    const strange = {
      'net.ipv4.ip_local_port_range': 'x',
      'net.ipv4.ip_local_reserved_ports': '-',
    };
    const host = { ...HOST, sysctls: strange };
    expect(messages('node-port-ephemeral', [ports(40001)], { host })).to.deep.equal([]);
  });

  it('count for health checks too, where the proxy itself listens', () => {
    const balancer = ports(30080, {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 40001,
    });
    const listening = [{ protocol: 'TCP' as const, address: '::', port: 40001 }];
    const host = { ...HOST, sysctls, listening };
    expect(messages('node-port-ephemeral', [balancer], { host })).to.have.length(1);
    expect(messages('node-port-listening', [balancer], { host })).to.deep.equal([]);
  });

  it('are those of a program with the same protocol', () => {
    const isFound = (protocol: 'TCP' | 'UDP', port: number): boolean => {
      const listening = [{ protocol, address: '0.0.0.0', port }];
      const host = { ...HOST, listening };
      return messages('node-port-listening', [ports(30080)], { host }).length > 0;
    };
    expect([isFound('TCP', 30080), isFound('UDP', 30080), isFound('TCP', 30081)]).to.deep.equal([
      true,
      false,
      false,
    ]);
  });
});

describe('lint: node-port-listening', () => {
  const objects = [
    service('s', { ...SPEC, type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }),
    slice([{ ip: '10.1.1.1' }]),
  ];
  /** Whether a program at this address is found, with a configuration. */
  const isFound = (address: string, nodePortAddresses: readonly string[]): boolean => {
    const { config } = loadConfigValue(
      {
        ...{ apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' },
        ...{ mode: 'nftables', profile: '1.38', nodePortAddresses },
      },
      'config',
    );
    const listening = [{ protocol: 'TCP' as const, address, port: 30080 }];
    const options = { host: { ...HOST, listening }, config, mode: 'nftables' } as const;
    return messages('node-port-listening', objects, options).length > 0;
  };

  it('does not take the proxy itself for a program, where it serves node ports on loopback', () => {
    expect(isFound('127.0.0.1', ['primary', 'localhost'])).to.equal(false);
    expect(isFound('0.0.0.0', ['primary', 'localhost'])).to.equal(true);
    expect(isFound('127.0.0.1', ['primary'])).to.equal(true);
    expect(isFound('127.0.0.1', ['primary', '::1/128'])).to.equal(true);
  });
});

describe('lint: health-port-collision', () => {
  const balancer = (name: string, nodePort: number, healthCheckNodePort: number): object =>
    service(name, {
      ...SPEC,
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      healthCheckNodePort,
      ports: [{ port: 80, nodePort }],
    });
  const found = (...objects: readonly object[]): readonly string[] =>
    messages('health-port-collision', objects);

  it('names the Service that has the port too', () => {
    expect(found(balancer('a', 30001, 30100), balancer('b', 30002, 30101))).to.deep.equal([]);
    expect(found(balancer('a', 30001, 30100), balancer('b', 30002, 30100))).to.deep.equal([
      'health check port 30100 is one of Service default/a too',
    ]);
    expect(found(balancer('a', 30001, 30002), balancer('b', 30002, 30101))).to.deep.equal([
      'health check port 30002 is one of Service default/b too',
    ]);
  });
});

describe('lint: networks-overlap', () => {
  const cidr = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'kubernetes' },
    spec: { cidrs: ['10.96.0.0/16'] },
  };
  const nodeWith = (podCIDRs: readonly string[]): object => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1' },
    spec: { podCIDRs },
  });
  const found = (objects: readonly object[], options: LintOptions = {}): readonly string[] =>
    messages('networks-overlap', objects, options).map((message) => message.split(',')[0] ?? '');

  it('compares networks of cluster IPs with those of Pods and of the machine', () => {
    expect(found([cidr, nodeWith(['10.244.1.0/24', '10.96.7.0/24', '10.0.0.0/8'])])).to.deep.equal([
      '10.96.7.0/24',
      '10.0.0.0/8',
    ]);
    const interfaces = [
      { name: 'eth0', addresses: ['10.96.200.7/24', '192.168.0.1/24', 'fe80::1/64'] },
      { name: 'kube-ipvs0', addresses: ['10.96.0.1/32'] },
    ];
    expect(found([cidr], { host: { ...HOST, interfaces } })).to.deep.equal(['10.96.200.0/24']);
    const serviceCidrs = ['fd00:96::/112'].flatMap((text) => parseCidr(text) ?? []);
    expect(found([nodeWith(['fd00::/16'])], { serviceCidrs })).to.deep.equal(['fd00::/16']);
    expect(found([nodeWith(['10.96.7.0/24'])])).to.deep.equal([]);
  });
});

describe('lint: the machine', () => {
  it('needs the modules of its mode and its families', () => {
    const host = { ...HOST, missingModules: ['xt_recent', 'nft_numgen', 'ip6t_REJECT'] };
    const found = (mode: 'iptables' | 'nftables', objects: readonly object[]): string =>
      messages('missing-module', objects, { host, mode }).join();
    const four = [service('s', SPEC)];
    expect(found('iptables', four)).to.include('xt_recent').and.to.not.include('nft_numgen');
    expect(found('nftables', four)).to.include('nft_numgen').and.to.not.include('xt_recent');
  });

  it('has both variants where both have tables of iptables', () => {
    const found = (legacy: readonly string[], nft: readonly string[]): number =>
      messages('both-iptables-variants', [], { host: { ...HOST, tables: { legacy, nft } } }).length;
    expect(found(['ip nat'], ['ip filter'])).to.equal(1);
    expect(found([], ['ip filter'])).to.equal(0);
    expect(found(['ip nat'], [])).to.equal(0);
    expect(found(['ip nat'], ['ip kube-proxy', 'inet firewalld'])).to.equal(0);
  });

  it('takes name servers for addresses that no Service may have', () => {
    const objects = [service('s', { ...SPEC, externalIPs: ['192.0.2.53'] })];
    const host = { ...HOST, nameservers: ['192.0.2.53', 'x'] };
    expect(messages('external-ip-overlap', objects, { host })).to.deep.equal([
      'external IP 192.0.2.53 is a name server of n1',
    ]);
    expect(messages('external-ip-overlap', objects, { host: HOST })).to.deep.equal([]);
  });

  it('says how many clients its lists hold', () => {
    const objects = [service('s', { ...SPEC, sessionAffinity: 'ClientIP' })];
    const found = (options: LintOptions): string =>
      messages('affinity-list-limit', objects, options).join();
    expect(found({})).to.match(/^at most 100 /);
    expect(found({ host: { ...HOST, recentListSize: 5000 } })).to.match(/^at most 5000 /);
    expect(found({ mode: 'nftables' })).to.match(/^at most 65535 /);
    const external = { type: 'ExternalName', externalName: 'db.example', ports: [{ port: 80 }] };
    const others = { 'service.kubernetes.io/service-proxy-name': 'other' };
    const without = [
      service('e', { ...external, sessionAffinity: 'ClientIP' }),
      service('h', { ...SPEC, clusterIP: 'None', sessionAffinity: 'ClientIP' }),
      service('p', { ...SPEC, sessionAffinity: 'ClientIP' }, { labels: others }),
    ];
    expect(messages('affinity-list-limit', without)).to.deep.equal([]);
  });
});

describe('lint: fwmark-overlap', () => {
  const found = (mark: string, mask: string, masqueradeBit = 14): number => {
    const iptables = { ...defaultConfig.iptables, masqueradeBit };
    const routingMarks = [{ mark, mask, rule: `100: from all fwmark ${mark}/${mask} lookup 1` }];
    const options = { config: { ...defaultConfig, iptables }, host: { ...HOST, routingMarks } };
    return messages('fwmark-overlap', [], options).length;
  };

  it('asks whether the bit is one of the mark', () => {
    expect(found('0x4000', '0x4000')).to.equal(1);
    expect(found('0xca6c', '0xffffffff')).to.equal(1);
    expect(found('0x80000', '0xff0000')).to.equal(0);
    expect(found('0x4000', '0xff')).to.equal(0);
    expect(found('0x4000', '0x4000', 15)).to.equal(0);
    expect(found('0x80000000', '0xffffffff', 31)).to.equal(1);
  });
});

describe('lint: the configuration', () => {
  const objects = [
    service('s', {
      clusterIP: '10.96.0.1',
      clusterIPs: ['10.96.0.1', 'fd00:96::1'],
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'RequireDualStack',
      ports: [{ port: 80 }],
    }),
  ];
  const found = (code: string, config: Partial<ProxyConfig>, file = 'c.conf'): readonly string[] =>
    messages(code, objects, { config: { ...defaultConfig, ...config }, files: { config: file } });

  it('needs a network of Pods for each family in use, where it recognises Pods by it', () => {
    const code = 'no-cluster-cidr';
    expect(found(code, {})).to.have.length(2);
    const cidrs = ['10.244.0.0/16'] as unknown as ProxyConfig['clusterCidrs'];
    expect(found(code, { clusterCidrs: cidrs })).to.deep.equal([
      'has no network of IPv6: traffic of Pods cannot be recognised',
    ]);
    expect(found(code, { detectLocalMode: 'NodeCIDR' })).to.deep.equal([]);
    const masqueraded = { iptables: { ...defaultConfig.iptables, masqueradeAll: true } };
    expect(found(code, masqueraded)).to.deep.equal([]);
    expect(messages(code, objects)).to.deep.equal([]);
  });

  it('needs a mode', () => {
    expect(found('mode-unset', {})).to.have.length(1);
    expect(found('mode-unset', { mode: 'nftables' })).to.deep.equal([]);
    expect(messages('mode-unset', objects)).to.deep.equal([]);
  });
});
