/** Runs iptables-restore once, and reads from what it says which line it refused and why. */

import { LockError, ToolError } from '../../../errors.js';
import type { CommandResult, Host } from '../../../host/host.js';
import type { LoadFault, LoadOptions } from '../../kernel.js';
import { failure } from '../../tool-failure.js';
import type { Tools } from '../../tools.js';
import type { LoadInput } from '../../transaction.js';
import type { Remembered } from '../ownership.js';
import { appended } from '../syntax/line-text.js';
import { forget, partialChains, remember, unknownParts } from './remembered.js';

/** Runs the transactions with {@link loadText}, up to one that is refused. */
export async function load(
  host: Host,
  tools: Tools,
  input: LoadInput,
  options: LoadOptions,
): Promise<LoadFault | undefined> {
  for (const [index, { text }] of input.entries()) {
    options.onTransaction?.(index, input);
    const fault = await loadText(host, tools, text, options);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/**
 * As {@link restore}, and records what is in no layout that ships with vipc. What is created is
 * recorded before the load, so that no kill in between makes it unknown, and what a failed load did
 * not create is dropped again.
 */
export async function loadText(
  host: Host,
  tools: Tools,
  input: string,
  options: LoadOptions,
): Promise<LoadFault | undefined> {
  if (options.test === true) return restore(host, tools, input, options);
  const { family } = tools;
  const { added, removed } = unknownParts(input);
  const known = await remember(host, family, added);
  const outcome = await attempt(host, tools, input, options).catch(async (error: unknown) => {
    // Perhaps some of it was loaded: KUBE-FIREWALL is then left to kubelet.
    await forget(host, family, { chains: partialChains(added), rules: new Set() });
    throw error;
  });
  const done = outcome === undefined ? { added, removed } : unknownParts(outcome.loaded);
  await forget(host, family, done.removed);
  await forget(host, family, notCreated(added, done.added, known));
  return outcome?.fault;
}

/**
 * What the load should have created and did not. KUBE-FIREWALL counts in any case: it was missing
 * before the load, so if it exists now, another program has created it.
 */
function notCreated(added: Remembered, created: Remembered, known: Remembered): Remembered {
  const partial = partialChains(added);
  const missing = (kind: keyof Remembered): ReadonlySet<string> =>
    new Set(
      [...added[kind]].filter(
        (item) => !created[kind].has(item) && (partial.has(item) || !known[kind].has(item)),
      ),
    );
  return { chains: missing('chains'), rules: missing('rules') };
}

/**
 * `undefined` where all of the input was loaded, otherwise the reason why not. Each table is either
 * old or new. Throws LockError, PermissionError, TimeoutError or ToolError where it is not about
 * the input, and InterruptedError where the tool was ended.
 */
export async function restore(
  host: Host,
  tools: Tools,
  input: string,
  options: LoadOptions,
): Promise<LoadFault | undefined> {
  return (await attempt(host, tools, input, options))?.fault;
}

/** A load that the tool refused. */
interface FailedLoad {
  readonly fault: LoadFault;
  /** The blocks of the input before the one with the fault: each is committed by itself. */
  readonly loaded: string;
}

async function attempt(
  host: Host,
  tools: Tools,
  input: string,
  { lockTimeout, timeout, test = false, again = false, kill }: LoadOptions,
): Promise<FailedLoad | undefined> {
  const wait = String(Math.max(1, Math.ceil(lockTimeout / 1000)));
  const result = await host.run({
    command: tools.restore,
    args: ['--noflush', ...(test ? ['--test'] : []), '-w', wait],
    input,
    bytes: true,
    detached: true,
    again,
    timeout: lockTimeout + timeout,
    signal: kill,
  });
  if (result.kind === 'exited' && result.code === 0) return undefined;
  const said = result.kind === 'exited' ? result.stderr : '';
  if (/unable to initialize table/.test(said)) throw noTable(tools, said);
  if (said.includes('holding the xtables lock')) throw await lockError(host, lockTimeout);
  const fault = result.kind === 'exited' ? faultIn(said, input) : undefined;
  if (fault === undefined) throw failureOf(tools, result);
  return { fault, loaded: blocksBefore(said, input) };
}

async function lockError(host: Host, lockTimeout: number): Promise<LockError> {
  const holder = await xtablesLockHolder(host);
  const who = holder === '' ? 'another process' : holder;
  return new LockError(
    `${who} holds the xtables lock and did not release it within ${lockTimeout / 1000} s`,
    holder,
    { hint: 'wait for it, or raise --lock-timeout' },
  );
}

/**
 * The kernel has no such table, or does not show it to this process: nothing of the input was
 * looked at.
 */
function noTable({ restore: tool }: Tools, said: string): ToolError {
  return new ToolError(`${tool} failed: ${reasonIn(said)}`, tool, {
    hint: 'iptables-legacy needs CAP_NET_RAW beside CAP_NET_ADMIN, and the modules ip_tables and iptable_nat of the kernel',
  });
}

function failureOf(tools: Tools, result: CommandResult): Error {
  return failure(tools.restore, result);
}

/**
 * Where the input's lines are named: `line 7 failed`, `Error occurred at line: 7`, `line 7:
 * RULE_APPEND failed`.
 */
const NAMED_LINE = /\bline:? (\d+)(?= failed|$|:)/gm;

/** The fault that the tool's messages name; `undefined` where they name no line. */
export function faultIn(said: string, input: string): LoadFault | undefined {
  const numbers = namedLines(said);
  const [first] = numbers;
  if (first === undefined) return undefined;
  const all = input.split('\n');
  const reason = reasonIn(said);
  // For a loop the tool names every jump into it, also foreign ones.
  const lines = (reason.includes('Too many links') ? [] : numbers)
    .map((number) => all[number - 1] ?? '')
    .filter((line) => line !== '' && line !== 'COMMIT');
  const table = all.slice(0, first).findLast((line) => line.startsWith('*')) ?? '';
  return {
    kind: lines.length > 0 && lines.every(isPrecondition) ? 'moved' : 'refused',
    table: table.slice(1),
    lines: lines.map(appended),
    reason,
  };
}

function namedLines(said: string): readonly number[] {
  return [...said.matchAll(NAMED_LINE)].map(([, number]) => Number(number));
}

/** The input up to the block in which the first named line stands. */
function blocksBefore(said: string, input: string): string {
  const lines = input.split('\n').slice(0, namedLines(said)[0]);
  return lines
    .slice(
      0,
      Math.max(
        0,
        lines.findLastIndex((line) => line.startsWith('*')),
      ),
    )
    .join('\n');
}

/** A line that fails only if the kernel does not hold what the plan found. */
function isPrecondition(line: string): boolean {
  return /^-[CDNX] /.test(line);
}

function reasonIn(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => line.replace(/^\S+ v[\d.]+ \((?:nf_tables|legacy)\): /, '').trim())
    .filter((line) => line !== '' && !/^(?:Try `|Error occurred at line)/.test(line));
  return lines.join('; ');
}

/** Where the legacy tools keep their lock unless the environment says otherwise. */
const XTABLES_LOCK = '/run/xtables.lock';

/**
 * The process that holds the lock of the legacy tools, `pid 4711 (iptables)`; `''` where it cannot
 * be found out.
 */
export async function xtablesLockHolder(host: Host): Promise<string> {
  const path = host.variable('XTABLES_LOCKFILE') || XTABLES_LOCK;
  const inode = await host.inode(path);
  if (inode === undefined) return '';
  const locks = (await host.readFile('/proc/locks')) ?? '';
  // `1: FLOCK  ADVISORY  WRITE 4711 00:19:1234 0 EOF`; who waits has an arrow behind the number.
  const held = [...locks.matchAll(/^\d+: FLOCK +\S+ +\S+ (\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /gm)];
  const pid = held.find(([, , number]) => Number(number) === inode)?.[1];
  if (pid === undefined) return '';
  const name = (await host.readFile(`/proc/${pid}/comm`))?.trim() ?? '';
  return name === '' ? `pid ${pid}` : `pid ${pid} (${name})`;
}
