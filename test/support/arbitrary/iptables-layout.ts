/** Random layouts of a user's own for mode iptables: kube-proxy's with other chains and rules. */

import fc from 'fast-check';
import type { Layout } from '../../../src/backends/layout.js';
import { builtinLayout } from '../../../src/index.js';
import type { Model } from '../../../src/model/types.js';
import { hostCidr } from '../../../src/net/cidr.js';
import type { Fragment } from '../../../src/ruleset/types.js';

/** What a layout adds to kube-proxy's. */
interface Parts {
  /** How many chains the dispatch of cluster IPs is moved to; 0: it stays where it is. */
  readonly dispatch: number;
  /** Whether the jumps to them stand in front of the rules of Services, or behind. */
  readonly inFront: boolean;
  /** A chain of rules that every node has, by table. */
  readonly ordered: 'mangle' | 'filter' | 'nat' | undefined;
  /** Rules in built-in chains, and in chains of kube-proxy's layout. */
  readonly extraRules: readonly string[];
  readonly tail: boolean;
  /** A chain of its own for each Service port, by table. */
  readonly perPort: 'filter' | 'nat' | undefined;
  /** Into how many chains of several Service ports each is listed. */
  readonly nodes: number;
}

const parts: fc.Arbitrary<Parts> = fc.record({
  dispatch: fc.integer({ min: 0, max: 3 }),
  inFront: fc.boolean(),
  ordered: fc.constantFrom(undefined, 'mangle', 'filter', 'nat'),
  extraRules: fc.subarray([
    '*nat\n-A PREROUTING -m mark --mark 0x10/0x10 -j KUBE-SERVICES\n',
    '*filter\n-A OUTPUT -j KUBE-FORWARD\n',
    '*filter\n-A FORWARD -p tcp -m tcp --dport 179 -j ACCEPT\n',
    '*mangle\n-A INPUT -p udp -m udp --dport 1 -j DROP\n',
    '*filter\n-A KUBE-FORWARD -p icmp -j ACCEPT\n',
    '*filter\n-A KUBE-SERVICES -p icmp -j RETURN\n',
  ]),
  tail: fc.boolean(),
  perPort: fc.constantFrom(undefined, 'filter', 'nat'),
  nodes: fc.integer({ min: 0, max: 2 }),
});

/** A layout that differs from kube-proxy's in any of these ways. */
export const iptablesLayout: fc.Arbitrary<Layout> = parts.map(layoutOf);

function layoutOf(given: Parts): Layout {
  const kubeProxy = builtinLayout('iptables');
  if (kubeProxy === undefined) throw new Error('no layout');
  const { templates } = kubeProxy;
  const dispatchers = Array.from({ length: given.dispatch }, (_, i) => `OWN-DISPATCH-${i}`);
  const jumps = dispatchers.map((chain) => `-A KUBE-SERVICES -d 10.96.0.0/12 -j ${chain}\n`);
  const declared = dispatchers.map((chain) => `:${chain} - [0:0]\n`);
  return {
    ...kubeProxy,
    name: JSON.stringify(given),
    custom: true,
    templates: {
      frame: (view) =>
        [
          templates.frame(view),
          `*nat\n${declared.join('')}${given.inFront ? jumps.join('') : ''}`,
          ...given.extraRules,
          given.ordered === undefined ? '' : orderedChain(given.ordered),
        ].join(''),
      port: (view) => {
        const text = moved(templates.port(view), dispatchers);
        return given.perPort === undefined ? text : text + ownChain(given.perPort, text);
      },
      tail: (view) =>
        [
          templates.tail(view),
          `*nat\n${given.inFront ? '' : jumps.join('')}`,
          ...(given.tail ? dispatchers.map((chain) => `-A ${chain} -j RETURN\n`) : []),
        ].join(''),
    },
    sharedFragments: (model) =>
      Array.from({ length: given.nodes }, (_, i) => nodeFragment(model, i, given.nodes)),
  };
}

function orderedChain(table: string): string {
  const chain = 'OWN-ORDERED';
  return `*${table}\n:${chain} - [0:0]\n-A ${chain} -p tcp -j RETURN\n-A ${chain} -p udp -j ACCEPT\n`;
}

/** The dispatch of cluster IPs in other chains, each address always in the same one. */
function moved(text: string, dispatchers: readonly string[]): string {
  if (dispatchers.length === 0) return text;
  return text.replace(
    /^-A KUBE-SERVICES (-d \S*?(\d)\/\S+ .* cluster IP" .* -j KUBE-.*)$/gm,
    (_, rule, digit) => {
      return `-A ${dispatchers[Number(digit) % dispatchers.length]} ${rule}`;
    },
  );
}

/**
 * A chain of one Service port, named after the port's first chain; without one the port has no such
 * chain.
 */
function ownChain(table: string, text: string): string {
  const [, id = '', name = ''] =
    /--comment "(?:[^"]* )?([^\s"]+\/[^\s"]+)[^"]*".* -j KUBE-(?:SVC|SVL|EXT)-(\w+)$/m.exec(text) ??
    [];
  if (id === '') return '';
  const chain = `OWN-${name}`;
  const shared = table === 'nat' ? 'KUBE-NODEPORTS' : 'KUBE-EXTERNAL-SERVICES';
  return [
    `*${table}\n:${chain} - [0:0]\n`,
    `-A ${shared} -p tcp -m comment --comment "${id} own" -m tcp --dport 1 -j ${chain}\n`,
    `-A ${chain} -m comment --comment "${id} own" -j RETURN\n`,
  ].join('');
}

/** Lists the addresses of some Service ports. */
function nodeFragment({ ports }: Model, node: number, nodes: number): Fragment {
  const chain = `OWN-NODE-${node}`;
  const addresses = ports.flatMap(({ clusterIp, port }) =>
    clusterIp !== '' && port % nodes === node ? [hostCidr(clusterIp)] : [],
  );
  const rules = addresses.map((address) => `-A ${chain} -d ${address} -j RETURN\n`);
  return {
    origin: '',
    text: `*nat\n:${chain} - [0:0]\n-A KUBE-SERVICES -p 99 -j ${chain}\n${rules.join('')}`,
  };
}
