/**
 * `scripts/bench verify`: verify, trace and explain as processes of their own, beside reading their
 * input alone; then verify of a folder with a dump a node.
 */

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

import { promisify } from 'node:util';
import { type BackendName, compileSnapshot, loadSnapshot, print } from '../../src/index.js';
import { PROGRAM, requireProgram } from './cells.js';
import {
  clusterIp,
  listJson,
  nodeObject,
  type Size,
  serviceName,
  serviceObjects,
} from './cluster.js';
import { ChildMemory, processorTime } from './process-usage.js';
import { median, spread, table } from './report.js';

export interface VerifyBenchOptions {
  readonly sizes: readonly number[];
  readonly endpoints: number;
  readonly runs: number;
}

const MODES: readonly BackendName[] = ['iptables', 'nftables'];

const NODE_NAME = 'node-1';
const run = promisify(execFile);

/** Reads files and parses the JSON among them, and does nothing else. */
const READING = `
  const { readFileSync } = require('node:fs');
  for (const path of process.argv.slice(1)) {
    const text = readFileSync(path, 'latin1');
    if (text.startsWith('{')) JSON.parse(text);
  }`;

/** What one process used: milliseconds of wall and of processor time, MB at most. */
interface Used {
  readonly wall: number;
  readonly processor: number;
  readonly peak: number;
}

/** Prints a table for each size. The commands take turns, so that a busy moment slows down all. */
export async function benchVerify({ sizes, endpoints, runs }: VerifyBenchOptions): Promise<void> {
  requireProgram();
  const folder = mkdtempSync(join(tmpdir(), 'vipc-bench-'));
  const memory = new ChildMemory(process.pid);
  try {
    for (const services of sizes) await benchSize({ services, endpoints }, runs, folder, memory);
    await benchNodes(endpoints, runs, folder, memory);
  } finally {
    memory.end();
    rmSync(folder, { recursive: true });
  }
  const [load = 0] = loadavg();
  console.log(`load average of the last minute: ${load.toFixed(1)}`);
}

async function benchSize(
  size: Size,
  runs: number,
  folder: string,
  memory: ChildMemory,
): Promise<void> {
  const title = `${size.services} x ${size.endpoints}`;
  await benchCommands(title, commandsFor(size, folder), runs, memory);
}

/** Of so many Services, in dumps of so many nodes. */
const NODES_SERVICES = 500;
const NODE_COUNTS = [1, 10];

/** The difference between two numbers of nodes is what each node takes. */
async function benchNodes(
  endpoints: number,
  runs: number,
  folder: string,
  memory: ChildMemory,
): Promise<void> {
  const commands = NODE_COUNTS.flatMap((nodes) => nodeCommands(nodes, endpoints, folder));
  await benchCommands(`nodes, ${NODES_SERVICES} x ${endpoints}`, commands, runs, memory);
}

async function benchCommands(
  title: string,
  commands: readonly MeasuredCommand[],
  runs: number,
  memory: ChildMemory,
): Promise<void> {
  const used = new Map(commands.map(({ name }): [string, Used[]] => [name, []]));
  for (let i = 0; i < runs; i++)
    for (const { name, args } of commands) used.get(name)?.push(await measured(args, memory));
  const processorOf = (name: string): number =>
    median((used.get(name) ?? []).map(({ processor }) => processor));
  console.log(
    table([
      [title, 'processor, ms', 'wall, ms', 'peak, MB', 'ratio'],
      ...commands.map(({ name, floor }) => {
        const of = (field: keyof Used): number[] => (used.get(name) ?? []).map((one) => one[field]);
        const ratio = (processorOf(name) / processorOf(floor)).toFixed(1);
        return [
          name,
          spread(of('processor'), 0),
          spread(of('wall'), 0),
          spread(of('peak'), 0),
          ratio,
        ];
      }),
    ]),
  );
  console.log('');
}

interface MeasuredCommand {
  readonly name: string;
  /** Of Node. */
  readonly args: readonly string[];
  /** The command that reads the same and does nothing. */
  readonly floor: string;
}

/** Writes the dumps of some nodes, and returns what is done with them. */
function nodeCommands(
  nodes: number,
  endpoints: number,
  folder: string,
): readonly MeasuredCommand[] {
  const numbers = Array.from({ length: nodes }, (_, i) => i);
  const services = Array.from({ length: NODES_SERVICES }, (_, i) => serviceObjects(i, endpoints));
  const items = [...numbers.map(nodeObject), ...services.flat()];
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const objects = join(folder, `objects-of-${nodes}-nodes.json`);
  writeFileSync(objects, text);
  const { snapshot } = loadSnapshot([{ name: objects, text }]);
  const dumps = join(folder, `dumps-of-${nodes}-nodes`);
  mkdirSync(dumps);
  const files = numbers.map((i) => {
    const nodeName = nodeObject(i).metadata.name;
    const { ruleset } = compileSnapshot(snapshot, 'IPv4', { mode: 'iptables', nodeName });
    const path = join(dumps, `${nodeName}.iptables`);
    writeFileSync(path, print(ruleset));
    return path;
  });
  const floor = `reading dumps of ${nodes}`;
  return [
    { name: floor, floor, args: ['-e', READING, objects, ...files] },
    {
      ...{ name: `verify dumps of ${nodes}`, floor },
      args: [PROGRAM, 'verify', '--rules', dumps, '-f', objects],
    },
  ];
}

/** Writes the files of a size, and returns what is done with them. */
function commandsFor(size: Size, folder: string): readonly MeasuredCommand[] {
  const objects = join(folder, `objects-${size.services}.json`);
  const text = listJson(size);
  writeFileSync(objects, text);
  const { snapshot } = loadSnapshot([{ name: objects, text }]);
  const question = ['-f', objects, '--node-name', NODE_NAME];
  const middle = size.services >> 1;
  const reading = (name: string, ...files: readonly string[]): MeasuredCommand => ({
    ...{ name, floor: name },
    args: ['-e', READING, ...files],
  });
  const explain = [PROGRAM, 'explain', `bench/${serviceName(middle)}`, ...question];
  return [
    reading('reading objects', objects),
    { name: 'explain', floor: 'reading objects', args: explain },
    ...MODES.flatMap((mode): readonly MeasuredCommand[] => {
      const rules = join(folder, `rules-${mode}-${size.services}`);
      writeFileSync(
        rules,
        print(compileSnapshot(snapshot, 'IPv4', { mode, nodeName: NODE_NAME }).ruleset),
      );
      const packet = ['--from', '10.64.0.9', '--to', `${clusterIp(middle)}:80`];
      const [both, alone] = [`reading all, ${mode}`, `reading rules, ${mode}`];
      return [
        reading(both, objects, rules),
        {
          ...{ name: `verify, ${mode}`, floor: both },
          args: [
            PROGRAM,
            'verify',
            '--rules',
            rules,
            ...question,
            '--mode',
            mode,
            '--family',
            'ipv4',
          ],
        },
        reading(alone, rules),
        {
          ...{ name: `trace, ${mode}`, floor: alone },
          args: [PROGRAM, 'trace', '--rules', rules, ...packet],
        },
      ];
    }),
  ];
}

async function measured(args: readonly string[], memory: ChildMemory): Promise<Used> {
  memory.take();
  const before = processorTime('self').children;
  const start = performance.now();
  await run(process.execPath, [...args], { maxBuffer: 1 << 26 });
  const wall = performance.now() - start;
  return { wall, processor: processorTime('self').children - before, peak: memory.take() };
}
