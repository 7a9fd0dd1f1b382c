/** Manual changes in a kernel for `vipc diff` to find, per kernel variant. */

import { readFileSync } from 'node:fs';
import type { Family } from '../../../src/net/ip.js';
import { KERNEL_VARIANTS, type KernelVariant } from './kernel-variants.js';

export interface DiffVariant extends KernelVariant {
  /** What kube-proxy 1.36.2 sent for `268-kitchen-sink`. */
  readonly payload: readonly (readonly [Family, string])[];
  /** The commands that read both families, where no other program may run. */
  readonly reads: readonly string[];
  /** Programs that a diff in this mode never starts. */
  readonly never: RegExp;
  /** Shell lines that damage what was saved, and lines of the diff that must then be there. */
  readonly damage: (saved: string) => {
    readonly script: readonly string[];
    readonly reported: readonly string[];
  };
  /** What takes all of our rules away, and a word of the diff then. */
  readonly removal: string;
  readonly reportedRemoval: string;
}

function iptables(variant: KernelVariant): DiffVariant {
  const families: readonly Family[] = ['IPv4', 'IPv6'];
  return {
    ...variant,
    payload: families.map((family) => [
      family,
      readFileSync(`fixtures/dumps/input/268-kitchen-sink.v${family.slice(3)}.restore`, 'utf8'),
    ]),
    reads: [],
    never: /^nft /,
    damage: (saved) => {
      const chance = /^(?:\[0:0\] )?(-A KUBE-SVC-\S+ .*--probability .*)$/m.exec(saved)?.[1] ?? '';
      const [, chain = ''] = chance.split(' ');
      return {
        script: [
          `${variant.name} -t nat -D${chance.slice(2)}`,
          `${variant.name} -t nat -I ${chain} 1 -s 192.0.2.7 -j RETURN`,
          'echo 0 > /proc/sys/net/ipv4/conf/all/route_localnet',
        ],
        reported: [
          `+ ${chance}`,
          `- -A ${chain} -s 192.0.2.7/32 -j RETURN   <- not a rule of kube-proxy or vipc`,
          'net.ipv4.conf.all.route_localnet  0 -> 1',
        ],
      };
    },
    removal: `printf '*nat\\nCOMMIT\\n*filter\\nCOMMIT\\n*mangle\\nCOMMIT\\n' | ${variant.loader('IPv4')}`,
    reportedRemoval: '+ every node',
  };
}

function nftables(variant: KernelVariant): DiffVariant {
  return {
    ...variant,
    payload: [['IPv4', readFileSync('fixtures/dumps/input/268-kitchen-sink.nft', 'utf8')]],
    reads: ['nft -j list table ip kube-proxy', 'nft -j list table ip6 kube-proxy'],
    never: /^ip6?tables/,
    damage: (saved) => {
      const name = [...saved.matchAll(/"target": "(service-[^"]+)"/g)].at(-1)?.[1] ?? '';
      const element =
        /\[\{"concat": \["([\d.]+)", "tcp", (\d+)\]\}, \{"goto": \{"target": "(service-[^"]+)"\}\}\]/.exec(
          saved,
        );
      const key = `${element?.[1]} . tcp . ${element?.[2]}`;
      return {
        script: [
          "nft -f - <<'END'",
          `delete element ip kube-proxy service-ips { ${key} }`,
          'insert rule ip kube-proxy services ip saddr 192.0.2.7 accept',
          `flush chain ip kube-proxy ${name}`,
          'END',
        ],
        reported: [
          '- add rule ip kube-proxy services ip saddr 192.0.2.7 accept   <- not a rule of kube-proxy or vipc',
          `+ add element ip kube-proxy service-ips { ${key} : goto ${element?.[3]} }`,
          `ip kube-proxy ${name} is empty: it was flushed`,
        ],
      };
    },
    removal: 'nft delete table ip kube-proxy',
    reportedRemoval: '+ every node  is not there',
  };
}

/** One for each kernel variant. */
export const DIFF_VARIANTS: readonly DiffVariant[] = KERNEL_VARIANTS.map((variant) =>
  variant.mode === 'iptables' ? iptables(variant) : nftables(variant),
);
