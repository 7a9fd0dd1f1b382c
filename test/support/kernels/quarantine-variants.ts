/** Rules that a kernel refuses, each in its own way, per kernel variant. */

import type { LayoutName } from '../../../src/config/types.js';
import type { Fragment, Ruleset } from '../../../src/ruleset/types.js';
import { vip } from '../cases/apply-case.js';
import { KERNEL_VARIANTS, type KernelVariant } from './kernel-variants.js';

/** What a broken template could write, and a word of what is said about it. */
export interface Broken {
  /** `CHAIN` stands for the first chain of the Service. */
  readonly lines: readonly string[];
  readonly says: RegExp;
  /** Default: kube-proxy's. In mode nftables fast a Service has no chain. */
  readonly layout?: LayoutName;
}

interface QuarantineVariant extends KernelVariant {
  readonly broken: Readonly<Record<string, Broken>>;
  /**
   * One of them that the tool names no line for, or names too late: such are searched for by
   * halves.
   */
  readonly unnamed: string;
  /** Those that are also tried in the rules that every node has. */
  readonly inFrame: readonly string[];
  /** A chain that every node has. */
  readonly frameChain: string;
  /** In front of lines of the table that Services are dispatched in. */
  readonly opening: string;
  /** The first chain of a Service in its fragment. */
  readonly chain: RegExp;
  /** A rule that no command can name, put into a chain of ours; `undefined`: there is none. */
  readonly unspeakable: readonly string[] | undefined;
}

const IPTABLES: Omit<QuarantineVariant, keyof KernelVariant | 'unspeakable'> = {
  broken: {
    'a match that is not installed': {
      lines: ['-A CHAIN -m nosuchmatch -j RETURN'],
      says: /nosuchmatch/,
    },
    'a name that is too long': {
      lines: [':KUBE-SVC-ABCDEFGHIJKLMNOPQRSTUVWXYZ234567 - [0:0]'],
      says: /too long|28 chars/,
    },
    'a target that does not exist': {
      lines: ['-A CHAIN -j KUBE-NOWHERE'],
      says: /KUBE-NOWHERE/,
      layout: 'fast',
    },
    'a counter that does not exist': {
      lines: ['-A CHAIN -m nfacct --nfacct-name vipc-none'],
      says: /./,
    },
    'a loop': { lines: ['-A CHAIN -j CHAIN'], says: /./, layout: 'fast' },
  },
  unnamed: 'a counter that does not exist',
  inFrame: ['a match that is not installed', 'a counter that does not exist', 'a loop'],
  frameChain: 'KUBE-MARK-MASQ',
  opening: '*nat\n',
  chain: /KUBE-SVC-\w+/,
};

const NFTABLES: Omit<QuarantineVariant, keyof KernelVariant> = {
  broken: {
    'a chain that does not exist': {
      lines: ['add rule ip kube-proxy CHAIN jump nowhere'],
      says: /No such file or directory/,
    },
    'words that nft does not know': {
      lines: ['add rule ip kube-proxy CHAIN nosuchword'],
      says: /syntax error/,
    },
    'a name that is too long': {
      lines: [`add chain ip kube-proxy ${'x'.repeat(300)}`],
      says: /too long|File name/,
      layout: 'fast',
    },
    'a loop': { lines: ['add rule ip kube-proxy CHAIN jump CHAIN'], says: /Too many links/ },
    'an address of somebody else': {
      lines: [`add element ip kube-proxy service-ips { ${vip(1)} . tcp . 80 : drop }`],
      says: /File exists|conflict/i,
      layout: 'fast',
    },
  },
  // Of a loop nft names what leads into it, of any Service.
  unnamed: 'a loop',
  inFrame: ['a chain that does not exist', 'words that nft does not know', 'a loop'],
  frameChain: 'services',
  opening: '',
  chain: /service-\S+/,
  // nft names a rule by its handle, and vipc rewrites chains as a whole: no rule is ever named by
  // its text.
  unspeakable: undefined,
};

/** One for each kernel variant. */
export const QUARANTINE_VARIANTS: readonly QuarantineVariant[] = KERNEL_VARIANTS.map((variant) =>
  variant.mode === 'iptables'
    ? {
        ...variant,
        ...IPTABLES,
        unspeakable: [
          ...[variant.name, '-t', 'nat', '-I', 'KUBE-SERVICES', '1', '-d', '10.96.0.1'],
          ...['-m', 'comment', '--comment', 'two\nlines', '-j', 'RETURN'],
        ],
      }
    : { ...variant, ...NFTABLES },
);

/** The Ruleset with lines added to the fragment of a Service. */
export function spoiledIn(
  { chain, opening }: QuarantineVariant,
  ruleset: Ruleset,
  name: string,
  lines: readonly string[],
): Ruleset {
  const spoil = (port: Fragment): Fragment => {
    if (!port.origin.startsWith(`shop/${name} `)) return port;
    const [own = ''] = chain.exec(port.text) ?? [];
    return { ...port, text: `${port.text}${opening}${textOf(lines, own)}` };
  };
  return { ...ruleset, ports: ruleset.ports.map(spoil) };
}

/** The Ruleset with lines added to what every node has. */
export function spoiledFrame(
  { frameChain, opening }: QuarantineVariant,
  ruleset: Ruleset,
  lines: readonly string[],
): Ruleset {
  const { frame } = ruleset;
  return {
    ...ruleset,
    frame: { ...frame, text: `${frame.text}${opening}${textOf(lines, frameChain)}` },
  };
}

function textOf(lines: readonly string[], chain: string): string {
  return lines.map((line) => `${line.replaceAll('CHAIN', chain)}\n`).join('');
}
