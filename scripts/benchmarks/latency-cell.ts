/**
 * One cell of `scripts/bench latency`: a process in a network namespace of its own that loads
 * rules, and measures with the program in C how long the first packets of connections take, or
 * where they go, once for each line of its input.
 */

import { execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { LayoutName } from '../../src/config/types.js';
import { compileSnapshot, loadSnapshot, print } from '../../src/index.js';
import type { Variant } from './apply-raw.js';
import { clusterIp, clusterJson, type Size } from './cluster.js';
import { sideOf } from './sides.js';

/** What is loaded; without a variant no rules at all. */
export interface LatencyCell {
  readonly rules?: { readonly variant: Variant; readonly layout: LayoutName } | undefined;
  readonly size: Size;
  readonly program: string;
  /** Connections to each address, or all of them where it is counted where they go. */
  readonly samples: number;
  readonly asked: 'times' | 'counts';
}

/** Microseconds. */
export interface Times {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly least: number;
}

/** Which address of a cluster a packet is sent to; `none` is that of no Service. */
export type TargetName = 'first' | 'middle' | 'last' | 'none';

export interface LatencyResult {
  readonly times?: Partial<Readonly<Record<TargetName, Times>>>;
  /** How many connections each endpoint got that got any. */
  readonly counts?: readonly number[];
}

/** Each round has clients of its own: conntrack still has the connections of the rounds before. */
const sourceOf = (round: number): string => `10.1.${round}.1`;
const ENDPOINT_PORT = 8080;
const SERVICE_PORT = 80;

/**
 * Runs the cell in this process, whose network namespace nobody else uses. Its first line says that
 * it is ready.
 */
export async function runLatencyCell(cell: LatencyCell): Promise<void> {
  prepareNamespace();
  const { rules, size } = cell;
  if (rules !== undefined) await load(rules, size);
  const targets = rules === undefined || size.endpoints === 0 ? NOWHERE : targetsOf(size.services);
  console.log(JSON.stringify('ready'));
  let round = 0;
  for await (const _ of createInterface({ input: process.stdin }))
    console.log(JSON.stringify(measured(cell, targets, sourceOf(round++))));
}

function measured(
  { program, samples, asked }: LatencyCell,
  targets: Partial<Readonly<Record<TargetName, string>>>,
  source: string,
): LatencyResult {
  const ask = (what: 'time' | 'count', some: readonly string[]): unknown =>
    JSON.parse(
      execFileSync(program, [what, String(samples), source, String(ENDPOINT_PORT), ...some], {
        encoding: 'utf8',
      }),
    );
  const words = Object.values(targets);
  if (asked === 'counts') return ask('count', words.slice(0, 1)) as LatencyResult;
  const found = ask('time', words) as Readonly<Record<string, Times>>;
  const times = Object.entries(targets).flatMap(([name, word]) =>
    found[word] === undefined ? [] : [[name, found[word]] as const],
  );
  return { times: Object.fromEntries(times) };
}

/** Every address is local: endpoints need no interfaces of their own. */
function prepareNamespace(): void {
  const script = `
    ip link set lo up
    ip route add local 10.0.0.0/8 dev lo
    sysctl -qw net.netfilter.nf_conntrack_udp_timeout=1
  `;
  execFileSync('sh', ['-e'], { input: script });
}

async function load(
  { variant, layout }: NonNullable<LatencyCell['rules']>,
  size: Size,
): Promise<void> {
  const { raw, compile } = sideOf({ variant, layout });
  const text = clusterJson(size).replaceAll('"protocol": "TCP"', '"protocol": "UDP"');
  const { snapshot, diagnostics } = loadSnapshot([{ name: 'cluster.json', text }]);
  const left = diagnostics.find(({ severity }) => severity === 'error');
  if (left !== undefined) throw new Error(`the cluster was not read whole: ${left.message}`);
  await raw.load(raw.fastestInput(print(compileSnapshot(snapshot, 'IPv4', compile).ruleset)));
}

const NOWHERE = { none: `10.0.1.1:${ENDPOINT_PORT}` } as const;

function targetsOf(services: number): Readonly<Record<TargetName, string>> {
  const at = (i: number): string => `${clusterIp(i)}:${SERVICE_PORT}`;
  return { first: at(0), middle: at(Math.floor(services / 2)), last: at(services - 1), ...NOWHERE };
}
