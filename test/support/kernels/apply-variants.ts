/** Changes of a kernel during an apply, and what a test then expects, per kernel variant. */

import { readFileSync } from 'node:fs';
import type { Family } from '../../../src/net/ip.js';
import { wholeLines } from '../../../src/plan/plan.js';
import type { FamilyPlan } from '../../../src/plan/types.js';
import { recordedDumps } from '../cases/dumps.js';
import type { Namespace } from '../machines/netns.js';
import { KERNEL_VARIANTS, type KernelVariant } from './kernel-variants.js';
import { handlesOf } from './nft-handles.js';

type Words = readonly [command: string, ...args: readonly string[]];

interface ApplyVariant extends KernelVariant {
  /** The settings that a first apply makes. */
  readonly settings: readonly string[];
  /** Rules of other programs, and what of them is there. */
  readonly foreign: string;
  readonly foreignLines: (namespace: Namespace) => Promise<readonly string[]>;
  /** Something that gives rules counters that are not 0. */
  readonly traffic: Words | undefined;
  /** How many rules have them then. */
  readonly counted: (saved: string) => number;
  /**
   * What was there, was not to be written, and is not the same any more, counters and handles
   * included.
   */
  readonly lost: (before: string, after: string, plan: FamilyPlan) => readonly string[];
  /** The rules of `268-kitchen-sink` as kube-proxy left them. */
  readonly kubeProxy: readonly (readonly [Family, string])[];
  /** Adds a rule to a chain of ours; with `remove`, removes it again. */
  readonly stray: (remove: boolean) => Words;
  /** Empties a chain that every node has, and what messages call it. */
  readonly flush: Words;
  readonly flushed: string;
  /** Takes away what an input relies on; `undefined` where it relies on nothing. */
  readonly moveBefore: (input: string) => Words | undefined;
  /** Makes the first chain of a Service that an input makes, with a rule in it. */
  readonly makeBefore: (input: string) => Words | undefined;
}

const IPTABLES_FOREIGN = `*filter
:DOCKER - [0:0]
:KUBE-ROUTER-FORWARD - [0:0]
-A INPUT -s 203.0.113.9/32 -j ACCEPT
-A FORWARD -j DOCKER
-A FORWARD -j KUBE-ROUTER-FORWARD
-A OUTPUT -d 127.0.0.0/8 -j ACCEPT
-A KUBE-ROUTER-FORWARD -s 10.244.0.0/16 -j ACCEPT
COMMIT
*nat
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER -p udp -m udp --dport 5300 -j DNAT --to-destination 172.17.0.2:53
COMMIT
*raw
-A PREROUTING -s 203.0.113.9/32 -j ACCEPT
COMMIT
`;

const NFT_FOREIGN = `add table inet kube-proxy
add chain inet kube-proxy services { type filter hook input priority 3 ; }
add rule inet kube-proxy services ip saddr 192.0.2.1 counter accept
add table ip other
add set ip other cluster-ips { type ipv4_addr ; }
add element ip other cluster-ips { 10.96.0.1 }
`;

/** To an address of loopback; the iptables rules for Services count it. */
const ONE_DATAGRAM = `const s = require('node:dgram').createSocket('udp4'); s.send('x', 9, '127.0.0.1', () => s.close());`;

function iptables(variant: KernelVariant): ApplyVariant {
  const plain = (line: string): string => line.replace(/^(:\S+ \S+) .*/, '$1');
  const recorded = recordedDumps().filter(
    (dump) => dump.case === '268-kitchen-sink' && dump.form === 'save' && dump.version === '1.8.9',
  );
  return {
    ...variant,
    settings: ['ct_state_invalid_dropped_pkts', 'net.ipv4.conf.all.route_localnet'],
    foreign: IPTABLES_FOREIGN,
    foreignLines: async (namespace) =>
      (await variant.save(namespace, 'IPv4'))
        .split('\n')
        .filter((line) => /DOCKER|ROUTER|203\.0\.113|-A OUTPUT -d 127/.test(line))
        .map(plain),
    traffic: [process.execPath, '-e', ONE_DATAGRAM],
    counted: (saved) => (saved.match(/^\[[1-9]\d*:\d+\] -A KUBE-POSTROUTING/gm) ?? []).length,
    lost: (before, after, plan) => {
      const written = new Set(
        plan.changes.flatMap((change) => (wholeLines(change).length > 0 ? [change.name] : [])),
      );
      const there = new Set(after.split('\n').map(plain));
      return before
        .split('\n')
        .map(plain)
        .filter((line) => !written.has(/-A (\S+)/.exec(line)?.[1] ?? '') && !there.has(line));
    },
    kubeProxy: recorded
      .filter((dump) => dump.variant === recorded[0]?.variant)
      .map(({ family, text }) => [family, text]),
    stray: (remove) => [
      ...([variant.name, '-t', 'nat', remove ? '-D' : '-A', 'KUBE-SERVICES'] as const),
      ...['-d', '10.96.0.77', '-j', 'RETURN'],
    ],
    flush: [variant.name, '-t', 'nat', '-F', 'KUBE-SERVICES'],
    flushed: 'nat KUBE-SERVICES',
    moveBefore: (input) => {
      // The chain that is about to be rewritten loses the rule that the plan was made from.
      const chain = /^-[CD] (KUBE-SVC-\S+) /m.exec(input)?.[1];
      return chain === undefined ? undefined : [variant.name, '-t', 'nat', '-F', chain];
    },
    makeBefore: (input) => {
      const chain = /^(?::|-N )(KUBE-SVC-\S+)/m.exec(input)?.[1];
      const nat = `${variant.name} -t nat`;
      return chain === undefined
        ? undefined
        : ['sh', '-ec', `${nat} -N ${chain}; ${nat} -A ${chain} -j RETURN`];
    },
  };
}

function nftables(variant: KernelVariant): ApplyVariant {
  return {
    ...variant,
    settings: [],
    foreign: NFT_FOREIGN,
    foreignLines: async (namespace) => {
      const tables = ['inet kube-proxy', 'ip other'].map((table) =>
        namespace.run('nft', ['-j', 'list', 'table', ...table.split(' ')]),
      );
      return Promise.all(tables);
    },
    // Rules of mode nftables count nothing; their handles show that they were not written again.
    traffic: undefined,
    counted: () => 1,
    lost: (before, after, plan) => {
      const written = new Set(plan.changes.map(({ name }) => name));
      const now = handlesOf(after);
      return [...handlesOf(before)].flatMap(([unit, { handles }]) =>
        written.has(unit.split(' ')[3] ?? '') || String(now.get(unit)?.handles) === String(handles)
          ? []
          : [unit],
      );
    },
    kubeProxy: [['IPv4', readFileSync('fixtures/dumps/input/268-kitchen-sink.nft', 'utf8')]],
    stray: (remove) =>
      remove
        ? ['nft', 'delete', 'element', 'ip', 'kube-proxy', 'cluster-ips', '{ 10.96.0.77 }']
        : ['nft', 'add', 'element', 'ip', 'kube-proxy', 'cluster-ips', '{ 10.96.0.77 }'],
    flush: ['nft', 'flush', 'chain', 'ip', 'kube-proxy', 'services'],
    flushed: 'ip kube-proxy services',
    // A chain that is to be flushed must be there.
    moveBefore: (input) =>
      /^flush chain ip /m.test(input) ? ['nft', 'delete', 'table', 'ip', 'kube-proxy'] : undefined,
    makeBefore: (input) => {
      const chain = /^(?:add|create) chain (ip kube-proxy service-\S+)/m.exec(input)?.[1];
      return chain === undefined
        ? undefined
        : ['nft', `add chain ${chain}; add rule ${chain} counter drop`];
    },
  };
}

/** One for each kernel variant. */
export const APPLY_VARIANTS: readonly ApplyVariant[] = KERNEL_VARIANTS.map((variant) =>
  variant.mode === 'iptables' ? iptables(variant) : nftables(variant),
);
