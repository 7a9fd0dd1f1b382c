/** The TLS side of the fake API server: connections, how they end, and the log of requests. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Certificate } from './certificate.js';
import { answer } from './handler.js';
import { resourceName, routeOf } from './route.js';
import type { ServerState } from './state.js';
import type { Ending, LoggedRequest } from './types.js';

interface ListenerOptions {
  readonly identity: Certificate;
  readonly host: string;
  readonly idleMs: number;
  readonly state: ServerState;
  readonly requests: LoggedRequest[];
}

export class Listener {
  readonly #options: ListenerOptions;
  /**
   * By the client's port: the TLS socket of a request cannot be reset, only the TCP socket below
   * it.
   */
  readonly #sockets = new Map<string, Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  async listen(port: number): Promise<void> {
    const { host, identity, idleMs } = this.#options;
    const server = createServer({
      ...{ key: identity.key, cert: identity.certificate },
      ALPNProtocols: ['http/1.1'],
      keepAliveTimeout: idleMs,
      noDelay: true,
    });
    server.on('connection', (socket: Socket) => this.#track(socket));
    server.on('request', (request, response) => this.#handle(request, response));
    server.on('tlsClientError', () => {});
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
  }

  /**
   * `term`: no new connections at once, open watches end cleanly after `lingerMs`; `kill`:
   * everything breaks off.
   */
  async stop(how: Ending, lingerMs: number): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    if (how === 'term') {
      server.closeIdleConnections();
      await new Promise((resolve) => setTimeout(resolve, lingerMs));
      const { watches } = this.#options.state;
      const ends = [...watches].map((watch) => watch.finished());
      await Promise.race([Promise.all(ends), new Promise((resolve) => setTimeout(resolve, 500))]);
    }
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }

  #track(socket: Socket): void {
    const id = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#sockets.set(id, socket);
    socket.once('close', () => this.#sockets.delete(id));
    socket.on('error', () => {});
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', socket, url = '/' } = request;
    const client = `${socket.remoteAddress}:${socket.remotePort}`;
    const route = routeOf(method, url);
    const place =
      this.#options.requests.push({
        ...{ line: `${method} ${url}`, verb: route.verb, resource: resourceName(route) },
        ...{ time: Date.now(), client, status: 0 },
        userAgent: request.headers['user-agent'] ?? '',
      }) - 1;
    const logged = this.#options.requests[place];
    response.once('close', () => {
      const { requests } = this.#options;
      if (logged !== undefined && requests[place] === logged)
        requests[place] = { ...logged, status: response.headersSent ? response.statusCode : 0 };
    });
    const reset = (): void => {
      const below = this.#sockets.get(client);
      if (below === undefined) socket.destroy();
      else below.resetAndDestroy();
    };
    answer({ request, response, route, reset }, this.#options.state).catch((error: unknown) => {
      console.error('fake API server:', error);
      response.destroy();
    });
  }
}
