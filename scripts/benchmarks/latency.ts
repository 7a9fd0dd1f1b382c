/**
 * `scripts/bench latency`: how long the first packet of a connection takes through the rules of
 * each layout, in one run side by side.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LayoutName } from '../../src/config/types.js';
import type { Variant } from './apply-raw.js';
import { builtC } from './c-program.js';
import type { Size } from './cluster.js';
import type { LatencyResult, TargetName, Times } from './latency-cell.js';
import { startCell } from './latency-process.js';
import { type Machine, machine } from './machine.js';
import { latencyPlot } from './plots.js';
import { table } from './report.js';

/**
 * What is varied: Services, endpoints of one Service, Services without endpoints, and how even it
 * is.
 */
export const LATENCY_PARTS = ['services', 'endpoints', 'refused', 'evenness'] as const;
export type LatencyPart = (typeof LATENCY_PARTS)[number];

export interface LatencyBenchOptions {
  readonly parts: readonly LatencyPart[];
  readonly sizes: readonly number[];
  readonly pools: readonly number[];
  readonly variants: readonly Variant[];
  readonly samples: number;
  readonly connections: number;
  readonly json?: string | undefined;
}

/** One measurement: what was loaded, and microseconds. */
interface LatencyRow extends LatencyResult {
  readonly part: LatencyPart;
  /** Absent: no rules at all. */
  readonly variant?: Variant | undefined;
  readonly layout?: LayoutName | undefined;
  readonly size: Size;
}

/** What `--json` writes. */
export interface LatencyReport {
  readonly machine: Machine;
  readonly rows: readonly LatencyRow[];
}

const LAYOUTS: readonly LayoutName[] = ['kube-proxy', 'fast'];

/** How often each cell is measured. */
const ROUNDS = 9;

/** More Services than these take minutes to load in kube-proxy's shape of mode nftables. */
const MOST_AS_KUBE_PROXY = 10_000;

/** Prints a table for each part and variant. */
export async function benchLatency(options: LatencyBenchOptions): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'vipc-bench-'));
  try {
    const program = builtC('latency', directory);
    const rows: LatencyRow[] = [];
    for (const part of options.parts)
      for (const variant of options.variants) {
        const found = await rowsOf(part, variant, options, program, directory);
        rows.push(...found);
        const load = (loadavg()[0] ?? 0).toFixed(1);
        console.log(
          `\n${variant}, ${part} (load of the machine ${load})\n\n${tableOf(part, found)}`,
        );
        if (options.json !== undefined) {
          const report: LatencyReport = { machine: machine(), rows };
          writeFileSync(options.json, `${JSON.stringify(report, null, 1)}\n`);
          if (part === 'services')
            writeFileSync(options.json.replace(/(?:\.json)?$/, '.svg'), latencyPlot(report));
        }
      }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * The cells of one size are measured in turn, a few times each: the speed of a processor changes
 * within seconds, and would else be a difference between layouts.
 */
async function rowsOf(
  part: LatencyPart,
  variant: Variant,
  { sizes, pools, samples, connections }: LatencyBenchOptions,
  program: string,
  directory: string,
): Promise<readonly LatencyRow[]> {
  const rounds = part === 'evenness' ? 1 : ROUNDS;
  const rows: LatencyRow[] = [];
  for (const size of sizesOf(part, sizes, pools)) {
    const loaded = LAYOUTS.filter((layout) => canLoad(variant, layout, size));
    const layouts = part === 'evenness' ? loaded : [undefined, ...loaded];
    const cells = layouts.map((layout) => ({ layout, rules: layout && { variant, layout } }));
    const running = [];
    for (const { rules } of cells)
      running.push(
        await startCell(
          part === 'evenness'
            ? { rules, size, program, asked: 'counts', samples: connections }
            : { rules, size, program, asked: 'times', samples: Math.ceil(samples / rounds) },
          directory,
        ),
      );
    const results = running.map((): LatencyResult[] => []);
    for (let round = 0; round < rounds; round++)
      for (const [i, cell] of running.entries()) results[i]?.push(await cell.measure());
    await Promise.all(running.map((cell) => cell.end()));
    rows.push(
      ...cells.map(({ rules }, i) => ({ part, ...rules, size, ...middleOf(results[i] ?? []) })),
    );
  }
  return rows;
}

/** For each address the round in the middle. */
function middleOf(results: readonly LatencyResult[]): LatencyResult {
  const [first] = results;
  if (first?.times === undefined) return first ?? {};
  const middle = (name: TargetName): Times | undefined => {
    const all = results.flatMap(({ times }) => times?.[name] ?? []);
    return all.toSorted((a, b) => a.p50 - b.p50)[all.length >> 1];
  };
  const times = Object.keys(first.times).map((name) => [name, middle(name as TargetName)]);
  return { times: Object.fromEntries(times) };
}

function sizesOf(
  part: LatencyPart,
  sizes: readonly number[],
  pools: readonly number[],
): readonly Size[] {
  switch (part) {
    case 'services':
      return sizes.map((services) => ({ services, endpoints: 1 }));
    case 'refused':
      return [1, 1000].map((services) => ({ services, endpoints: 0 }));
    case 'endpoints':
    case 'evenness':
      return pools.map((endpoints) => ({ services: 1, endpoints }));
  }
}

function canLoad(variant: Variant, layout: LayoutName, { services }: Size): boolean {
  return variant !== 'nftables' || layout !== 'kube-proxy' || services <= MOST_AS_KUBE_PROXY;
}

const TARGETS: readonly TargetName[] = ['first', 'middle', 'last', 'none'];

function tableOf(part: LatencyPart, rows: readonly LatencyRow[]): string {
  return table([
    [
      ...['Services', 'endpoints', 'layout'],
      ...(part === 'evenness'
        ? ['connections', 'chi-square / freedom', 'deviations']
        : TARGETS.map((name) => `${name}, us p50`)),
      ...(part === 'evenness' ? [] : ['kube-proxy / fast: last', 'none']),
    ],
    ...rows.map((row) => [
      ...(row.layout === undefined
        ? ['-', '-', 'no rules']
        : [String(row.size.services), String(row.size.endpoints), row.layout]),
      ...(row.counts === undefined ? timeWords(row, rows) : evennessWords(row.counts, row.size)),
    ]),
  ]);
}

function timeWords(row: LatencyRow, rows: readonly LatencyRow[]): readonly string[] {
  const slow = rows.find(
    ({ layout, size }) =>
      layout === 'kube-proxy' &&
      size.services === row.size.services &&
      size.endpoints === row.size.endpoints,
  );
  const ratio = (name: TargetName): string => {
    const [theirs, ours] = [slow?.times?.[name]?.p50, row.times?.[name]?.p50];
    return row.layout !== 'fast' || theirs === undefined || ours === undefined
      ? ''
      : (theirs / ours).toFixed(2);
  };
  return [
    ...TARGETS.map((name) => row.times?.[name]?.p50.toFixed(1) ?? ''),
    ...[ratio('last'), ratio('none')],
  ];
}

/**
 * Pearson's chi-square against equal shares, and how many standard deviations it is from its mean.
 */
function evennessWords(counts: readonly number[], { endpoints }: Size): readonly string[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const mean = all / endpoints;
  const unseen = endpoints - counts.length;
  const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, unseen * mean);
  const freedom = endpoints - 1;
  const deviations = (chiSquare - freedom) / Math.sqrt(2 * freedom);
  return [String(all), (chiSquare / freedom).toFixed(3), deviations.toFixed(2)];
}
