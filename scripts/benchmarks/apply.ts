/**
 * `scripts/bench apply`: what a load and a change cost through the long-lived applier, and by the
 * tools alone.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import type { LayoutName } from '../../src/config/types.js';
import type { Cell } from './apply-cell.js';
import { layoutTable } from './apply-layouts.js';
import type { Variant } from './apply-raw.js';
import { type Gathered, gathered, spawnCell } from './cells.js';
import { KUBE_PROXY } from './kube-proxy-numbers.js';
import { machine } from './machine.js';
import { cpuName } from './measuring.js';
import { type ChangeReport, changePlot } from './plots.js';
import { median, spread, table } from './report.js';
import { sidesOf } from './sides.js';

export interface ApplyBenchOptions {
  /** Numbers of Services. */
  readonly sizes: readonly number[];
  readonly endpoints: number;
  readonly variants: readonly Variant[];
  /** One that the mode of a variant does not have is passed over. */
  readonly layouts: readonly LayoutName[];
  /** First loads by each side. */
  readonly runs: number;
  /** Changes of each kind after every first load of vipc. */
  readonly changes: number;
  /** What changes cost is added to this file, and the plot beside it drawn again. */
  readonly json?: string | undefined;
}

/**
 * Prints a table per variant and size. The two sides take turns, each in a network namespace of its
 * own.
 */
export function benchApply(options: ApplyBenchOptions): void {
  const { sizes, endpoints, variants, layouts, runs, changes, json } = options;
  for (const services of sizes)
    for (const variant of variants) {
      const measured = new Map<LayoutName, Gathered>();
      for (const [, layout] of sidesOf([variant], layouts)) {
        const size = { services, endpoints };
        const cells = (['tool', 'vipc', 'command'] as const).map(
          (by): Cell => ({ variant, layout, size, by, changes }),
        );
        const turns = Array.from({ length: runs }, () => cells).flat();
        const found = gathered(turns.map((cell) => spawnCell('apply-cell', cell)));
        measured.set(layout, found);
        printCell(variant, layout, services, endpoints, found);
        if (json === undefined) continue;
        const [ours = 0, tool = 0] = ['vipc', 'tool'].map((by) =>
          median(found.get(`one slice changed, ${by}`) ?? []),
        );
        const load = loadavg()[0] ?? 0;
        addRow({ variant, layout, services, endpoints, load, vipc: ours, tool }, json);
      }
      const [theirs, ours] = [measured.get('kube-proxy'), measured.get('fast')];
      if (theirs === undefined || ours === undefined) continue;
      console.log(`\n${layoutTable(variant, theirs, ours)}`);
    }
}

type Row = ChangeReport['rows'][number];

/**
 * Long runs are made in parts: rows of the same machine and day stay, but for those that are
 * measured anew.
 */
function addRow(row: Row, file: string): void {
  const here = machine();
  const kept: ChangeReport | undefined = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : undefined;
  const isSame = kept !== undefined && JSON.stringify(kept.machine) === JSON.stringify(here);
  const rows = [...(isSame ? kept.rows : []).filter((other) => !isAbout(other, row)), row];
  rows.sort((a, b) => a.services - b.services);
  const report: ChangeReport = { machine: here, rows };
  writeFileSync(file, `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(file.replace(/(?:\.json)?$/, '.svg'), changePlot(report));
}

function isAbout(one: Row, other: Row): boolean {
  return (
    one.variant === other.variant &&
    one.layout === other.layout &&
    one.services === other.services &&
    one.endpoints === other.endpoints
  );
}

/** What is measured on both sides; the third word is the goal for the ratio, if there is one. */
const PAIRS: readonly (readonly [string, string, string])[] = [
  ['first load', '', '<= 1.3'],
  ['save after it', '', ''],
  ['one slice changed', '', '<= 1.25'],
  ['one new Service', '', ''],
  ['one Service deleted', '', ''],
  ['full read-back compare', 'the save alone', ''],
];

const CHANGES = ['one slice changed', 'one new Service', 'one Service deleted'];

function printCell(
  variant: Variant,
  layout: LayoutName,
  services: number,
  endpoints: number,
  found: Gathered,
): void {
  const seconds = (name: string): string => {
    const values = (found.get(name) ?? []).map((ms) => ms / 1000);
    return values.length > 1 ? `${spread(values, 3)} n=${values.length}` : spread(values, 3);
  };
  const values = (what: string, by: string): readonly number[] => found.get(`${what}, ${by}`) ?? [];
  const ratios = (what: string): readonly string[] => {
    const [ours, theirs] = [values(what, 'vipc'), values(what, 'tool')];
    const [cpu, theirCpu] = ['vipc', 'tool'].map((by) => sum(found.get(cpuName(`${what}, ${by}`))));
    return [
      (median(ours) / median(theirs)).toFixed(2),
      (Math.min(...ours) / Math.min(...theirs)).toFixed(2),
      ((cpu ?? 0) / (theirCpu ?? 0)).toFixed(2),
    ];
  };
  const reference = KUBE_PROXY[variant][`${services}x${endpoints}`];
  const load = loadavg()[0] ?? 0;
  console.log(
    `\n${variant}, layout ${layout}, ${services} Services x ${endpoints} endpoints (load of the machine ${load.toFixed(1)})\n`,
  );
  console.log(
    table([
      [
        'seconds, median (range)',
        'vipc',
        'the tool alone',
        'ratio',
        'of shortest',
        'of processor time',
        'goal',
        'kube-proxy, recorded*',
      ],
      ...PAIRS.map(([what, note, goal]) => [
        note === '' ? what : `${what} (tool: ${note})`,
        seconds(`${what}, vipc`),
        seconds(`${what}, tool`),
        ...ratios(what),
        goal,
        kubeProxyWords(reference?.[what], median(values(what, 'vipc')) / 1000),
      ]),
      ['nothing changed', seconds('nothing changed, vipc')],
    ]),
  );
  console.log(
    `\n${table([
      ['our own share: compile, diff, text', 'ms, median (range)', 'input, bytes'],
      ...CHANGES.map((what) => [
        what,
        spread(found.get(`${what}, our share`) ?? [], 1),
        spread(found.get(`${what}, bytes`) ?? [], 0),
      ]),
    ])}`,
  );
  console.log(`\n${commandTable(seconds)}`);
  console.log('\n* kube-proxy 1.36.2 on another day: for orientation, not of this run');
}

function sum(values: readonly number[] = []): number {
  return values.reduce((total, value) => total + value, 0);
}

const STAGES = ['read', 'plan', 'load', 'verify', 'whole'];

function commandTable(seconds: (name: string) => string): string {
  return table([
    ['the one-shot command, seconds', ...STAGES],
    ...['first load', 'one slice changed'].map((what) => [
      what,
      ...STAGES.map((stage) => seconds(`command, ${what}, ${stage}`)),
    ]),
  ]);
}

/** The recorded number, and how many times as long it is as ours. */
function kubeProxyWords(recorded: number | undefined, ours: number): string {
  if (recorded === undefined) return '';
  return `${recorded} s = ${(recorded / ours).toFixed(1)} x ours`;
}
