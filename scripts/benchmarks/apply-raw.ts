/**
 * What `scripts/bench apply` compares with: the tools alone, started from a shell that holds
 * nothing, with inputs written by hand here. No code of the applier is used, so these are second
 * opinions on its inputs too.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Fragment } from '../../src/index.js';

/** The two of iptables, and mode nftables. */
export type Variant = 'nf_tables' | 'legacy' | 'nftables';
export const VARIANTS: readonly Variant[] = ['nf_tables', 'legacy', 'nftables'];

/** One tool, and how its inputs are written by hand. */
export interface RawTool {
  /** Milliseconds of one load, from the start of the tool to its end. */
  readonly load: (input: string) => Promise<number>;
  /** Milliseconds of reading the tables that vipc reads. */
  readonly save: () => Promise<number>;
  /** A whole document as the tool loads it fastest. */
  readonly fastestInput: (document: string) => string;
  /**
   * A Service's own chains, flushed and filled: the least that kube-proxy's way of writing sends
   * for a change.
   */
  readonly ownChains: (fragment: Fragment) => string;
  /** The same for a new Service, with what leads to it. */
  readonly newService: (fragment: Fragment) => string;
  /** All of a Service, taken out. */
  readonly deletedService: (fragment: Fragment) => string;
}

/**
 * Arguments: input file, then the command. Prints microseconds; what the command prints is thrown
 * away.
 */
const TIMED = `input=$1; shift
start=$EPOCHREALTIME; "$@" <"$input" >/dev/null || exit 1; end=$EPOCHREALTIME
echo $((\${end/./} - \${start/./}))`;

const BUILT_IN = /^-A (?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING) .* -j (\S+)$/;

/** Milliseconds of a command that reads this input. */
export async function timedInput(input: string, command: readonly string[]): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'vipc-bench-'));
  try {
    const file = join(directory, 'input');
    await writeFile(file, input);
    return await timedCommand(file, command);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Milliseconds of a command. */
export async function timedCommand(input: string, command: readonly string[]): Promise<number> {
  const args = ['-c', TIMED, 'bash', input, ...command];
  const { stdout } = await promisify(execFile)('bash', args, { encoding: 'utf8' });
  return Number(stdout) / 1000;
}

/** iptables in one variant. */
export function iptablesTool(name: 'iptables-nft' | 'iptables-legacy'): RawTool {
  return {
    load: (input) => timedInput(input, [`${name}-restore`, '--noflush']),
    save: async () => {
      let sum = 0;
      for (const table of ['mangle', 'filter', 'nat'])
        sum += await timedCommand('/dev/null', [`${name}-save`, '-t', table]);
      return sum;
    },
    // Legacy takes the text as it is.
    fastestInput: name === 'iptables-legacy' ? (document) => document : readOnce,
    ownChains,
    newService,
    deletedService,
  };
}

/**
 * iptables-nft wants, in the large table, the rules of the built-in chains first and then `-S`, so
 * that it reads the table once.
 */
function readOnce(document: string): string {
  const start = document.indexOf('*nat\n') + '*nat\n'.length;
  const lines = document.slice(start).split('\n');
  const jumps = lines.filter((line) => BUILT_IN.test(line));
  const targets = new Set(jumps.map((line) => `:${BUILT_IN.exec(line)?.[1] ?? ''} - [0:0]`));
  const rest = lines.filter((line) => !BUILT_IN.test(line) && !targets.has(line));
  return `${document.slice(0, start)}${[...targets, ...jumps, '-S', ...rest].join('\n')}`;
}

function ownChains(fragment: Fragment): string {
  const lines = natLines(fragment);
  return block(lines.filter((line) => !isDispatch(line, lines)));
}

/** With its line in front of all others in chains of every node. */
function newService(fragment: Fragment): string {
  return block(
    natLines(fragment).map((line, _, lines) =>
      isDispatch(line, lines) ? line.replace(/^-A (\S+) /, '-I $1 1 ') : line,
    ),
  );
}

function deletedService(fragment: Fragment): string {
  const lines = natLines(fragment);
  const chains = lines.filter((line) => line.startsWith(':'));
  return block([
    ...chains,
    ...lines.filter((line) => isDispatch(line, lines)).map((line) => line.replace('-A', '-D')),
    ...chains.map((line) => `-X ${line.slice(1).split(' ')[0]}`),
  ]);
}

function block(lines: readonly string[]): string {
  return ['*nat', ...lines, 'COMMIT', ''].join('\n');
}

function natLines({ text }: Fragment): readonly string[] {
  return text
    .slice(text.indexOf('*nat\n') + '*nat\n'.length)
    .split('\n')
    .filter((line) => line !== '');
}

/** Whether a line is a rule in a chain that these lines do not make. */
function isDispatch(line: string, lines: readonly string[]): boolean {
  const chain = /^-A (\S+) /.exec(line)?.[1];
  return chain !== undefined && !lines.some((other) => other.startsWith(`:${chain} `));
}
