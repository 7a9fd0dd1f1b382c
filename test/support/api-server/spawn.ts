/** The test's side of a fake API server in a process of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import type { Namespace } from '../machines/netns.js';
import { scriptCommand } from '../process/script.js';
import type { FromServer, Listening, Method, ToServer } from './protocol.js';
import type { ApiServer, ApiServerOptions } from './types.js';

/** An {@link ApiServer} whose methods all give promises. */
export type RemoteApiServer = Listening & {
  readonly [K in Method]: (
    ...args: Parameters<ApiServer[K]>
  ) => Promise<Awaited<ReturnType<ApiServer[K]>>>;
} & {
  readonly pid: number;
};

const PROCESS = new URL('./process.ts', import.meta.url);

/** Every method, so that the compiler says which one is missing. */
const METHODS: Readonly<Record<Method, true>> = {
  kubeconfig: true,
  set: true,
  setMany: true,
  delete: true,
  restore: true,
  get: true,
  objects: true,
  advance: true,
  compact: true,
  misbehave: true,
  heal: true,
  resetWatches: true,
  endWatches: true,
  inject: true,
  bookmark: true,
  changeToken: true,
  stop: true,
  start: true,
  restart: true,
  announceShutdown: true,
  requests: true,
  forgetRequests: true,
  events: true,
  stats: true,
  close: true,
};

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Starts a server in a process of its own, inside a namespace if one is given; it listens when this
 * returns.
 */
export async function spawnApiServer(
  options: ApiServerOptions = {},
  namespace?: Namespace,
): Promise<RemoteApiServer> {
  const inside = namespace === undefined ? [] : ['nsenter', '-t', String(namespace.pid), '-n'];
  const [command = '', ...args] = [...inside, ...scriptCommand(PROCESS)];
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map<number, Waiting>();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const listening = await new Promise<Listening>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the fake API server ended with ${code}`)));
    child.on('message', (message: FromServer) => {
      if (message.kind === 'listening') resolve(message.listening);
      else settle(message, waiting);
    });
    tell(child, { kind: 'options', options });
  });
  void ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error('the fake API server has ended'));
  });
  let lastId = 0;
  const call = (method: Method, given: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      tell(child, { kind: 'call', call: { id, method, args: given } });
    });
  const methods = Object.fromEntries(
    Object.keys(METHODS).map((method) => [
      method,
      (...given: readonly unknown[]) => call(method as Method, given),
    ]),
  );
  const close = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    await ended;
  };
  return { ...methods, ...listening, pid: child.pid ?? 0, close } as RemoteApiServer;
}

function tell(child: ChildProcess, message: ToServer): void {
  child.send(message);
}

function settle(
  message: Exclude<FromServer, { kind: 'listening' }>,
  waiting: Map<number, Waiting>,
): void {
  const one = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.kind === 'result') one?.resolve(message.result);
  else one?.reject(new Error(message.message));
}
