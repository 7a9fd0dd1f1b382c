/** Keeps one port open until a signal, through a time in which somebody else has it. */

import { createServer, type RequestListener, type Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { ListenAddress } from '../../config/agent-config.js';
import { ListenError, messageOf } from '../../errors.js';
import { joinHostPort } from '../../net/ip.js';

export interface PortOptions {
  readonly address: ListenAddress;
  /** Whether `::` leaves IPv4 to others; Go's servers take both unless they are told not to. */
  readonly ipv6Only?: boolean;
  readonly listener: RequestListener;
  /** Whether a failure to open it is final. */
  readonly hardFail: boolean;
  /** Milliseconds between two attempts; 5 seconds if absent, like kube-proxy. */
  readonly retry?: number;
  /** Told once for a row of failed attempts. */
  readonly failed: (error: ListenError) => void;
  /** Told each time that it is open; the port is another one than asked for only where that was 0. */
  readonly opened?: (port: number, failures: number) => void;
}

const RETRY = 5000;
/** Milliseconds for a whole request; a probe's is one packet. */
const REQUEST_TIMEOUT = 30_000;
/** Milliseconds that an idle connection is kept: longer than probes pause, so that none meets a connection that is being closed. */
const KEEP_ALIVE = 180_000;

/** Fulfilled when the port is closed, after the signal. Rejects with ListenError where a failure is final. */
export async function keepPort(options: PortOptions, signal: AbortSignal): Promise<void> {
  const { address, hardFail, retry = RETRY, failed, opened } = options;
  for (let failures = 0; !signal.aborted; failures += 1) {
    const server = createServer(options.listener);
    server.requestTimeout = REQUEST_TIMEOUT;
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
      // From here on it is a connection that could not be taken, for want of files: nothing to end for.
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

/** In the words of Go, which people search for. */
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
