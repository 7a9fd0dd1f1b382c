/** What a variant of iptables holds where no program of it can be used: seen by other ways. */

import { ToolError, type VipcError } from '../../../errors.js';
import type { Host } from '../../../host/host.js';
import type { Family } from '../../../net/ip.js';
import type { Removals } from '../../kernel.js';
import { NOTHING_TO_REMOVE } from '../../removals.js';
import { lacksNftables } from '../../tool-failure.js';
import type { Variant } from '../../tools.js';
import { ownershipOf, type Remembered } from '../ownership.js';
import { legacyTables, OUR_TABLES } from './read.js';
import { noTools, PROGRAMS } from './tools.js';
import { VARIANT_FLAG } from './variant.js';

/** Milliseconds. nft 1.0 reads all rules of the machine to list chains. */
const LIST_TIMEOUT = 180_000;

interface Part {
  readonly family: Family;
  readonly variant: Variant;
  /** Why programs that are installed cannot be used, by their names. */
  readonly broken: ReadonlyMap<string, VipcError>;
}

/** A failure where rules of ours are there or may be; nothing where there are certainly none. */
export async function planWithoutTools(
  host: Host,
  { family, variant, broken }: Part,
  known: Remembered,
): Promise<Removals> {
  const program = `${PROGRAMS[family]}-${VARIANT_FLAG[variant]}`;
  const problem = broken.get(program) ?? broken.get(PROGRAMS[family]);
  const reason = noTools(program, problem);
  const found =
    variant === 'legacy'
      ? await legacyTables(host, family, OUR_TABLES)
      : await ourChains(host, family, known);
  if (found === undefined)
    return { ...NOTHING_TO_REMOVE, [problem === undefined ? 'unseen' : 'failures']: [reason] };
  if (found.length === 0) return NOTHING_TO_REMOVE;
  const what = variant === 'legacy' ? 'tables' : 'chains of kube-proxy or vipc';
  const message = `iptables-${VARIANT_FLAG[variant]} holds ${family} ${what} (${shortened(found)}), and ${reason.message}`;
  const failure = new ToolError(message, program, { hint: 'install iptables' });
  return { ...NOTHING_TO_REMOVE, failures: [failure] };
}

function shortened(names: readonly string[]): string {
  const [first = [], rest] = [names.slice(0, 3), names.length - 3];
  return [...first, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

/**
 * As `nat KUBE-SERVICES`, in the tables of iptables-nft; `undefined` where nft cannot list them.
 */
async function ourChains(
  host: Host,
  family: Family,
  known: Remembered,
): Promise<readonly string[] | undefined> {
  const result = await host.run({
    command: 'nft',
    args: ['list', 'chains', family === 'IPv4' ? 'ip' : 'ip6'],
    timeout: LIST_TIMEOUT,
  });
  if (lacksNftables(result)) return [];
  if (result.kind !== 'exited' || result.code !== 0) return undefined;
  const { owns } = ownershipOf(new Map(), known);
  return listedChains(result.stdout)
    .filter(([table, chain]) => owns(table, chain))
    .map((names) => names.join(' '));
}

/** Tables and chains in what `nft list chains` prints. */
function listedChains(text: string): readonly (readonly [table: string, chain: string])[] {
  const chains: [string, string][] = [];
  let table = '';
  for (const [, ofTable, chain] of text.matchAll(/^(?:table ip6? (\S+)|\tchain (\S+)) \{$/gm)) {
    if (ofTable !== undefined) table = ofTable;
    if (chain !== undefined) chains.push([table, chain]);
  }
  return chains;
}
