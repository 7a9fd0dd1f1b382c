/** Traffic under load: servers that start and stop, and a client that connects all the time. */

import { spawn } from 'node:child_process';
import { scriptCommand } from '../process/script.js';
import type { Namespace } from './netns.js';
import type { Connection, TrafficCommand, TrafficReply } from './traffic-protocol.js';

export interface Traffic {
  /** A server on this address of the namespace; it is there when this returns. */
  readonly serve: (address: string, port: number) => Promise<void>;
  /** Ends the server; connections that it has accepted are still answered. */
  readonly end: (address: string) => Promise<void>;
  /** Begins to open connections to this host, beside those to others. */
  readonly connect: (host: string, port: number, perSecond: number) => Promise<void>;
  /** Ends that, waits for the last answer, and returns all. */
  readonly stop: () => Promise<readonly Connection[]>;
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: (connections: readonly Connection[]) => void;
  readonly reject: (error: Error) => void;
}

type Order<T> = T extends TrafficCommand ? Omit<T, 'id'> : never;

const PROCESS = new URL('./traffic-process.ts', import.meta.url);

/** Starts the process in the namespace. */
export async function openTraffic(namespace: Namespace): Promise<Traffic> {
  const child = spawn('nsenter', ['-t', String(namespace.pid), '-n', ...scriptCommand(PROCESS)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, Waiting>();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) =>
      reject(new Error(`the traffic process in ${namespace.name} ended with ${code}`)),
    );
    child.once('message', () => resolve());
  });
  child.on('message', (reply: TrafficReply) => {
    waiting.get(reply.id)?.resolve(reply.connections);
    waiting.delete(reply.id);
  });
  void ended.then(() => {
    const error = new Error(`the traffic process in ${namespace.name} has ended`);
    for (const { reject } of waiting.values()) reject(error);
  });
  let last = 0;
  const send = (order: Order<TrafficCommand>): Promise<readonly Connection[]> =>
    new Promise((resolve, reject) => {
      const id = last++;
      waiting.set(id, { resolve, reject });
      child.send({ ...order, id });
    });
  return {
    serve: async (address, port) => {
      await send({ kind: 'serve', address, port });
    },
    end: async (address) => {
      await send({ kind: 'end', address });
    },
    connect: async (host, port, perSecond) => {
      await send({ kind: 'connect', host, port, perSecond });
    },
    stop: () => send({ kind: 'stop' }),
    close: async () => {
      child.disconnect();
      await ended;
    },
  };
}
