/**
 * `scripts/bench compile`: from JSON to rules, stage by stage, then again warm, then one change at
 * a time.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultConfig } from '../../src/config/defaults.js';
import type { LayoutName } from '../../src/config/types.js';
import {
  type BackendName,
  type Compiled,
  type CompileOptions,
  compileSnapshot,
  loadSnapshot,
  print,
  type Snapshot,
  updateSnapshot,
} from '../../src/index.js';
import type { EndpointSlice } from '../../src/snapshot/types.js';
import { clusterJson, type Size, serviceName } from './cluster.js';
import { floorText } from './floor.js';
import { median, spread, table, timed } from './report.js';

const RUNS = 5;
const CHANGES = 100;

interface Cold {
  readonly stages: Readonly<Record<string, number>>;
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

/** Prints the table; every cold run is a process of its own. */
export function benchCompile(options: Size & Target): void {
  const { mode, layout, ...size } = options;
  const target = { mode, layout };
  const directory = mkdtempSync(join(tmpdir(), 'vipc-bench-'));
  const file = join(directory, 'cluster.json');
  try {
    writeFileSync(file, clusterJson(size));
    const cold = Array.from({ length: RUNS }, () => spawnCold(file, target));
    printCold(size, target, cold);
    printWarm(size, target, readFileSync(file, 'utf8'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function spawnCold(file: string, { mode, layout }: Target): Cold {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const out = execFileSync(
    process.execPath,
    ['--import', 'tsx', main, 'compile-cold', file, mode, layout],
    {
      encoding: 'utf8',
    },
  );
  return JSON.parse(out) as Cold;
}

/** One cold run, measured in the process that runs it. */
export function coldRun(file: string, target: Target): Cold {
  const options = optionsOf(target);
  const read = timed(() => readFileSync(file, 'utf8'));
  const load = timed(() => loadSnapshot([{ name: file, text: read.value }]));
  const compiled = timed(() => compileSnapshot(load.value.snapshot, 'IPv4', options));
  const text = timed(() => print(compiled.value.ruleset));
  return {
    stages: {
      read: read.ms,
      'parse, check, index': load.ms,
      'model and rules': compiled.ms,
      print: text.ms,
    },
    lines: text.value.split('\n').length - 1,
    bytes: text.value.length,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
}

function optionsOf({ mode, layout }: Target): CompileOptions {
  return { mode, config: { ...defaultConfig, layout } };
}

function printCold(size: Size, { mode, layout }: Target, runs: readonly Cold[]): void {
  const first = runs[0];
  if (first === undefined) return;
  const compileMs = runs.map(
    ({ stages }) => (stages['model and rules'] ?? 0) + (stages.print ?? 0),
  );
  console.log(
    `${mode}, layout ${layout}, ${size.services} Services x ${size.endpoints} endpoints: ${first.lines} lines, ${(first.bytes / 1e6).toFixed(1)} MB\n`,
  );
  console.log(
    table([
      ['cold, a process each', `ms, median of ${RUNS} (range)`],
      ...Object.keys(first.stages).map((stage) => [
        stage,
        spread(
          runs.map((run) => run.stages[stage] ?? 0),
          0,
        ),
      ]),
      ['objects to text', spread(compileMs, 0)],
      ['lines per second', (first.lines / (median(compileMs) / 1000)).toFixed(0)],
      [
        'peak memory, MB',
        spread(
          runs.map((run) => run.peakMb),
          0,
        ),
      ],
    ]),
  );
}

function printWarm(size: Size, target: Target, json: string): void {
  const options = optionsOf(target);
  const { snapshot } = loadSnapshot([{ name: 'cluster.json', text: json }]);
  const warm: number[] = [];
  const floor: number[] = [];
  let compiled = compileSnapshot(snapshot, 'IPv4', options);
  for (let run = 0; run <= RUNS; run++) {
    const ours = timed(() => {
      compiled = compileSnapshot(snapshot, 'IPv4', options);
      return print(compiled.ruleset);
    });
    if (run > 0) warm.push(ours.ms);
    // The hand-written text is that of kube-proxy's layout.
    if (target.mode !== 'iptables' || target.layout !== 'kube-proxy') continue;
    const theirs = timed(() => floorText(size));
    if (!ours.value.includes(theirs.value.chains) || !ours.value.includes(theirs.value.rules)) {
      throw new Error('the compiler and the hand-written text differ');
    }
    if (run > 0) floor.push(theirs.ms);
  }
  const changes = changeTimes(size, snapshot, compiled, options);
  console.log(
    `\n${table([
      ['warm, one process', 'ms, median (range)'],
      ['objects to text', spread(warm, 0)],
      ...(floor.length === 0
        ? []
        : [
            ['floor: the same text by template literals', spread(floor, 0)],
            ['ratio to the floor', (median(warm) / median(floor)).toFixed(2)],
          ]),
      [`one slice changed, recompiled (n=${CHANGES})`, spread(changes, 1)],
    ])}`,
  );
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
