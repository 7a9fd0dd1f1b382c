/** Entry of `scripts/bench`. */

import { Command, InvalidArgumentError } from 'commander';
import { type ApplyBenchOptions, benchApply } from './apply.js';
import { type Cell, runCell } from './apply-cell.js';
import type { Variant } from './apply-raw.js';
import { benchCompile, coldRun } from './compile.js';

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('must be a whole number above 0');
  return value;
}

function counts(text: string): readonly number[] {
  return text.split(',').map(count);
}

const VARIANTS: readonly Variant[] = ['nf_tables', 'legacy', 'nftables'];

function variants(text: string): readonly Variant[] {
  const wanted = text.split(',');
  const unknown = wanted.find((name) => !VARIANTS.some((variant) => variant === name));
  if (unknown !== undefined) throw new InvalidArgumentError(`must be among ${VARIANTS.join(', ')}`);
  return VARIANTS.filter((variant) => wanted.includes(variant));
}

const program = new Command('bench');
program
  .command('compile')
  .description('from JSON to rules: time per stage, memory, and one change')
  .option('--services <n>', 'number of Services', count, 10_000)
  .option('--endpoints <n>', 'endpoints of each', count, 10)
  .action(benchCompile);
program
  .command('compile-cold', { hidden: true })
  .argument('<file>')
  .action((file: string) => console.log(JSON.stringify(coldRun(file))));
program
  .command('apply')
  .description('first load and single changes in the kernel, beside the tools alone; needs root')
  .option('--sizes <n,n>', 'numbers of Services; 10000 takes minutes', counts, [1000, 5000])
  .option('--endpoints <n>', 'endpoints of each', count, 10)
  .option(
    '--variants <name,name>',
    'nf_tables, legacy (both of mode iptables), nftables',
    variants,
    VARIANTS,
  )
  .option('--runs <n>', 'first loads by each side', count, 3)
  .option('--changes <n>', 'changes of each kind after each first load', count, 10)
  .action((options: ApplyBenchOptions) => benchApply(options));
program
  .command('apply-cell', { hidden: true })
  .argument('<cell>')
  .action(async (text: string) => {
    const cell: Cell = JSON.parse(text);
    console.log(JSON.stringify(await runCell(cell)));
  });
await program.parseAsync();
