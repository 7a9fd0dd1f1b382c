/** Random layouts of mode nftables: one of ours with additions of a user. */

import fc from 'fast-check';
import type { Layout } from '../../../src/backends/layout.js';
import { LAYOUTS as NFTABLES_LAYOUTS } from '../../../src/backends/nftables/layouts/index.js';
import type { NftablesLayout } from '../../../src/backends/nftables/layouts/layout.js';
import type { Model, ServicePort } from '../../../src/model/types.js';
import type { Fragment } from '../../../src/ruleset/types.js';

/** What a layout has on top of one that ships with vipc. */
interface LayoutParts {
  readonly base: NftablesLayout;
  /** Chains of every node, each called from a chain of kube-proxy's layout. */
  readonly chains: number;
  /** A base chain of its own. */
  readonly hook: boolean;
  /** ClusterIPs are dispatched from somewhere else. */
  readonly dispatch: boolean;
  /** Rules in chains of kube-proxy's layout. */
  readonly rules: boolean;
  /** Rules behind those of all Services. */
  readonly tail: boolean;
  /** A chain for each Service port. */
  readonly perPort: boolean;
  /** A set of every node with elements of Service ports. */
  readonly set: boolean;
  /** Chains that belong to several Service ports. */
  readonly shared: boolean;
}

const flag = fc.boolean();

export const layoutParts: fc.Arbitrary<LayoutParts> = fc.record({
  base: fc.constantFrom(...NFTABLES_LAYOUTS),
  chains: fc.nat(3),
  hook: flag,
  dispatch: flag,
  rules: flag,
  tail: flag,
  perPort: flag,
  set: flag,
  shared: flag,
});

/** A layout for mode nftables with these parts on top of its base. */
export function nftablesLayout(parts: LayoutParts): Layout {
  const { base } = parts;
  const { templates } = base;
  return {
    ...base,
    name: 'random',
    custom: true,
    templates: {
      frame: (view) => nftFrame(dispatched(templates.frame(view), parts), parts),
      port: (view) => nftPort(dispatched(templates.port(view), parts), parts),
      tail: (view) =>
        parts.tail ? `add rule ${tableIn(templates.frame(view))} services counter accept\n` : '',
    },
    sharedFragments: (model) => [
      ...(base.sharedFragments?.(model) ?? []),
      ...(parts.shared ? nftGroups(model) : []),
    ],
  };
}

/** `ip kube-proxy`, by the first line. */
function tableIn(text: string): string {
  return text.split(' ').slice(2, 4).join(' ');
}

function dispatched(text: string, { dispatch }: LayoutParts): string {
  return dispatch ? text.replaceAll(/(?<=[ @])service-ips\b/g, 'fast-ips') : text;
}

function nftFrame(text: string, parts: LayoutParts): string {
  const table = tableIn(text);
  const type = table.startsWith('ip6') ? 'ipv6_addr' : 'ipv4_addr';
  const lines: string[] = [];
  for (let n = 0; n < parts.chains; n++)
    lines.push(
      `add chain ${table} own-${n}`,
      `add rule ${table} filter-forward ct state new jump own-${n}`,
      `add rule ${table} own-${n} meta l4proto tcp counter return`,
    );
  if (parts.hook)
    lines.push(
      `add chain ${table} own-hook { type filter hook forward priority 7 ; }`,
      `add rule ${table} own-hook ct state established accept`,
    );
  if (parts.rules) lines.push(`add rule ${table} services meta l4proto icmp return`);
  if (parts.set)
    lines.push(
      `add set ${table} seen { type ${type} ; }`,
      `add rule ${table} services ${table.split(' ')[0]} daddr @seen counter`,
    );
  return `${text}${lines.map((line) => `${line}\n`).join('')}`;
}

function nftPort(text: string, { perPort, set }: LayoutParts): string {
  if (text === '') return text;
  const table = tableIn(text);
  const [, chain] = /^add chain \S+ \S+ (\S+)$/m.exec(text) ?? [];
  const own = chain?.replace(/^[a-z]+-/, 'extra-');
  const ips = [...text.matchAll(/^add element \S+ \S+ cluster-ips (\{ \S+ \})$/gm)];
  const lines = [
    ...(perPort && own !== undefined
      ? [
          `add chain ${table} ${own}`,
          `add rule ${table} ${own} counter`,
          `add rule ${table} ${chain} jump ${own}`,
        ]
      : []),
    ...(set ? ips.map(([, element]) => `add element ${table} seen ${element}`) : []),
  ];
  return `${text}${lines.map((line) => `${line}\n`).join('')}`;
}

/** Service ports by the remainder of their number: a change of one changes one of these chains. */
function nftGroups({ context, ports }: Model): readonly Fragment[] {
  const ip = context.family === 'IPv6' ? 'ip6' : 'ip';
  const table = `${ip} kube-proxy`;
  const groups = new Map<string, ServicePort[]>();
  for (const port of ports) {
    if (port.clusterIp === '') continue;
    const name = `group-${port.port % 3}`;
    groups.set(name, [...(groups.get(name) ?? []), port]);
  }
  return [...groups].map(([name, members]) => ({
    origin: '',
    text: [
      `add chain ${table} ${name}`,
      ...members.map(
        ({ clusterIp }) => `add rule ${table} ${name} ${ip} daddr ${clusterIp} return`,
      ),
      `add rule ${table} services jump ${name}`,
      '',
    ].join('\n'),
  }));
}
