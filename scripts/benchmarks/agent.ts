/**
 * `scripts/bench agent`: what an agent costs, and how long a change takes from the API server to
 * the kernel.
 */

import { loadavg } from 'node:os';
import type { LayoutName } from '../../src/config/types.js';
import { type AgentCell, RATE } from './agent-cell.js';
import type { Variant } from './apply-raw.js';
import { type Gathered, gathered, requireProgram, spawnCell } from './cells.js';
import { KUBE_PROXY, KUBE_PROXY_MB, TOOL_THEN } from './kube-proxy-numbers.js';
import { median, percentile, spread, table } from './report.js';
import { sidesOf } from './sides.js';

export interface AgentBenchOptions {
  /** Numbers of Services. */
  readonly sizes: readonly number[];
  readonly endpoints: number;
  readonly variants: readonly Variant[];
  readonly layouts: readonly LayoutName[];
  /** Agents for each size and variant. */
  readonly runs: number;
  readonly changes: number;
  /** Seconds. */
  readonly idle: number;
  /** Seconds. */
  readonly busy: number;
  readonly nodeOption: readonly string[];
}

type Rows = readonly (readonly string[])[];

/** Prints tables per variant, layout and size. Every run has a network namespace of its own. */
export function benchAgent(options: AgentBenchOptions): void {
  requireProgram();
  const {
    sizes,
    endpoints,
    variants,
    layouts,
    runs,
    changes,
    idle,
    busy,
    nodeOption: node,
  } = options;
  for (const services of sizes) {
    for (const [variant, layout] of sidesOf(variants, layouts)) {
      const cell: AgentCell = {
        ...{ variant, layout, size: { services, endpoints }, changes, idle, busy, node },
      };
      const measured = Array.from({ length: runs }, () => spawnCell('agent-cell', cell));
      printCell(cell, gathered(measured));
    }
  }
}

function printCell(cell: AgentCell, found: Gathered): void {
  const { variant, layout, size, idle, busy } = cell;
  const load = loadavg()[0] ?? 0;
  console.log(
    `\n${variant}, layout ${layout}, ${size.services} Services x ${size.endpoints} endpoints (load of the machine ${load.toFixed(1)})\n`,
  );
  console.log(`${table(latencyRows(cell, found))}\n`);
  console.log(`${table(startRows(cell, found))}\n`);
  console.log(`${table(processorRows(found, idle, busy))}\n`);
  console.log(table(memoryRows(cell, found)));
  console.log('\n* kube-proxy 1.36.2 on another day: for orientation, not of this run');
}

/**
 * How many times as long kube-proxy's recorded change is to be; a change of legacy is the kernel's
 * own.
 */
const GOALS: Readonly<Record<Variant, Readonly<Record<number, number>>>> = {
  nf_tables: { 1000: 1.8, 5000: 3 },
  legacy: { 1000: 1, 5000: 1, 10000: 1 },
  nftables: { 1000: 5, 5000: 20, 10000: 35 },
};

function latencyRows(cell: AgentCell, found: Gathered): Rows {
  const of = (name: string): readonly number[] => found.get(name) ?? [];
  const ms = (name: string): readonly string[] =>
    [median(of(name)), percentile(of(name), 99), Math.min(...of(name))].map((n) => n.toFixed(1));
  const [ours, tool] = [of('event to kernel, the end'), of('tool alone')];
  return [
    ['one slice changed, ms', 'p50', 'p99', 'shortest', 'n'],
    ['event to rule in the kernel', ...ms('event to kernel'), `${ours.length}`],
    ['event to the end of the tool', ...ms('event to kernel, the end')],
    ['of it the sync', ...ms('event to kernel, the sync')],
    ['the tool alone, same chains', ...ms('tool alone'), `${tool.length}`],
    ['ratio of the ends', ...ratios(ours, tool)],
    ...kubeProxyRows(cell, median(ours), median(tool)),
  ];
}

/** Milliseconds, and the same in runs of the tool, which no slower machine changes. */
function kubeProxyRows({ variant, size }: AgentCell, ours: number, tool: number): Rows {
  const key = `${size.services}x${size.endpoints}`;
  const [then, toolThen] = [
    KUBE_PROXY[variant][key]?.['one slice changed'],
    TOOL_THEN[variant][key],
  ];
  if (then === undefined || toolThen === undefined) return [['kube-proxy, recorded*', '-']];
  const goal = GOALS[variant][size.services];
  const runs = then / toolThen;
  return [
    ['kube-proxy, recorded*', `${then * 1000}`, `= ${((then * 1000) / ours).toFixed(1)} x ours`],
    [
      'in runs of the tool, that day and today',
      runs.toFixed(1),
      `= ${((runs * tool) / ours).toFixed(1)} x ours`,
      goal === undefined ? '' : `goal ${goal} x`,
    ],
  ];
}

function ratios(ours: readonly number[], tool: readonly number[]): readonly string[] {
  return [
    median(ours) / median(tool),
    percentile(ours, 99) / percentile(tool, 99),
    Math.min(...ours) / Math.min(...tool),
  ].map((ratio) => ratio.toFixed(2));
}

function startRows({ variant, size }: AgentCell, found: Gathered): Rows {
  const seconds = (name: string): string =>
    spread(
      (found.get(name) ?? []).map((ms) => ms / 1000),
      2,
    );
  const recorded = KUBE_PROXY[variant][`${size.services}x${size.endpoints}`]?.['first load'];
  return [
    [
      'from the start of the process, seconds',
      'rules',
      'first sync',
      'ready',
      'kube-proxy, recorded*',
    ],
    [
      'empty kernel',
      seconds('start, empty kernel, rules'),
      seconds('start, empty kernel'),
      seconds('start, empty kernel, ready'),
      recorded === undefined ? '-' : `${recorded} (objects to kernel)`,
    ],
    [
      'kernel as it should be (nothing written)',
      '',
      seconds('start, right kernel'),
      seconds('start, right kernel, ready'),
    ],
    ['full drift check', seconds('full check')],
  ];
}

function processorRows(found: Gathered, idle: number, busy: number): Rows {
  const percent = (name: string): string =>
    spread(
      (found.get(name) ?? []).map((ms) => ms / 10),
      2,
    );
  return [
    ['% of one core', 'agent', 'its tools', 'syncs a second'],
    [`idle for ${idle} s, drift checks every 30 s`, percent('idle, agent'), percent('idle, tools')],
    [
      `${RATE} changes a second for ${busy} s`,
      percent('busy, agent'),
      percent('busy, tools'),
      spread(found.get('busy, syncs a second') ?? [], 1),
    ],
  ];
}

function memoryRows({ variant, idle }: AgentCell, found: Gathered): Rows {
  const mb = (name: string): string => spread(found.get(name) ?? [], 0);
  const { largest, goal } = KUBE_PROXY_MB[variant];
  return [
    ['resident memory, MB', 'agent', 'largest tool'],
    ['after the first sync', mb('after the first sync'), mb('largest child, start')],
    [`after ${idle} s without changes`, mb('after the idle time'), mb('largest child, later')],
    ['after the changes', mb('after the busy time')],
    ['peak', mb('peak')],
    ['restarted: after the first sync', mb('after a restart'), mb('largest child, restart')],
    ['then after a full check', mb('after a full check'), mb('largest child, full check')],
    ['then peak', mb('peak with a full check')],
    ['kube-proxy at 10000x10, recorded*', `${largest}, goal <= ${goal}`],
  ];
}
