/** Node ports on loopback addresses in mode nftables (KEP-6032): which rules there are. */

import { expect } from 'chai';
import { planFault } from '../../../src/backends/nftables/plan-check.js';
import { loadConfigValue } from '../../../src/config/load.js';
import {
  type Compiled,
  compileSnapshot,
  type Family,
  loadSnapshot,
  print,
  readRules,
} from '../../../src/index.js';
import type { Protocol } from '../../../src/model/types.js';
import { allChanges } from '../../../src/plan/plan.js';
import { service, slice } from '../../model/support.js';

const GATE = 'KubeProxyNFTablesLocalhostNodePorts';
const MAP =
  '{ type inet_proto . inet_service : verdict ; comment "localhost NodePorts rejected by kube-proxy" ; }';

interface Given {
  readonly profile?: string;
  readonly addresses?: readonly string[];
  readonly gate?: boolean;
  readonly family?: Family;
}

function compiled({ profile = '1.38', addresses = [], gate, family = 'IPv4' }: Given): Compiled {
  const { config } = loadConfigValue(
    {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      nodePortAddresses: addresses,
      featureGates: gate === undefined ? {} : { [GATE]: gate },
      profile,
    },
    'config',
  );
  const port = (name: string, protocol: Protocol, nodePort: number) => ({
    ...{ name, protocol, port: nodePort - 30_000, nodePort },
  });
  const isIpv4 = family === 'IPv4';
  const objects = [
    service('web', {
      type: 'NodePort',
      ...(isIpv4 ? {} : { ipFamilies: ['IPv6'], clusterIPs: ['fd00::1'], clusterIP: 'fd00::1' }),
      ports: [port('http', 'TCP', 30_080), port('dns', 'UDP', 30_053), port('no', 'SCTP', 30_099)],
    }),
    slice('web', [isIpv4 ? '10.1.0.1' : 'fd01::1'], {
      ...(isIpv4 ? {} : { addressType: 'IPv6' }),
      ports: [
        { name: 'http', protocol: 'TCP', port: 80 },
        { name: 'dns', protocol: 'UDP', port: 53 },
      ],
    }),
  ];
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const { snapshot } = loadSnapshot([{ name: 'list', text, stored: true }]);
  return compileSnapshot(snapshot, family, { config, mode: 'nftables', nodeName: 'here' });
}

/** The lines about loopback, without the table. */
function loopbackLines(given: Given): readonly string[] {
  const ip = given.family === 'IPv6' ? 'ip6' : 'ip';
  return print(compiled(given).ruleset)
    .split('\n')
    .filter((line) => line.includes('localhost-nodeport'))
    .map((line) => line.replace(` ${ip} kube-proxy`, ''));
}

function rejecting(protocols: readonly string[], loopback: string): readonly string[] {
  const ports: Readonly<Record<string, number>> = { udp: 30_053, tcp: 30_080, sctp: 30_099 };
  const elements = Object.entries(ports).filter(([proto]) => protocols.includes(proto));
  return [
    ...protocols.map((proto) => `add counter localhost-nodeport-rejected-${proto}`),
    ...protocols.map((proto) => `add chain localhost-nodeport-reject-${proto}`),
    `add map localhost-nodeport-reject-ports ${MAP}`,
    ...elements.map(
      ([proto, port]) =>
        `add element localhost-nodeport-reject-ports { ${proto} . ${port} : goto localhost-nodeport-reject-${proto} }`,
    ),
    ...protocols.map(
      (proto) =>
        `add rule localhost-nodeport-reject-${proto} counter name "localhost-nodeport-rejected-${proto}" reject`,
    ),
    `add rule nodeport-endpoints-check ${loopback} meta l4proto . th dport vmap @localhost-nodeport-reject-ports`,
  ];
}

describe('nftables: node ports on loopback addresses', () => {
  const all = ['tcp', 'udp', 'sctp'];
  const unserved = ['udp', 'sctp'];
  const rows: readonly (readonly [string, Given, readonly string[]])[] = [
    ['by default in 1.38', {}, rejecting(all, 'ip daddr 127.0.0.0/8')],
    ['of IPv6', { family: 'IPv6' }, rejecting(all, 'ip6 daddr ::1')],
    [
      'with 1.37 and its gate',
      { profile: '1.37', gate: true },
      rejecting(all, 'ip daddr 127.0.0.0/8'),
    ],
    [
      'where loopback is named',
      { addresses: ['primary', 'localhost'] },
      rejecting(unserved, 'ip daddr 127.0.0.0/8'),
    ],
    [
      'where loopback of the other family is named',
      { addresses: ['primary', '127.0.0.1/32'], family: 'IPv6' },
      rejecting(all, 'ip6 daddr ::1'),
    ],
    [
      'where every address holds it',
      { addresses: ['all'] },
      rejecting(all, 'ip daddr 127.0.0.0/8'),
    ],
    ['with 1.38 without its gate', { gate: false }, []],
    ['with 1.37', { profile: '1.37' }, []],
    ['with 1.36 and the gate, which it does not know', { profile: '1.36', gate: true }, []],
  ];
  for (const [what, given, expected] of rows)
    it(`have the rules of kube-proxy ${what}`, () => {
      expect(loopbackLines(given)).to.deep.equal(expected);
    });

  it('come second in the chain that they share with those without endpoints', () => {
    const rules = print(compiled({}).ruleset)
      .split('\n')
      .filter((line) => line.startsWith('add rule ip kube-proxy nodeport-endpoints-check'));
    expect(rules.map((line) => /@([a-z-]+)$/.exec(line)?.[1])).to.deep.equal([
      'no-endpoint-nodeports',
      'localhost-nodeport-reject-ports',
    ]);
  });

  it('show whether kube-proxy serves TCP there', () => {
    const settings = (addresses: readonly string[]) =>
      readRules('nftables', print(compiled({ addresses }).ruleset), { family: 'IPv4' }).settings();
    expect(settings(['primary', 'localhost'])).to.include({ loopbackListed: true });
    expect(settings(['primary'])).to.include({ loopbackListed: false });
  });

  it('are distinguished from those of other versions, and of the same ones with a gate', () => {
    const writersOf = (given: Given) =>
      readRules('nftables', print(compiled(given).ruleset), { family: 'IPv4' })
        .writers()
        .profiles.map(({ name }) => name);
    const gated = [`1.37 with ${GATE}`, '1.38'];
    expect(writersOf({})).to.deep.equal(gated);
    expect(writersOf({ profile: '1.37', gate: true })).to.deep.equal(gated);
    expect(writersOf({ gate: false })).to.deep.equal(['1.37', `1.38 without ${GATE}`]);
  });

  it('are created and deleted by plans that may come from a file', () => {
    const [one, other] = [compiled({}).ruleset, compiled({ gate: false }).ruleset];
    const plan = (from: typeof one, to: typeof one) =>
      readRules('nftables', print(from), { family: 'IPv4' }).plan(to);
    for (const found of [plan(one, other), plan(other, one)]) {
      expect(planFault(found)).to.equal('');
      const counters = allChanges(found).filter(({ kind }) => kind === 'counter');
      expect(counters.map(({ name }) => name)).to.have.members(
        ['tcp', 'udp', 'sctp'].map((proto) => `localhost-nodeport-rejected-${proto}`),
      );
    }
  });

  it('have counters of no other name in such plans', () => {
    const [one, other] = [compiled({}).ruleset, compiled({ gate: false }).ruleset];
    const { changes, ...rest } = readRules('nftables', print(other), { family: 'IPv4' }).plan(one);
    const renamed = (text: string): string => text.replaceAll('rejected-tcp', 'rejected-x');
    const strange = JSON.parse(renamed(JSON.stringify(changes)));
    expect(planFault({ ...rest, changes: strange })).to.include('not a line of this unit');
  });
});
