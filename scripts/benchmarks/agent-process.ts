/**
 * `vipc agent` as it is installed, in the network namespace of this process, with the times of its
 * log lines.
 */

import { spawn } from 'node:child_process';
import { PROGRAM } from './cells.js';

/** One line of its log. */
export interface AgentLine {
  /** When it was read, by `performance.now()`. */
  readonly at: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface RunningAgent {
  readonly pid: number;
  /** When it was started. */
  readonly started: number;
  /** Everything that was logged so far. */
  readonly log: readonly AgentLine[];
  /**
   * The first line from number `start` on for which it holds. Rejects when the agent ends first.
   */
  readonly until: (holds: (line: AgentLine) => boolean, start?: number) => Promise<AgentLine>;
  readonly stop: () => Promise<void>;
}

/** Whether a line is of a sync of IPv4 that succeeded. */
export function isSync({ msg, ipFamily }: AgentLine): boolean {
  return msg === 'SyncProxyRules complete' && ipFamily === 'IPv4';
}

/** Starts an agent that logs JSON. */
export function startAgent(node: readonly string[], flags: readonly string[]): RunningAgent {
  const args = [...node, PROGRAM, 'agent', '--logging-format', 'json', ...flags];
  const started = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const log: AgentLine[] = [];
  const other: string[] = [];
  const listeners = new Set<() => void>();
  const notify = (): void => {
    for (const listener of listeners) listener();
  };
  let isOver = false;
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const at = performance.now();
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('{')) log.push({ ...JSON.parse(line), at });
      else other.push(line);
    }
    notify();
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      isOver = true;
      resolve();
      notify();
    });
  });
  const until: RunningAgent['until'] = (holds, start = 0) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = log.slice(start).find(holds);
        if (found === undefined && !isOver) return;
        listeners.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`the agent ended:\n${lastWords(log, other)}`));
      };
      listeners.add(look);
      look();
    });
  return {
    pid: child.pid ?? 0,
    started,
    log,
    until,
    stop: async () => {
      if (!isOver) child.kill('SIGTERM');
      await ended;
    },
  };
}

function lastWords(log: readonly AgentLine[], other: readonly string[]): string {
  return [...log.slice(-8).map((line) => JSON.stringify(line)), ...other.slice(-8)].join('\n');
}
