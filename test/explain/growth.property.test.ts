/** Hostile objects and rules cost a proof time in proportion to their size. */

import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import { settingOf } from '../../src/explain/expected.js';
import { machineOf } from '../../src/explain/machine.js';
import { type VerifyResult, verify } from '../../src/explain/verify.js';
import { type BackendName, compileSnapshot, print, readRules } from '../../src/index.js';
import { Router } from '../../src/netfilter/route.js';
import type { KubernetesObject } from '../../src/snapshot/types.js';
import { service, slice, snapshotOf, withIngress } from '../model/support.js';
import { growth, LINEAR } from '../support/growth.js';

function list<T>(count: number, item: (i: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, i) => item(i));
}

/** A distinct address of 10.0.0.0/8. */
function ip(i: number): string {
  return `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
}

/** The rules that this mode writes for objects, and what they promise. */
interface Prepared {
  readonly verify: () => VerifyResult;
}

type Objects = readonly KubernetesObject[];

function prepared(
  mode: BackendName,
  objects: Objects,
  change: (rules: string) => string = (rules) => rules,
): Prepared {
  const { model, ruleset } = compileSnapshot(snapshotOf(...objects), 'IPv4', { mode });
  const machine = machineOf('IPv4', HOST, undefined);
  const setting = settingOf(model, machine, BACKENDS[mode].behaviour);
  const program = readRules(mode, change(print(ruleset)), { family: 'IPv4' }).program();
  return { verify: () => verify(new Router(program, machine), model, setting) };
}

const HOST = {
  nodeName: 'n',
  nfacct: false,
  interfaces: [{ name: 'eth0', addresses: ['192.168.0.10/24'] }],
};

const ONE = [service('s'), slice('s', ['10.1.0.1', '10.1.0.2'])] as const;

/** Rules of somebody else in a chain that packets to Services pass. */
function foreign(
  count: number,
  rules: (i: number) => string,
  chains = '',
): (text: string) => string {
  const lines = list(count, rules).join('');
  return (text) => text.replace('*filter\n', `*filter\n:FORWARD ACCEPT [0:0]\n${chains}${lines}`);
}

/** Objects that both modes write rules for. */
const OBJECTS: readonly (readonly [string, number, (count: number) => Objects])[] = [
  [
    'Services on one address',
    100,
    (n) =>
      list(n, (i) => [
        service(`s${i}`, {
          clusterIP: ip(65_536 + i),
          externalIPs: ['192.0.2.1'],
          ports: [{ port: 1000 + i, protocol: 'TCP' }],
        }),
        slice(`s${i}`, ['10.1.0.1']),
      ]).flat(),
  ],
  ['endpoints of a Service', 100, (n) => [service('s'), slice('s', list(n, ip))]],
  [
    'source ranges of a Service',
    100,
    (n) => [
      withIngress(
        service('s', {
          type: 'LoadBalancer',
          loadBalancerSourceRanges: list(n, (i) => `${ip(2 * i)}/32`),
        }),
        '192.0.2.1',
      ),
      slice('s', ['10.1.0.1']),
    ],
  ],
];

/** Rules that only iptables has so. */
const RULES: readonly (readonly [string, number, (count: number) => (text: string) => string])[] = [
  [
    'rules of others that lead from chain to chain',
    100,
    (n) =>
      foreign(
        n,
        (i) => `-A ${i === 0 ? 'FORWARD' : `X${i - 1}`} -s ${ip(i)}/32 -g X${i}\n`,
        list(n, (i) => `:X${i} - [0:0]\n`).join(''),
      ),
  ],
  [
    'sources that rules of others drop',
    100,
    (n) => foreign(n, (i) => `-A FORWARD -s ${ip(2 * i)}/32 -j DROP\n`),
  ],
  [
    'sources that rules of others send to a chain and back',
    100,
    (n) => foreign(n, (i) => `-A FORWARD -s ${ip(2 * i)}/32 -j X\n`, ':X - [0:0]\n'),
  ],
  [
    'marks that rules of others give to sources',
    50,
    (n) =>
      foreign(n, (i) => `-A FORWARD -s ${ip(2 * i)}/32 -j MARK --set-xmark 0x${i + 1}/0xffff\n`),
  ],
  [
    'conditions of others that nobody understands',
    10,
    (n) => foreign(n, (i) => `-A FORWARD -m example --level ${i} -j DROP\n`),
  ],
  [
    'chains of others that lead twice to the next one',
    25,
    (n) =>
      foreign(
        n,
        (i) => `-A ${i === 0 ? 'FORWARD' : `X${i - 1}`} -j X${i}\n`.repeat(2),
        list(n, (i) => `:X${i} - [0:0]\n`).join(''),
      ),
  ],
];

describe('promises: growth', () => {
  const shapes = [
    ...OBJECTS.flatMap(([name, count, make]) =>
      (['iptables', 'nftables'] as const).map(
        (mode) =>
          [`${name}, in mode ${mode}`, count, (n: number) => prepared(mode, make(n))] as const,
      ),
    ),
    ...RULES.map(
      ([name, count, change]) =>
        [name, count, (n: number) => prepared('iptables', ONE, change(n))] as const,
    ),
  ];
  for (const [name, count, make] of shapes)
    it(name, () => {
      const known = new Map<number, Prepared>();
      const ratio = growth((n) => {
        const one = known.get(n) ?? make(n);
        known.set(n, one);
        one.verify();
      }, count);
      expect(ratio).to.be.below(LINEAR);
    });
});
