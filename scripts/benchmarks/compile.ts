/**
 * `scripts/bench compile`: from JSON to rules, stage by stage, then again warm, then one change at
 * a time; each layout beside the others.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { defaultConfig } from '../../src/config/defaults.js';
import type { LayoutName } from '../../src/config/types.js';
import {
  type BackendName,
  buildModel,
  type Compiled,
  type CompileOptions,
  compile,
  compileSnapshot,
  loadSnapshot,
  modelSettings,
  print,
  type Snapshot,
  updateSnapshot,
} from '../../src/index.js';
import type { EndpointSlice } from '../../src/snapshot/types.js';
import { clusterJson, type Size, serviceName } from './cluster.js';
import { floorText } from './floor.js';
import { median, spread, table, timed } from './report.js';

const RUNS = 5;
/** In one process: those that are not counted, and those that are. */
const WARM_UPS = 4;
const WARM_RUNS = 9;
const CHANGES = 100;

/** What all layouts do alike, but for the last two. */
export const STAGES = ['read', 'parse, check, index', 'model', 'rules', 'print'] as const;

export interface Cold {
  /** Milliseconds of processor time. */
  readonly stages: Readonly<Record<(typeof STAGES)[number], number>>;
  readonly lines: number;
  readonly bytes: number;
  /** Largest resident size of the process, MB. */
  readonly peakMb: number;
}

/** What is compiled. */
interface Target {
  readonly mode: BackendName;
  readonly layout: LayoutName;
}

export interface CompileBenchOptions extends Size {
  readonly mode: BackendName;
  readonly layouts: readonly LayoutName[];
}

/** Prints the tables; every cold run is a process of its own, and layouts take turns. */
export function benchCompile({ mode, layouts, ...size }: CompileBenchOptions): void {
  const directory = mkdtempSync(join(tmpdir(), 'vipc-bench-'));
  const file = join(directory, 'cluster.json');
  try {
    writeFileSync(file, clusterJson(size));
    const program = builtCold(directory);
    const runs = Array.from({ length: RUNS }, () =>
      layouts.map((layout) => spawnCold([program, file, mode, layout])),
    );
    const text = readFileSync(file, 'utf8');
    const { snapshot } = loadSnapshot([{ name: 'cluster.json', text }]);
    const targets = layouts.map((layout) => ({ mode, layout }));
    const warm = warmRuns(targets, snapshot);
    for (const [i, target] of targets.entries()) {
      printCold(
        size,
        target,
        runs.flatMap((cold) => cold[i] ?? []),
      );
      printWarm(size, target, snapshot, warm[i] ?? []);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The program of a cold run as one file: a loader of sources would take 100 MB and a second. */
function builtCold(directory: string): string {
  const outfile = join(directory, 'compile-cold.cjs');
  buildSync({
    ...{ entryPoints: [fileURLToPath(new URL('./compile-cold.ts', import.meta.url))], outfile },
    ...{ bundle: true, platform: 'node', format: 'cjs', target: 'node20' },
  });
  return outfile;
}

function spawnCold(words: readonly string[]): Cold {
  return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })) as Cold;
}

function optionsOf({ mode, layout }: Target): CompileOptions {
  return { mode, config: { ...defaultConfig, layout } };
}

function printCold(size: Size, { mode, layout }: Target, runs: readonly Cold[]): void {
  const [first] = runs;
  if (first === undefined) return;
  const sum = (stages: readonly (typeof STAGES)[number][]): readonly number[] =>
    runs.map((run) => stages.reduce((total, stage) => total + run.stages[stage], 0));
  console.log(
    `\n${mode}, layout ${layout}, ${size.services} Services x ${size.endpoints} endpoints: ${first.lines} lines, ${(first.bytes / 1e6).toFixed(1)} MB\n`,
  );
  console.log(
    table([
      ['cold, a process each', `ms of processor time, median of ${RUNS} (range)`],
      ...STAGES.map((stage) => [stage, spread(sum([stage]), 0)]),
      ['objects to text: model, rules, print', spread(sum(['model', 'rules', 'print']), 0)],
      ["the layout's own: rules, print", spread(sum(['rules', 'print']), 0)],
      ['lines per second', (first.lines / (median(sum(['rules', 'print'])) / 1000)).toFixed(0)],
      [
        'peak memory, MB',
        spread(
          runs.map(({ peakMb }) => peakMb),
          0,
        ),
      ],
    ]),
  );
}

/** Milliseconds of one run of a process that has compiled before. */
interface Warm {
  readonly all: number;
  /** Without the model. */
  readonly own: number;
}

/** The runs of each target, which take turns, once V8 has optimised what they run. */
function warmRuns(targets: readonly Target[], snapshot: Snapshot): readonly (readonly Warm[])[] {
  const runs = Array.from({ length: WARM_UPS + WARM_RUNS }, () =>
    targets.map((target) => warmRun(snapshot, optionsOf(target))),
  );
  return targets.map((_, i) => runs.slice(WARM_UPS).flatMap((run) => run[i] ?? []));
}

function warmRun(snapshot: Snapshot, options: CompileOptions): Warm {
  const model = timed(() => buildModel(snapshot, modelSettings(options), 'IPv4'));
  const own = timed(() => print(compile(model.value, options)));
  return { all: model.ms + own.ms, own: own.ms };
}

function printWarm(size: Size, target: Target, snapshot: Snapshot, warm: readonly Warm[]): void {
  const options = optionsOf(target);
  const all = warm.map((run) => run.all);
  const compiled = compileSnapshot(snapshot, 'IPv4', options);
  // The hand-written text is that of kube-proxy's layout.
  const hasFloor = target.mode === 'iptables' && target.layout === 'kube-proxy';
  const floor = hasFloor ? floorTimes(size, print(compiled.ruleset)) : [];
  const changes = changeTimes(size, snapshot, compiled, options);
  console.log(
    `\n${table([
      ['warm, one process', 'ms, median (range)'],
      ['objects to text: model, rules, print', spread(all, 0)],
      [
        "the layout's own: rules, print",
        spread(
          warm.map(({ own }) => own),
          0,
        ),
      ],
      ...(hasFloor
        ? [
            ['floor: the same text by template literals', spread(floor, 0)],
            ['ratio to the floor', (median(all) / median(floor)).toFixed(2)],
          ]
        : []),
      [`one slice changed, recompiled (n=${CHANGES})`, spread(changes, 1)],
    ])}`,
  );
}

/** What the same text takes when it is written without a compiler. */
function floorTimes(size: Size, text: string): readonly number[] {
  const runs = Array.from({ length: RUNS + 1 }, () => timed(() => floorText(size)));
  for (const { value } of runs)
    if (!text.includes(value.chains) || !text.includes(value.rules))
      throw new Error('the compiler and the hand-written text differ');
  return runs.slice(1).map(({ ms }) => ms);
}

/** Takes one endpoint out of one Service after the other. */
function changeTimes(
  size: Size,
  start: Snapshot,
  compiled: Compiled,
  options: CompileOptions,
): readonly number[] {
  let snapshot = start;
  let previous = compiled;
  return Array.from({ length: CHANGES }, (_, i) => {
    const name = `bench/${serviceName((i * 7919) % size.services)}`;
    const slice = snapshot.slices.get(name)?.[0];
    if (slice === undefined) throw new Error(`no slice for ${name}`);
    const changed: EndpointSlice = { ...slice, endpoints: slice.endpoints.slice(1) };
    return timed(() => {
      snapshot = updateSnapshot(snapshot, { set: [changed] });
      previous = compileSnapshot(snapshot, 'IPv4', options, previous);
    }).ms;
  });
}
