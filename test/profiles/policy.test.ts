/** What the same objects mean to each version of kube-proxy, where versions differ. */

import { expect } from 'chai';
import { loadConfigValue } from '../../src/config/load.js';
import { compileSnapshot } from '../../src/index.js';
import { PROFILES } from '../../src/profiles/table.js';
import type { EndpointSpec, Service } from '../../src/snapshot/types.js';
import { node, service, slice, snapshotOf, withIngress } from '../model/support.js';

const AT = { ports: [{ port: 80 }] };
const TERMINATING = { ready: false, serving: true, terminating: true };

/** An endpoint of another node, `10.1.0.LAST`. */
const endpoint = (last: number, fields: Partial<EndpointSpec> = {}): EndpointSpec => ({
  ...{ addresses: [`10.1.0.${last}`], nodeName: 'other', ...fields },
});

/** A second slice of a Service, which comes after the first. */
const second = (name: string, ...endpoints: readonly EndpointSpec[]) => {
  const one = slice(name, endpoints, AT);
  return { ...one, metadata: { ...one.metadata, name: `${name}-2` } };
};

const OTHERS = 'service.kubernetes.io/service-proxy-name';
const owned = slice('owned', [endpoint(1)], AT);
const balancer = withIngress(service('mode'), '192.0.2.1', '192.0.2.2');
const OBJECTS = [
  node(['192.168.0.1'], {
    metadata: { name: 'here', labels: { 'topology.kubernetes.io/zone': 'a' } },
  }),
  service('zone'),
  slice(
    'zone',
    [
      endpoint(1, { hints: { forZones: [{ name: 'a' }] } }),
      endpoint(2, { hints: { forZones: [{ name: 'b' }] } }),
    ],
    AT,
  ),
  service('node'),
  slice(
    'node',
    [
      endpoint(1, { nodeName: 'here', hints: { forNodes: [{ name: 'here' }] } }),
      endpoint(2, { hints: { forNodes: [{ name: 'other' }] } }),
    ],
    AT,
  ),
  {
    ...balancer,
    spec: { ...balancer.spec, type: 'LoadBalancer' },
    status: {
      loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'Proxy' }, { ip: '192.0.2.2' }] },
    },
  } satisfies Service,
  slice('mode', [endpoint(1)], AT),
  withIngress(
    service('range', {
      type: 'LoadBalancer',
      loadBalancerSourceRanges: ['10.0.0.0/8', '0.0.0.0/0'],
    }),
    '192.0.2.4',
  ),
  slice('range', [endpoint(1)], AT),
  // Ready elsewhere, and after that terminating here.
  service('local'),
  slice('local', [endpoint(1)], AT),
  second('local', endpoint(1, { nodeName: 'here', conditions: TERMINATING }), endpoint(9)),
  // Terminating, and after that ready, both elsewhere.
  service('ready'),
  slice('ready', [endpoint(1, { conditions: TERMINATING })], AT),
  second('ready', endpoint(1), endpoint(9)),
  service('external', { externalIPs: ['198.51.100.7'] }),
  slice('external', [endpoint(1)], AT),
  service('headless', {}, { 'service.kubernetes.io/headless': '' }),
  slice('headless', [endpoint(1)], AT),
  service('owned'),
  {
    ...owned,
    metadata: { ...owned.metadata, labels: { ...owned.metadata.labels, [OTHERS]: 'x' } },
  },
];

type Meaning = Readonly<Record<string, string>>;

/** Of each Service its endpoints, and addresses and ranges beside its ClusterIP. */
function meaningOf(profile: string, mode: 'iptables' | 'nftables', gates: object): Meaning {
  const { config } = loadConfigValue(
    {
      ...{ apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' },
      ...{ profile, featureGates: gates },
    },
    'config',
  );
  const { model } = compileSnapshot(snapshotOf(...OBJECTS), 'IPv4', {
    ...{ config, mode, nodeName: 'here' },
  });
  return Object.fromEntries(
    model.ports.map(({ service: name, pools, loadBalancerIps, externalIps, sourceRanges }) => [
      name.replace('shop/', ''),
      [
        ...pools.cluster.map(({ ip }) => ip.replace('10.1.0', '')),
        ...[...loadBalancerIps, ...externalIps, ...sourceRanges],
      ].join(' '),
    ]),
  );
}

const FROM_1_36: Meaning = {
  ...{ external: '.1 198.51.100.7', headless: '.1', local: '.1 .9', mode: '.1 192.0.2.2' },
  ...{ node: '.1', owned: '.1', range: '.1 192.0.2.4', ready: '.1 .9', zone: '.1' },
};
const { headless: _headless, ...WITHOUT_HEADLESS } = FROM_1_36;
const FROM_1_34: Meaning = { ...WITHOUT_HEADLESS, local: '.9', ready: '.9', owned: '' };
const FROM_1_31: Meaning = {
  ...FROM_1_34,
  node: '.1 .2',
  range: '.1 192.0.2.4 10.0.0.0/8 0.0.0.0/0',
};
const OF_1_30: Meaning = { ...FROM_1_31, zone: '.1 .2' };
const TO_1_29: Meaning = { ...OF_1_30, mode: '.1 192.0.2.1 192.0.2.2' };

/** By the first version of each meaning; the newest one first. */
const MEANINGS: readonly (readonly [minor: number, meaning: Meaning])[] = [
  [36, FROM_1_36],
  [34, FROM_1_34],
  [31, FROM_1_31],
  [30, OF_1_30],
  [28, TO_1_29],
];

describe('what objects mean to each version', () => {
  for (const { name, from, nftables } of PROFILES)
    it(`${name}, in both modes`, () => {
      const [, expected] = MEANINGS.find(([minor]) => minor <= from[0])!;
      const version = `1.${from.join('.')}`;
      expect(meaningOf(version, 'iptables', {})).to.deep.equal(expected);
      if (typeof nftables === 'string') return;
      expect(meaningOf(version, 'nftables', {})).to.deep.equal(expected);
    });

  const gates: readonly (readonly [version: string, gates: object, meaning: Meaning])[] = [
    ['1.28', { LoadBalancerIPMode: true }, TO_1_29],
    ['1.29', { LoadBalancerIPMode: true }, OF_1_30],
    ['1.30', { LoadBalancerIPMode: false }, OF_1_30],
    ['1.30', { ServiceTrafficDistribution: true }, FROM_1_31],
    ['1.33', { PreferSameTrafficDistribution: true }, { ...FROM_1_31, node: '.1' }],
    ['1.34', { PreferSameTrafficDistribution: false }, { ...FROM_1_34, node: '.1 .2' }],
    ['1.35', { PreferSameTrafficDistribution: false }, FROM_1_34],
    ['1.35', { AllowServiceExternalIPs: false }, FROM_1_34],
    ['1.36', { AllowServiceExternalIPs: false }, { ...FROM_1_36, external: '.1' }],
  ];
  for (const [version, given, expected] of gates)
    it(`${version} with ${JSON.stringify(given)}`, () => {
      expect(meaningOf(version, 'iptables', given)).to.deep.equal(expected);
    });
});
