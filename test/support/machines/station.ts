/** A process in a namespace that a test starts once and asks for any number of probes. */

import { spawn } from 'node:child_process';
import { scriptCommand } from '../process/script.js';
import type { Namespace } from './netns.js';
import {
  type Listening,
  type Outcome,
  POD_LISTENING,
  type Probe,
  type ProbeReply,
  type ProbeRequest,
} from './station-protocol.js';

export interface Station {
  /** The outcome of each probe, in the order asked. */
  readonly probe: (probes: readonly Probe[]) => Promise<readonly Outcome[]>;
  readonly close: () => Promise<void>;
}

const PROCESS = new URL('./station-process.ts', import.meta.url);

/**
 * Starts a station in the namespace, as a server of this name or, without a name, as a client only;
 * ready when it returns.
 */
export async function openStation(
  namespace: Namespace,
  name = '',
  listening: Listening = POD_LISTENING,
): Promise<Station> {
  const node = [...scriptCommand(PROCESS), name, JSON.stringify(listening)];
  const child = spawn('nsenter', ['-t', String(namespace.pid), '-n', ...node], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (outcomes: readonly Outcome[]) => void>();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) =>
      reject(new Error(`the station in ${namespace.name} ended with ${code}`)),
    );
    child.once('message', () => resolve());
  });
  child.on('message', (reply: ProbeReply) => {
    waiting.get(reply.id)?.(reply.outcomes);
    waiting.delete(reply.id);
  });
  let id = 0;
  return {
    probe: (probes) =>
      new Promise((resolve) => {
        const request: ProbeRequest = { id: id++, probes };
        waiting.set(request.id, resolve);
        child.send(request);
      }),
    close: async () => {
      child.disconnect();
      await ended;
    },
  };
}
