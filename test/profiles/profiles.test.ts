/**
 * Which profile a version has, what gates change in it, and what it does that no recorded case
 * shows.
 */

import { expect } from 'chai';
import { defaultConfig } from '../../src/config/defaults.js';
import { loadConfigValue } from '../../src/config/load.js';
import {
  type BackendName,
  type Compiled,
  compileSnapshot,
  loadSnapshot,
  print,
} from '../../src/index.js';
import { handBackHazard } from '../../src/profiles/leftovers.js';
import { profileOf, profileProblem } from '../../src/profiles/profiles.js';
import { PROFILES } from '../../src/profiles/table.js';
import type { EndpointSpec } from '../../src/snapshot/types.js';
import { service, slice } from '../model/support.js';
import { conformanceCases, loadCase } from '../support/cases/conformance-cases.js';

interface Given {
  readonly profile: string;
  readonly gates?: Readonly<Record<string, boolean>>;
  readonly mode?: BackendName;
}

function configured({ profile, gates = {} }: Given) {
  return loadConfigValue(
    {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      conntrack: { tcpBeLiberal: true },
      featureGates: gates,
      profile,
    },
    'config',
  );
}

function compiled(objects: readonly object[], given: Given): Compiled {
  const { config } = configured(given);
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const { snapshot } = loadSnapshot([{ name: 'list', text, stored: true }]);
  const { mode = 'iptables' } = given;
  return compileSnapshot(snapshot, 'IPv4', { config, mode, nodeName: 'here', zone: 'a' });
}

/** The endpoints of the only Service port. */
const targets = (objects: readonly object[], given: Given): readonly string[] =>
  compiled(objects, given).model.ports.flatMap(({ pools }) =>
    pools.cluster.map(({ target }) => target),
  );

describe('profiles', () => {
  it('drop INVALID packets from 1.29 on unless the machine was made liberal before', () => {
    const drops = (version: string, liberal: string): boolean => {
      const sysctls = { 'net.netfilter.nf_conntrack_tcp_be_liberal': liberal };
      const host = { nodeName: 'here', interfaces: [], nfacct: true, sysctls };
      const config = { ...defaultConfig, profile: profileOf(version)! };
      const { ruleset } = compileSnapshot(loadSnapshot([]).snapshot, 'IPv4', { config, host });
      return print(ruleset).includes('--ctstate INVALID');
    };
    expect([drops('1.28', '1'), drops('1.28', '0')]).to.deep.equal([true, true]);
    for (const version of ['1.29', '1.30', '1.31', '1.36', '1.38'])
      expect([drops(version, '1'), drops(version, '0')], version).to.deep.equal([false, true]);
  });

  it('are in the order of their versions, and each is found by its first one', () => {
    for (const [i, profile] of PROFILES.entries()) {
      const [minor, patch] = profile.from;
      expect(profileOf(`1.${minor}.${patch}`)).to.equal(profile);
      const [nextMinor, nextPatch] = PROFILES[i + 1]?.from ?? [Infinity, 0];
      expect(minor * 1000 + patch).to.be.lessThan(nextMinor * 1000 + nextPatch);
    }
  });

  const found: readonly (readonly [version: string, from: string | undefined])[] = [
    ['1.36', '36.0'],
    ['v1.36.2', '36.0'],
    ['1.32', '32.0'],
    ['1.38.4', '38.0'],
    ['1.27', undefined],
    ['1.39', undefined],
    ['v1.33.5+k3s1', '33.0'],
    ['v1.33.6-gke.100', '33.6'],
    ['v1.32.3-eks-abc123', '32.0'],
    ['1.36.2.1', undefined],
    ['1.33.05', undefined],
    ['1.33.0', '33.0'],
    ['1.36.2+', undefined],
    ['1.36-alpha', undefined],
    ['', undefined],
    ['2.36', undefined],
  ];
  for (const [version, from] of found)
    it(`of version ${JSON.stringify(version)}: ${from ?? 'none'}`, () => {
      expect(profileOf(version)?.from.join('.')).to.equal(from);
      expect(profileProblem(version) === '').to.equal(from !== undefined);
    });

  it('of 1.28 drop INVALID packets also where conntrack is liberal', () => {
    const drop = '-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP';
    expect(print(compiled([], { profile: '1.28' }).ruleset)).to.include(drop);
    expect(print(compiled([], { profile: '1.29' }).ruleset)).not.to.include('INVALID');
  });

  it('refuse mode nftables where they have none', () => {
    expect(() => compiled([], { profile: '1.30', mode: 'nftables' })).to.throw('alpha');
  });
});

describe('hints of older versions', () => {
  const endpoint = (address: string, hints: NonNullable<EndpointSpec['hints']>): EndpointSpec => ({
    addresses: [address],
    hints,
  });
  const zones = [
    endpoint('10.1.0.1', { forZones: [{ name: 'a' }] }),
    endpoint('10.1.0.2', { forZones: [{ name: 'b' }] }),
  ];
  const nodes = [
    endpoint('10.1.0.1', { forNodes: [{ name: 'here' }] }),
    endpoint('10.1.0.2', { forNodes: [{ name: 'there' }] }),
  ];
  const near = ['10.1.0.1:80'];
  const all = ['10.1.0.1:80', '10.1.0.2:80'];
  const annotated = (annotations: object): object => {
    const object = service('web');
    return { ...object, metadata: { ...object.metadata, annotations } };
  };
  const MODE = 'service.kubernetes.io/topology-mode';
  const HINTS = 'service.kubernetes.io/topology-aware-hints';
  const rows: readonly (readonly [
    what: string,
    given: Given,
    annotations: Readonly<Record<string, string>>,
    endpoints: readonly EndpointSpec[],
    expected: readonly string[],
  ])[] = [
    ['1.31, for zones', { profile: '1.31' }, {}, zones, near],
    ['1.30, for zones', { profile: '1.30' }, {}, zones, all],
    ['1.30, with the annotation', { profile: '1.30' }, { [MODE]: 'Auto', other: 'x' }, zones, near],
    ['1.30, with the older one', { profile: '1.30' }, { [HINTS]: 'auto' }, zones, near],
    [
      '1.30, the older one wins',
      { profile: '1.30' },
      { [MODE]: 'Auto', [HINTS]: 'disabled' },
      zones,
      all,
    ],
    [
      '1.30, with its gate',
      { profile: '1.30', gates: { ServiceTrafficDistribution: true } },
      {},
      zones,
      near,
    ],
    ['1.32, for nodes', { profile: '1.32' }, {}, nodes, all],
    ['1.33, for nodes', { profile: '1.33' }, {}, nodes, all],
    [
      '1.33, with its gate',
      { profile: '1.33', gates: { PreferSameTrafficDistribution: true } },
      {},
      nodes,
      near,
    ],
    ['1.34, for nodes', { profile: '1.34' }, {}, nodes, near],
    [
      '1.34, without its gate',
      { profile: '1.34', gates: { PreferSameTrafficDistribution: false } },
      {},
      nodes,
      all,
    ],
    [
      '1.35, whose gate is locked',
      { profile: '1.35', gates: { PreferSameTrafficDistribution: false } },
      {},
      nodes,
      near,
    ],
  ];
  for (const [what, given, annotations, endpoints, expected] of rows)
    it(`are followed as ${what}`, () => {
      expect(
        targets(
          [annotated(annotations), slice('web', endpoints, { ports: [{ port: 80 }] })],
          given,
        ),
      ).to.deep.equal(expected);
    });

  it('are reported only where a gate decides nothing', () => {
    const codes = (profile: string) =>
      configured({ profile, gates: { PreferSameTrafficDistribution: true } }).diagnostics.map(
        ({ code }) => code,
      );
    expect(codes('1.34')).to.deep.equal([]);
    expect(codes('1.36')).to.deep.equal(['config-feature-gate-ignored']);
  });
});

describe('addresses that are not canonical', () => {
  it('are in names and comments as kube-proxy 1.30 was recorded to write them', () => {
    const found = conformanceCases().find(({ name }) => name.startsWith('198-'))!;
    const rules = (profile: string): string =>
      print(loadCase(found, 'iptables', { profile }).compile('IPv4').ruleset);
    const drawn =
      '-A KUBE-SVC-3YCV4VVNQJZNVC2Q -m comment --comment "staging/gateway97 -> 010.100.009.010:2256" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-PYOMRSQH27XAUGDX\n';
    const translated =
      '-A KUBE-SEP-PYOMRSQH27XAUGDX -p tcp -m comment --comment "staging/gateway97" -m tcp -j DNAT --to-destination 10.100.9.10:2256\n';
    expect(rules('1.30')).to.include(drawn).and.include(translated);
    expect(rules('1.31')).not.to.include('010.100');
  });

  it('are other ones than the canonical ones, in names and order alike', () => {
    const ips = ['10.1.0.09', '10.1.0.9', '10.1.0.8'];
    const slices = ips.map((ip, i) => {
      const one = slice('web', [ip], { ports: [{ port: 80 }] });
      return { ...one, metadata: { ...one.metadata, name: `web-${i}` } };
    });
    const [web, all] = [service('web'), slices];
    const texts = (profile: string) =>
      compiled([web, ...all], { profile }).model.ports.flatMap(({ pools }) =>
        pools.cluster.map(({ written, target }) => [written, target]),
      );
    expect(texts('1.30')).to.deep.equal([
      ['10.1.0.09:80', '10.1.0.9:80'],
      [undefined, '10.1.0.8:80'],
      [undefined, '10.1.0.9:80'],
    ]);
    expect(texts('1.31')).to.deep.equal([
      [undefined, '10.1.0.8:80'],
      [undefined, '10.1.0.9:80'],
    ]);
  });
});

describe('labels of older versions', () => {
  const HEADLESS = { 'service.kubernetes.io/headless': '' };
  const OTHER = { 'service.kubernetes.io/service-proxy-name': 'x' };
  const labelled = (object: { readonly metadata: object }, labels: object): object => {
    const { metadata } = object;
    const before = 'labels' in metadata ? (metadata.labels as object) : {};
    return { ...object, metadata: { ...metadata, labels: { ...before, ...labels } } };
  };
  const web = service('web');
  const endpoints = slice('web', ['10.1.0.1'], { ports: [{ port: 80 }] });

  it('leave Services and slices to others, both by either label', () => {
    const count = (profile: string, labels: object) => [
      compiled([labelled(web, labels), endpoints], { profile }).model.ports.length,
      targets([web, labelled(endpoints, labels)], { profile }).length,
    ];
    expect(count('1.35', HEADLESS)).to.deep.equal([0, 0]);
    expect(count('1.35', OTHER)).to.deep.equal([0, 0]);
    expect(count('1.36', HEADLESS)).to.deep.equal([1, 0]);
    expect(count('1.36', OTHER)).to.deep.equal([0, 1]);
    const said = (profile: string, labels: object, part: 'web' | 'slice') =>
      compiled(part === 'web' ? [labelled(web, labels)] : [web, labelled(endpoints, labels)], {
        profile,
      }).diagnostics.filter(({ message }) => message.includes('up to 1.35')).length;
    expect([said('1.35', HEADLESS, 'web'), said('1.35', OTHER, 'slice')]).to.deep.equal([1, 1]);
    expect([said('1.36', HEADLESS, 'web'), said('1.36', OTHER, 'slice')]).to.deep.equal([0, 0]);
  });
});

describe('a table that goes from one version to another and back', () => {
  const hazard = (from: string, to: string): string =>
    handBackHazard([profileOf(from)!], profileOf(to)!);

  it('is reported where chains of endpoints are written that an older one keeps', () => {
    expect(hazard('1.35', '1.36')).to.include('does not masquerade hairpins');
    expect(hazard('1.35', '1.34')).to.equal('');
    expect(hazard('1.36', '1.37')).to.equal('');
    expect(hazard('1.36', '1.35')).to.equal('');
  });
});
