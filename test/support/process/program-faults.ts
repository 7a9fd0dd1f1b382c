/** Tools that misbehave, per kernel variant, and what becomes of the program that uses them. */

import type { KernelVariant } from '../kernels/kernel-variants.js';

export interface Fault {
  /** Programs in front of the real ones, as shell scripts. */
  readonly tools: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
  /**
   * What the kernel holds already: tables of the legacy tools that do not exist are not read at
   * all.
   */
  readonly there?: string;
  readonly code: number;
  readonly says: RegExp;
}

const OUT_OF_MEMORY = 'cat > /dev/null; echo "out of memory" >&2; exit 3';

/** What must go wrong in one way only, by what it is. */
export function faultsOf({
  name,
  mode,
  label,
  loader,
  reader,
}: KernelVariant): Readonly<Record<string, Fault>> {
  const [load, read] = [loader('IPv4'), reader('IPv4')];
  // Mode nftables has one program for everything: it misbehaves only where it loads or lists.
  const only = (word: string, script: string): string =>
    mode === 'iptables' ? script : `case "$*" in *${word}*) ${script};; *) exec REAL "$@";; esac`;
  const iptables: Readonly<Record<string, Fault>> = {
    'a dump that is cut off, with exit status 0': {
      tools: { [read]: 'printf "*nat\\n:OUTPUT ACCEPT [0:0]\\n"' },
      there: '*nat\nCOMMIT\n',
      code: 2,
      says: /table nat has no COMMIT/,
    },
    'tools that are too old': {
      tools: {
        [name]: `echo "iptables v1.${name === 'iptables-nft' ? '8.2 (nf_tables' : '6.1 (legacy'})"`,
      },
      code: 2,
      says: /is version 1\.(?:8\.2, and 1\.8\.7|6\.1, and 1\.6\.2) is needed/,
    },
    'no tools': {
      tools: { 'iptables-nft': 'exit 127', 'iptables-legacy': 'exit 127', iptables: 'exit 127' },
      code: 2,
      says: /the program iptables is not installed or does not answer/,
    },
  };
  const nftables: Readonly<Record<string, Fault>> = {
    'a listing that is cut off, with exit status 0': {
      tools: { nft: only('list', 'printf \'{"nftables": [{"metainfo"\'') },
      code: 2,
      says: /./,
    },
    'a tool that is too old': {
      tools: { nft: 'echo "nftables v0.9.8 (E.D.S.)"' },
      code: 2,
      says: /needs nft 1\.0\.1/,
    },
    'no tool': { tools: { nft: 'exit 127' }, code: 2, says: /nft/ },
  };
  return {
    'a load that fails without naming a line': {
      tools: { [load]: only('-f', OUT_OF_MEMORY) },
      code: 2,
      says: new RegExp(`${load} failed with exit status 3: out of memory`),
    },
    'a load that does not end': {
      tools: { [load]: only('-f', 'exec sleep 30') },
      words: ['--timeout', '0.3', '--lock-timeout', '0'],
      code: 2,
      says: new RegExp(`${load} did not end in time and was killed`),
    },
    ...(label === 'nft' ? nftables : iptables),
  };
}
