/**
 * One cell of `scripts/bench apply`: a process in a network namespace of its own, which loads a
 * cluster either by the tool alone or by vipc's long-lived applier, and with the applier goes on to
 * change it.
 */

import { Applier } from '../../src/apply/applier.js';
import { rememberOnly } from '../../src/apply/host-state.js';
import type { Backend } from '../../src/backends/backend.js';
import { BACKENDS } from '../../src/backends/index.js';
import { inputText } from '../../src/backends/transaction.js';
import type { LayoutName } from '../../src/config/types.js';
import { SystemHost } from '../../src/host/system-host.js';
import {
  type Compiled,
  type CompileOptions,
  compileSnapshot,
  type Fragment,
  loadSnapshot,
  print,
  type Ruleset,
  type Snapshot,
  type SnapshotChange,
  updateSnapshot,
} from '../../src/index.js';
import type { EndpointSlice, KubernetesObject, Service } from '../../src/snapshot/types.js';
import { commandTimes } from './apply-command.js';
import { TOOL_MEMORY } from './apply-layouts.js';
import type { Variant } from './apply-raw.js';
import { clusterJson, type Size, serviceName, serviceObjects } from './cluster.js';
import { type Measured, Measuring } from './measuring.js';
import { ChildMemory } from './process-usage.js';
import { timed } from './report.js';
import { type Side, sideOf } from './sides.js';

/** What one process measures. */
export interface Cell {
  readonly variant: Variant;
  readonly layout: LayoutName;
  readonly size: Size;
  /**
   * Who makes the first load; `command`: the one-shot command, which then changes one slice too.
   */
  readonly by: 'tool' | 'vipc' | 'command';
  /** How often each change is made after it. */
  readonly changes: number;
}

const MINUTE = 60_000;

/** Runs the cell in this process, whose network namespace nobody else uses. */
export async function runCell(cell: Cell): Promise<Measured> {
  const { snapshot } = loadSnapshot([{ name: 'cluster.json', text: clusterJson(cell.size) }]);
  const { raw, compile } = sideOf(cell);
  const compiled = compileSnapshot(snapshot, 'IPv4', compile);
  if (cell.by === 'vipc') return new Run(cell, snapshot, compiled).all();
  if (cell.by === 'command') return commandCell(cell, snapshot, compiled);
  const input = raw.fastestInput(print(compiled.ruleset));
  const measuring = new Measuring();
  const children = new ChildMemory(process.pid);
  await measuring.run('first load, tool', () => raw.load(input));
  measuring.note(TOOL_MEMORY, children.take());
  children.end();
  await measuring.run('save after it, tool', () => raw.save());
  return measuring.result();
}

async function commandCell(cell: Cell, snapshot: Snapshot, compiled: Compiled): Promise<Measured> {
  const { compile, read } = sideOf(cell);
  const backend = BACKENDS[compile.mode];
  const host = new SystemHost();
  await host.run({ command: 'true', args: [] });
  const first = await commandTimes(host, backend, read, compiled);
  const change = { set: [movedSlice(snapshot, serviceName(7))] };
  const next = compileSnapshot(updateSnapshot(snapshot, change), 'IPv4', compile, compiled);
  const second = await commandTimes(host, backend, read, next);
  await rememberOnly(host, []);
  return Object.fromEntries(
    Object.entries({ 'first load': first, 'one slice changed': second }).flatMap(([what, times]) =>
      Object.entries(times).map(([stage, ms]) => [`command, ${what}, ${stage}`, [ms]]),
    ),
  );
}

/** The slice of a Service with another address for its first endpoint. */
function movedSlice(snapshot: Snapshot, name: string): EndpointSlice {
  const slice = snapshot.slices.get(`bench/${name}`)?.[0];
  const [first, ...others] = slice?.endpoints ?? [];
  if (slice === undefined || first === undefined) throw new Error(`no slice for ${name}`);
  return { ...slice, endpoints: [...others, { ...first, addresses: ['10.99.0.1'] }] };
}

class Run {
  readonly #cell: Cell;
  readonly #side: Side;
  readonly #host = new SystemHost();
  readonly #applier: Applier;
  readonly #measuring = new Measuring();
  readonly #backend: Backend;
  #snapshot: Snapshot;
  #compiled: Compiled;

  constructor(cell: Cell, snapshot: Snapshot, compiled: Compiled) {
    this.#cell = cell;
    this.#side = sideOf(cell);
    this.#snapshot = snapshot;
    this.#compiled = compiled;
    this.#backend = BACKENDS[this.#side.compile.mode];
    this.#applier = new Applier({
      host: this.#host,
      backend: this.#backend,
      family: 'IPv4',
      lock: { timeout: MINUTE, about: 'bench' },
      read: () => this.#side.read,
      lockTimeout: MINUTE,
      timeout: 20 * MINUTE,
      failedFolder: '/tmp',
      verify: false,
    });
  }

  async all(): Promise<Measured> {
    const { changes, size } = this.#cell;
    const { raw } = this.#side;
    // The library that starts programs is loaded with the first one: part of our start, not of a
    // load.
    await this.#host.run({ command: 'true', args: [] });
    await this.#measuring.run('first load, vipc', () => this.#apply('kernel'));
    await this.#measuring.run('save after it, vipc', () => raw.save());
    for (let i = 0; i < changes; i++) {
      await this.#changeSlice(serviceName((i * 7919 + 5) % size.services));
      await this.#comeAndGo(size.services + i);
      await this.#measuring.run('nothing changed, vipc', () => this.#apply('memory', 0));
    }
    this.#applier.forget();
    await this.#measuring.run('full read-back compare, vipc', () => this.#apply('kernel', 0));
    await this.#measuring.run('full read-back compare, tool', () => raw.save());
    return this.#measuring.result();
  }

  /** One endpoint is replaced; then the same chains once more by the tool. */
  async #changeSlice(name: string): Promise<void> {
    await this.#change('one slice changed', { set: [movedSlice(this.#snapshot, name)] });
    const input = this.#side.raw.ownChains(this.#fragment(name));
    await this.#byTool('one slice changed', input);
  }

  /** A new Service by the applier, its neighbour by the tool, and then both of them leave. */
  async #comeAndGo(i: number): Promise<void> {
    const { size } = this.#cell;
    const { raw, compile } = this.#side;
    const other = compiledAlone(serviceObjects(i + 1_000_000, size.endpoints), compile);
    const objects = clusterObjects(i, size);
    await this.#change('one new Service', { set: objects });
    await this.#byTool('one new Service', raw.newService(other));
    const gone = objects.map(({ kind, metadata }) => ({
      kind,
      name: metadata.name,
      namespace: 'bench',
    }));
    await this.#change('one Service deleted', { delete: gone });
    await this.#byTool('one Service deleted', raw.deletedService(other));
  }

  /** From the object to the end of the tool. Our own share of that: compile, diff and text. */
  async #change(what: string, change: SnapshotChange): Promise<void> {
    const before = this.#compiled;
    let share = 0;
    await this.#measuring.run(`${what}, vipc`, async () => {
      share = timed(() => {
        this.#snapshot = updateSnapshot(this.#snapshot, change);
        this.#compiled = compileSnapshot(this.#snapshot, 'IPv4', this.#side.compile, before);
      }).ms;
      return this.#apply('memory', 1);
    });
    // The applier has done the same, but does not report how long it took.
    const input = timed(() => this.#input(before.ruleset));
    this.#measuring.note(`${what}, our share`, share + input.ms);
    this.#measuring.note(`${what}, bytes`, input.value.length);
  }

  async #byTool(what: string, input: string): Promise<void> {
    await this.#measuring.run(`${what}, tool`, () => this.#side.raw.load(input));
  }

  #input(before: Ruleset): string {
    const plan = this.#backend.planUpdate(before, this.#compiled.ruleset);
    if (plan === undefined) throw new Error('this change needs a look at the kernel');
    return inputText(this.#backend.input(plan, { variant: this.#side.store }));
  }

  /**
   * Throws where the kernel was read although it should not have been, or the other way round, or a
   * load is missing.
   */
  async #apply(from: 'kernel' | 'memory', loads?: number): Promise<undefined> {
    const result = await this.#applier.apply(this.#compiled);
    if (result.from !== from || result.refused.length > 0)
      throw new Error(`planned from ${result.from}, ${result.refused.length} Services refused`);
    if (loads !== undefined && result.sent.length !== loads)
      throw new Error(
        `${result.sent.length} loads: ${inputText(result.sent.flat()).slice(0, 2000)}`,
      );
  }

  #fragment(name: string): Fragment {
    return portOf(this.#compiled.ruleset, `bench/${name}:http TCP`);
  }
}

function portOf({ ports }: Ruleset, origin: string): Fragment {
  const found = ports.find((port) => port.origin === origin);
  if (found === undefined) throw new Error(`no rules of ${origin}`);
  return found;
}

/** The Service and the slice of number `i`, read as from an API server. */
function clusterObjects(i: number, { endpoints }: Size): readonly KubernetesObject[] {
  const items = serviceObjects(i, endpoints);
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const { snapshot } = loadSnapshot([{ name: 'new', text }]);
  const services: Service[] = [...snapshot.services.values()];
  return [...services, ...[...snapshot.slices.values()].flat()];
}

/** The rules of a cluster of one Service. */
function compiledAlone(items: readonly object[], options: CompileOptions): Fragment {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const { snapshot } = loadSnapshot([{ name: 'other', text }]);
  const [port] = compileSnapshot(snapshot, 'IPv4', options).ruleset.ports;
  if (port === undefined) throw new Error('the Service has no rules');
  return port;
}
