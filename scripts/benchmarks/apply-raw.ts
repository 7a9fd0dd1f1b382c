/**
 * What `scripts/bench apply` compares with: the tools alone, started from a shell that holds nothing, with inputs
 * written by hand here. No code of the applier is used, so these are second opinions on its inputs too.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Fragment } from '../../src/index.js';

export type Variant = 'nf_tables' | 'legacy';

const TOOL: Readonly<Record<Variant, string>> = {
  nf_tables: 'iptables-nft',
  legacy: 'iptables-legacy',
};

/** Arguments: input file, then the command. Prints microseconds; what the command prints is thrown away. */
const TIMED = `input=$1; shift
start=$EPOCHREALTIME; "$@" <"$input" >/dev/null || exit 1; end=$EPOCHREALTIME
echo $((\${end/./} - \${start/./}))`;

const BUILT_IN = /^-A (?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING) .* -j (\S+)$/;

/** Milliseconds of one `iptables-restore --noflush`, from its start to its end. */
export async function rawRestore(variant: Variant, input: string): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'vipc-bench-'));
  try {
    const file = join(directory, 'input');
    await writeFile(file, input);
    return await timedCommand(file, [`${TOOL[variant]}-restore`, '--noflush']);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Milliseconds of `iptables-save` of the tables that vipc reads. */
export async function rawSave(variant: Variant): Promise<number> {
  let sum = 0;
  for (const table of ['mangle', 'filter', 'nat'])
    sum += await timedCommand('/dev/null', [`${TOOL[variant]}-save`, '-t', table]);
  return sum;
}

async function timedCommand(input: string, command: readonly string[]): Promise<number> {
  const args = ['-c', TIMED, 'bash', input, ...command];
  const { stdout } = await promisify(execFile)('bash', args, { encoding: 'utf8' });
  return Number(stdout) / 1000;
}

/**
 * The text as the variant loads it fastest. iptables-nft wants, in the large table, the rules of the built-in chains
 * first and then `-S`, so that it reads the table once; legacy takes the text as it is.
 */
export function fastestInput(variant: Variant, document: string): string {
  if (variant === 'legacy') return document;
  const start = document.indexOf('*nat\n') + '*nat\n'.length;
  const lines = document.slice(start).split('\n');
  const jumps = lines.filter((line) => BUILT_IN.test(line));
  const targets = new Set(jumps.map((line) => `:${BUILT_IN.exec(line)?.[1] ?? ''} - [0:0]`));
  const rest = lines.filter((line) => !BUILT_IN.test(line) && !targets.has(line));
  return `${document.slice(0, start)}${[...targets, ...jumps, '-S', ...rest].join('\n')}`;
}

/** A Service's own chains, flushed and filled: the least that kube-proxy's way of writing sends for a change. */
export function ownChains(fragment: Fragment): string {
  return block(natLines(fragment).filter((line) => !isDispatch(line)));
}

/** The same and its line in front of all others of KUBE-SERVICES. */
export function newService(fragment: Fragment): string {
  return block(
    natLines(fragment).map((line) => line.replace(/^-A KUBE-SERVICES /, '-I KUBE-SERVICES 1 ')),
  );
}

/** All of a Service, taken out. */
export function deletedService(fragment: Fragment): string {
  const chains = natLines(fragment).filter((line) => line.startsWith(':'));
  return block([
    ...chains,
    ...natLines(fragment)
      .filter(isDispatch)
      .map((line) => line.replace('-A', '-D')),
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

function isDispatch(line: string): boolean {
  return line.startsWith('-A KUBE-SERVICES ');
}
