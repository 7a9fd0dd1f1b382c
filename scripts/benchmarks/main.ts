/** Entry of `scripts/bench`. */

import { readFileSync, writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { LAYOUT_NAMES, type LayoutName } from '../../src/config/types.js';
import type { BackendName } from '../../src/index.js';
import { type AgentBenchOptions, benchAgent } from './agent.js';
import { type AgentCell, runAgentCell } from './agent-cell.js';
import { type ApplyBenchOptions, benchApply } from './apply.js';
import { type Cell, runCell } from './apply-cell.js';
import { VARIANTS, type Variant } from './apply-raw.js';
import { benchCompile, type CompileBenchOptions } from './compile.js';
import {
  benchLatency,
  LATENCY_PARTS,
  type LatencyBenchOptions,
  type LatencyPart,
  type LatencyReport,
} from './latency.js';
import { type LatencyCell, runLatencyCell } from './latency-cell.js';
import { benchPage, type PageBenchOptions } from './page.js';
import { latencyPlot } from './plots.js';
import { benchStart, type StartBenchOptions } from './start.js';
import { benchVerify, type VerifyBenchOptions } from './verify.js';

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('must be a whole number above 0');
  return value;
}

function counts(text: string): readonly number[] {
  return text.split(',').map(count);
}

function variants(text: string): readonly Variant[] {
  const wanted = text.split(',');
  const unknown = wanted.find((name) => !VARIANTS.some((variant) => variant === name));
  if (unknown !== undefined) throw new InvalidArgumentError(`must be among ${VARIANTS.join(', ')}`);
  return VARIANTS.filter((variant) => wanted.includes(variant));
}

function oneOf<T extends string>(words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw new InvalidArgumentError(`must be among ${words.join(', ')}`);
    return found;
  };
}

const mode = oneOf<BackendName>(['iptables', 'nftables']);
const layout = oneOf(LAYOUT_NAMES);
const layouts = (text: string): readonly LayoutName[] => text.split(',').map(layout);

const variantsOption = (): Option =>
  new Option('--variants <name,name>', 'nf_tables, legacy (both of mode iptables), nftables')
    .argParser(variants)
    .default(VARIANTS);

const parts = (text: string): readonly LatencyPart[] => text.split(',').map(oneOf(LATENCY_PARTS));

const program = new Command('bench');
program
  .command('start')
  .description('vipc --version beside Node.js that does nothing; needs npm run build')
  .option('--runs <n>', 'starts of each', count, 40)
  .action((options: StartBenchOptions) => benchStart(options));
program
  .command('compile')
  .description('from JSON to rules: time per stage, memory, and one change')
  .option('--services <n>', 'number of Services', count, 10_000)
  .option('--endpoints <n>', 'endpoints of each', count, 10)
  .option('--mode <mode>', 'iptables or nftables', mode, 'iptables')
  .option('--layouts <name,name>', 'kube-proxy, fast', layouts, LAYOUT_NAMES)
  .action((options: CompileBenchOptions) => benchCompile(options));
program
  .command('apply')
  .description('first load and single changes in the kernel, beside the tools alone; needs root')
  .option('--sizes <n,n>', 'numbers of Services; 10000 takes minutes', counts, [1000, 5000])
  .option('--endpoints <n>', 'endpoints of each', count, 10)
  .addOption(variantsOption())
  .option('--layouts <name,name>', 'kube-proxy, fast', layouts, LAYOUT_NAMES)
  .option('--runs <n>', 'first loads by each side', count, 3)
  .option('--changes <n>', 'changes of each kind after each first load', count, 10)
  .option('--json <file>', 'also writes what changes cost there, and plots beside it')
  .action((options: ApplyBenchOptions) => benchApply(options));
program
  .command('apply-cell', { hidden: true })
  .argument('<cell>')
  .action(async (text: string) => {
    const cell: Cell = JSON.parse(text);
    console.log(JSON.stringify(await runCell(cell)));
  });
program
  .command('latency')
  .description('the first packet of a connection, layout beside layout; needs root and cc')
  .option('--parts <name,name>', LATENCY_PARTS.join(', '), parts, LATENCY_PARTS)
  .option('--sizes <n,n>', 'numbers of Services', counts, [100, 1000, 10_000, 30_000])
  .option('--pools <n,n>', 'numbers of endpoints of one Service', counts, [10, 100, 1000, 5000])
  .addOption(variantsOption())
  .option('--samples <n>', 'connections to each address', count, 3000)
  .option('--connections <n>', 'connections for the evenness of endpoints', count, 100_000)
  .option('--json <file>', 'also writes what was measured there, and a plot beside it')
  .action((options: LatencyBenchOptions) => benchLatency(options));
program
  .command('latency-cell', { hidden: true })
  .argument('<cell>')
  .action((text: string) => runLatencyCell(JSON.parse(text) as LatencyCell));
program
  .command('verify')
  .description(
    'verify, trace and explain beside reading their input alone, in both modes, and verify of dumps of many nodes; needs npm run build',
  )
  .option('--sizes <n,n>', 'numbers of Services', counts, [1000, 10_000])
  .option('--endpoints <n>', 'endpoints of each', count, 10)
  .option('--runs <n>', 'runs of each command', count, 3)
  .action((options: VerifyBenchOptions) => benchVerify(options));
program
  .command('report')
  .description(
    'report beside reading its input alone, and its page in Chromium; needs npm run build',
  )
  .option('--sizes <n,n>', 'numbers of Services', counts, [1000, 10_000])
  .option('--endpoints <n>', 'endpoints of each', count, 10)
  .option('--runs <n>', 'runs of each', count, 3)
  .action((options: PageBenchOptions) => benchPage(options));
program
  .command('plot')
  .description('the plot of a file that bench latency --json wrote')
  .argument('<json>')
  .argument('<svg>')
  .action((json: string, svg: string) => {
    const report: LatencyReport = JSON.parse(readFileSync(json, 'utf8'));
    writeFileSync(svg, latencyPlot(report));
  });
program
  .command('agent')
  .description(
    'an agent at a fake API server: event to kernel, processor time, memory; needs root and npm run build',
  )
  .option('--sizes <n,n>', 'numbers of Services', counts, [1000, 5000, 10_000])
  .option('--endpoints <n>', 'endpoints of each', count, 10)
  .addOption(variantsOption())
  .option('--layouts <name,name>', 'kube-proxy, fast', layouts, ['kube-proxy' as const])
  .option('--runs <n>', 'agents for each size, variant and layout', count, 1)
  .option('--changes <n>', 'slices changed one after the other', count, 50)
  .option('--idle <seconds>', 'how long nothing changes', count, 60)
  .option('--busy <seconds>', 'how long ten slices a second change', count, 20)
  .option('--node-option <flag...>', 'flags of Node for the agent, to profile it', [])
  .action((options: AgentBenchOptions) => benchAgent(options));
program
  .command('agent-cell', { hidden: true })
  .argument('<cell>')
  .action(async (text: string) => {
    const cell: AgentCell = JSON.parse(text);
    console.log(JSON.stringify(await runAgentCell(cell)));
  });
await program.parseAsync();
