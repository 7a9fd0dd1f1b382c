/** Listens on a port until aborted, and retries while the port is in use. */

import { createServer, type RequestListener, type Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { ListenAddress } from '../../config/agent-config.js';
import { ListenError, messageOf } from '../../errors.js';
import { joinHostPort } from '../../net/ip.js';
import type { Connections } from './connections.js';

export interface PortOptions {
  readonly address: ListenAddress;
  /** Whether `::` leaves IPv4 to others; Go's servers take both unless they are told not to. */
  readonly ipv6Only?: boolean;
  readonly listener: RequestListener;
  /** Limits the connections; several ports may share it. */
  readonly connections: Connections;
  /** Whether a port in use is an error instead of something to wait for. */
  readonly hardFail: boolean;
  /** Milliseconds between two attempts; 5 seconds if absent, like kube-proxy. */
  readonly retry?: number | undefined;
  /** Called for the first of a series of failed attempts. */
  readonly failed: (error: ListenError) => void;
  /**
   * Called when it listens, with the port that was bound and the number of failed attempts before.
   */
  readonly opened?: (port: number, failures: number) => void;
}

const RETRY = 5000;
/** Milliseconds for a whole request, and without progress of an answer; a probe's is one packet. */
const REQUEST_TIMEOUT = 30_000;
/**
 * Milliseconds that an idle connection is kept: longer than probes pause, so that none meets a
 * closing one.
 */
const KEEP_ALIVE = 180_000;

/**
 * Resolves when the port is closed, after the signal. Rejects with ListenError if `hardFail` is
 * set.
 */
export async function keepPort(options: PortOptions, signal: AbortSignal): Promise<void> {
  const { address, connections, hardFail, retry = RETRY, failed, opened } = options;
  for (let failures = 0; !signal.aborted; failures += 1) {
    const server = createServer(options.listener);
    connections.watch(server);
    server.requestTimeout = REQUEST_TIMEOUT;
    server.timeout = REQUEST_TIMEOUT;
    server.keepAliveTimeout = KEEP_ALIVE;
    try {
      const port = await open(server, address, options.ipv6Only ?? false);
      opened?.(port, failures);
      return await closeWith(server, signal);
    } catch (cause) {
      const error = listenError(address, cause);
      if (hardFail) throw error;
      if (failures === 0) failed(error);
      await wait(retry, undefined, { signal }).catch(() => {});
    }
  }
}

function open(server: Server, { ip, port }: ListenAddress, ipv6Only: boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: ip, port, ipv6Only }, () => {
      server.off('error', reject);
      // From here on an error is a connection that could not be accepted.
      server.on('error', () => {});
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

function closeWith(server: Server, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const close = (): void => {
      server.close(() => resolve());
      server.closeAllConnections();
    };
    if (signal.aborted) close();
    else signal.addEventListener('abort', close, { once: true });
  });
}

/** In Go's words, which people search for. */
function listenError({ ip, port }: ListenAddress, cause: unknown): ListenError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const plain = messageOf(cause);
  return new ListenError(
    `listen tcp ${joinHostPort(ip, port)}: bind: ${REASONS[code] ?? plain}`,
    port,
    { cause },
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
};
