/** Node ports and endpoints on this machine, for tests of what serves them. */

import { createServer, type Server, type Socket } from 'node:net';
import type { LoopbackPort } from '../../../src/model/loopback.js';
import type { Endpoint } from '../../../src/model/types.js';
import type { Ip } from '../../../src/net/ip.js';

const LOOPBACK = '127.0.0.1' as Ip;

/** An endpoint at a port of 127.0.0.1. */
export function endpointAt(port: number): Endpoint {
  return {
    ...{ ip: LOOPBACK, port, target: `127.0.0.1:${port}`, nodeName: '', zone: '' },
    ...{ ready: true, serving: true, terminating: false, local: false },
    ...{ zoneHints: [], nodeHints: [] },
  };
}

/** A node port with endpoints at these ports of 127.0.0.1. */
export function portTo(
  targets: readonly number[],
  fields: Partial<LoopbackPort> = {},
): LoopbackPort {
  const endpoints = targets.map(endpointAt);
  return { nodePort: 0, service: 'shop/web', affinitySeconds: 0, endpoints, ...fields };
}

/** The port of 127.0.0.1 at which a server listens now. */
export function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: LOOPBACK, port: 0 }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server on 127.0.0.1 and the connections to it, all of which end with it. */
export class Backend {
  readonly sockets: Socket[] = [];
  readonly #server: Server;

  private constructor(serve: (socket: Socket) => void) {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {});
      this.sockets.push(socket);
      serve(socket);
    });
  }

  static async open(serve: (socket: Socket) => void): Promise<{ backend: Backend; port: number }> {
    const backend = new Backend(serve);
    return { backend, port: await listening(backend.#server) };
  }

  close(): void {
    this.#server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

/** Everything that a socket receives until its end, as text. */
export function received(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.once('error', reject);
    socket.once('end', () => resolve(text));
  });
}

/** Fulfilled when the peer has closed the connection, whether by an error or not. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.once('end', () => socket.end());
    socket.resume();
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}
