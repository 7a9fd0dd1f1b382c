/** `vipc agent` as a process of its own in a namespace, with its log as it is written. */

import { spawn } from 'node:child_process';
import type { Namespace } from '../machines/netns.js';
import { PATIENCE } from '../until.js';
import { PROGRAM } from './program.js';

/** One line of its log (`--logging-format json`). */
export interface LogLine {
  readonly level: string;
  readonly part: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** How it ended. */
interface AgentEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface AgentProcess {
  readonly pid: number;
  /** Everything that was logged so far. */
  readonly log: readonly LogLine[];
  /** What was written to standard error besides. */
  readonly other: readonly string[];
  /**
   * The next line, from `start` on, for which it holds; rejects when the agent ends first, or after
   * {@link PATIENCE}.
   */
  readonly until: (
    what: string,
    holds: (line: LogLine) => boolean,
    start?: number,
  ) => Promise<LogLine>;
  readonly ended: Promise<AgentEnd>;
  /** Sends the signal, SIGTERM if absent, and waits for the end. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<AgentEnd>;
}

/** Whether a line is of a sync that succeeded, of this family if one is given. */
export function isSync(family?: 'IPv4' | 'IPv6'): (line: LogLine) => boolean {
  return ({ msg, ipFamily }) =>
    msg === 'SyncProxyRules complete' && (family === undefined || ipFamily === family);
}

/**
 * Starts an agent with these flags. Health and metrics ports belong to the namespace, so the usual
 * ones are free.
 */
export function startAgent(
  namespace: Namespace,
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
): AgentProcess {
  const words = ['agent', '--logging-format', 'json', ...flags];
  const child = spawn('nsenter', ['-t', String(namespace.pid), '-n', ...PROGRAM, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...namespace.env, HOME: '/nonexistent', ...env },
  });
  const log: LogLine[] = [];
  const other: string[] = [];
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  let end: AgentEnd | undefined;
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('{')) log.push(JSON.parse(line));
      else other.push(line);
    }
    tell();
  });
  const ended = new Promise<AgentEnd>((resolve) => {
    child.once('close', (code, signal) => {
      end = { code, signal };
      resolve(end);
      tell();
    });
  });
  const until: AgentProcess['until'] = (what, holds, start = 0) =>
    new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        listeners.delete(look);
      };
      const fail = (reason: string): void => {
        settle();
        const last = [...log.slice(-8).map((line) => JSON.stringify(line)), ...other.slice(-8)];
        reject(new Error(`${what}: ${reason}\n${last.join('\n')}`));
      };
      const look = (): void => {
        const found = log.slice(start).find(holds);
        if (found !== undefined) {
          settle();
          resolve(found);
        } else if (end !== undefined) fail(`the agent ended with ${end.code ?? end.signal}`);
      };
      const timer = setTimeout(() => fail('not seen in time'), PATIENCE);
      listeners.add(look);
      look();
    });
  return {
    pid: child.pid ?? 0,
    log,
    other,
    until,
    ended,
    stop: async (signal = 'SIGTERM') => {
      if (end === undefined) child.kill(signal);
      return ended;
    },
  };
}
