/** One connection from a client through this process to an endpoint. */

import { connect, type NetConnectOpts, type Socket } from 'node:net';
import type { Timers } from '../../host/clock.js';
import type { Endpoint } from '../../model/types.js';

/** Milliseconds until an endpoint that does not answer is given up, as in kube-proxy. */
const DIAL_TIMEOUT = 5000;

/**
 * Each side ends by itself, and silence is probed after 15 seconds, as Go's sockets do: a peer that
 * has disappeared keeps nothing open.
 */
export const SOCKET_OPTIONS = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 15_000,
} as const;

/** How endpoints are reached. */
export interface Dialer {
  readonly timers: Timers;
  /** Node's own if absent. */
  readonly connect?: ((options: NetConnectOpts) => Socket) | undefined;
}

export interface Relay {
  /** Ends both sides at once. */
  readonly close: () => void;
  /** Fulfilled when both sockets are closed. */
  readonly closed: Promise<unknown>;
}

/**
 * Connects to the endpoint and passes on bytes both ways, no faster than they are taken, and the
 * end of each way as that. A failure of either side ends the other.
 */
export function relay(
  client: Socket,
  { ip: host, port }: Pick<Endpoint, 'ip' | 'port'>,
  { timers, connect: dial = connect }: Dialer,
): Relay {
  const server = dial({ host, port, ...SOCKET_OPTIONS });
  const both = [client, server];
  const close = (): void => {
    for (const socket of both) socket.destroy();
  };
  const timer = timers.after(DIAL_TIMEOUT, close);
  timer.unref();
  server.once('close', timer.cancel);
  server.once('connect', () => {
    timer.cancel();
    client.pipe(server);
    server.pipe(client);
  });
  for (const socket of both) socket.on('error', close);
  return { close, closed: Promise.all(both.map(closed)) };
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}
