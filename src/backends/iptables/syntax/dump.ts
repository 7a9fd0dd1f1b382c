/** What iptables-save printed, as a value. */

/** Packets and bytes, exact: the kernel counts to 2^64. */
export interface Counter {
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** One chain of a table. */
export interface DumpChain {
  /** `ACCEPT` or `DROP`; `-` for a user chain; `''` for a built-in chain used but not declared. */
  readonly policy: string;
  /**
   * Normalised lines from `-A` on, in order. A comment with a raw line feed makes a line with one.
   */
  readonly rules: readonly string[];
  /** What reached the policy; absent where it is nothing or not listed. */
  readonly counter?: Counter;
  /** One per rule, from `iptables-save -c`; absent where the rules have no counters. */
  readonly ruleCounters?: readonly Counter[];
}

/** One family's tables, foreign ones included, in the order of the text. */
export interface Dump {
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, DumpChain>>;
  /** Who printed it, where a line says so. 1.8.7 and the legacy tools do not name their variant. */
  readonly tool?: Tool;
}

/** The iptables-save that printed a dump. */
export interface Tool {
  readonly version: string;
  readonly variant?: 'nf_tables' | 'legacy';
}

/** The chains that exist without being declared, which restore documents rely on. */
export const BUILT_IN: ReadonlySet<string> = new Set([
  'PREROUTING',
  'INPUT',
  'FORWARD',
  'OUTPUT',
  'POSTROUTING',
]);

/** How nearly every chain of a large dump is declared. */
export const UNUSED = ' - [0:0]';

/** The name of a declared chain, and where the line has them its policy and counters. */
export function declared(line: string): readonly string[] {
  const end = line.length - UNUSED.length;
  return line.endsWith(UNUSED) && line.indexOf(' ') === end
    ? [line.slice(1, end)]
    : line.slice(1).trim().split(' ');
}
