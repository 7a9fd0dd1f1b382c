/** Listening on a port, with the words of Go for what hinders it. */

import type { Server } from 'node:net';
import type { ListenAddress } from '../config/agent-config.js';
import { ListenError, messageOf } from '../errors.js';
import { joinHostPort } from '../net/ip.js';

/**
 * Fulfilled when the server listens, with the port that was bound. Rejects with the system's error.
 * Afterwards connections that cannot be accepted are no errors.
 */
export function listen(
  server: Server,
  { ip, port }: ListenAddress,
  ipv6Only: boolean,
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: ip, port, ipv6Only }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

/** An error of {@link listen} in the words that people search for. */
export function listenError({ ip, port }: ListenAddress, cause: unknown): ListenError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const reason = REASONS[code] ?? messageOf(cause);
  return new ListenError(`listen tcp ${joinHostPort(ip, port)}: bind: ${reason}`, port, { cause });
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
};
