/** Lists tracked flows to find stale ones, and deletes those after a load. */

import type { Diagnostic } from '../diagnostics.js';
import { type ConntrackFlow, parseFlows } from '../flows/flows.js';
import type { Frontend } from '../flows/frontends.js';
import type { StaleFlow } from '../flows/stale-flows.js';
import { type StaleFlowOptions, staleFlows } from '../flows/stale-flows.js';
import type { Command, CommandResult, Host } from '../host/host.js';
import type { Model } from '../model/types.js';
import { type Family, familyOf } from '../net/ip.js';

/**
 * The stale flows. Without the program conntrack there are none, and a diagnostic says so; rules
 * are loaded anyway.
 */
export interface FoundFlows {
  readonly stale: readonly StaleFlow[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The result of deleting stale flows. */
export interface DeletedFlows {
  /** Entries that no longer exist; some may have expired before. */
  readonly deleted: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** Milliseconds; a table of 262,144 flows, the usual limit, is listed in one to two seconds. */
const TIMEOUT = 60_000;

/** Deletions that run at once: each walks the whole table of the kernel. */
const CONCURRENCY = 4;

/**
 * The flows that are stale once the rules of these models are loaded. Lists only protocols that
 * Services use.
 */
export async function findStaleFlows(
  host: Host,
  models: readonly Model[],
  options: StaleFlowOptions,
  signal?: AbortSignal,
): Promise<FoundFlows> {
  const results = await Promise.all(
    listCommands(models, options.previous ?? []).map(async (command) => ({
      command,
      result: await host.run(abortable(command, signal)),
    })),
  );
  const flows: ConntrackFlow[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { command, result } of results) {
    if (result.kind === 'exited' && result.code === 0) {
      for (const flow of parseFlows(result.stdout)) flows.push(flow);
    } else diagnostics.push(refusal(command, result, 'flows to removed endpoints are not found'));
  }
  return {
    stale: staleFlows(models, flows, options),
    // All runs fail for the same reason.
    diagnostics: diagnostics.slice(0, 1),
  };
}

function listCommands(models: readonly Model[], previous: readonly Frontend[]): readonly Command[] {
  const kinds = new Set(previous.map(({ family, protocol }) => `${FLAGS[family]} ${protocol}`));
  for (const { ports } of models)
    for (const { family, protocol } of ports)
      if (protocol !== 'TCP') kinds.add(`${FLAGS[family]} ${protocol}`);
  return [...kinds].sort().map((kind) => {
    const [family = '', protocol = ''] = kind.toLowerCase().split(' ');
    const args = ['-L', '-o', 'extended,id', '-f', family, '-p', protocol];
    return { command: 'conntrack', args, timeout: TIMEOUT };
  });
}

const FLAGS: Readonly<Record<Family, string>> = { IPv4: 'ipv4', IPv6: 'ipv6' };

/**
 * The commands that delete these flows and no others. Each deletion makes the kernel walk its whole
 * table, 0.13 s for 50,000 flows, so one deletes all flows to one address that go to one endpoint.
 * The command names the endpoint, so that a flow that has meanwhile got a new one stays.
 */
function deleteCommands(stale: readonly StaleFlow[]): readonly Command[] {
  const filters = new Map<string, readonly string[]>();
  for (const { flow } of stale) {
    const { protocol, destination, destinationPort, replySource, replySourcePort } = flow;
    const filter = [
      ...['-f', FLAGS[familyOf(destination)], '-p', protocol.toLowerCase(), '-w', '0'],
      ...['--orig-dst', destination, '--dport', String(destinationPort)],
      ...['--reply-src', replySource, '--reply-port-src', String(replySourcePort)],
    ];
    filters.set(filter.join(' '), filter);
  }
  return [...filters.values()].map((filter) => ({
    command: 'conntrack',
    args: ['-D', ...filter],
    timeout: TIMEOUT,
  }));
}

/**
 * Deletes stale flows. Expired ones are no failure; a failure is reported and the rest is still
 * deleted.
 */
export async function deleteFlows(
  host: Host,
  stale: readonly StaleFlow[],
  signal?: AbortSignal,
): Promise<DeletedFlows> {
  const waiting = [...deleteCommands(stale)];
  const diagnostics: Diagnostic[] = [];
  let deleted = 0;
  const work = async (): Promise<void> => {
    for (let command = waiting.shift(); command !== undefined; command = waiting.shift()) {
      const result = await host.run(abortable(command, signal));
      const count = result.kind === 'exited' ? deletedCount(result.stderr) : undefined;
      if (count === undefined)
        diagnostics.push(refusal(command, result, 'flows to removed endpoints stay'));
      else deleted += count;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return { deleted, diagnostics: diagnostics.slice(0, 1) };
}

function abortable(command: Command, signal: AbortSignal | undefined): Command {
  return signal === undefined ? command : { ...command, signal };
}

/**
 * `conntrack v1.4.7 (conntrack-tools): 3 flow entries have been deleted.` With 0 the exit status is
 * 1.
 */
function deletedCount(stderr: string): number | undefined {
  const count = /(\d+) flow entries have been deleted/.exec(stderr)?.[1];
  return count === undefined ? undefined : Number(count);
}

function refusal(command: Command, result: CommandResult, consequence: string): Diagnostic {
  if (result.kind === 'missing')
    return {
      code: 'conntrack-missing',
      severity: 'warning',
      message: `the program conntrack is not installed: ${consequence}`,
      hint: 'install conntrack-tools; UDP clients may be stuck until their flows expire',
    };
  const said =
    result.kind === 'exited'
      ? `says ${JSON.stringify(lastWords(result.stderr))}`
      : result.kind === 'unstarted'
        ? `cannot be started now: ${result.reason}`
        : `was ended by ${result.signal}`;
  return {
    code: 'conntrack-failed',
    severity: 'warning',
    message: `conntrack ${command.args[0] ?? ''} ${said}: ${consequence}`,
  };
}

function lastWords(stderr: string): string {
  return stderr.trim().replace(/^conntrack v\S+ \(conntrack-tools\): /, '');
}
