/** Entry of `scripts/bench`. */

import { Command, InvalidArgumentError } from 'commander';
import { benchCompile, coldRun } from './compile.js';

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('must be a whole number above 0');
  return value;
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
program.parse();
