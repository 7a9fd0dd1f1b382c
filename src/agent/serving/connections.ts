/**
 * Keeps the number of open connections below a limit, so that no peer can use up the descriptors
 * that syncs need.
 */

import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Descriptors that are left to syncs, watches and the tools that they run. */
const RESERVED = 60;
/** Ports share the rest: health, metrics, and all health check node ports together. */
const GROUPS = 3;
const MAX_CONNECTIONS = 128;

/**
 * Connections that one group of ports may hold, from the text of `/proc/self/limits`. At a limit of
 * 1024 descriptors or where it is unknown: 128. At least 8.
 */
export function connectionLimit(limits: string | undefined): number {
  const [, descriptors] = /^Max open files\s+(\d+)/m.exec(limits ?? '') ?? [];
  if (descriptors === undefined) return MAX_CONNECTIONS;
  const share = Math.floor((Number(descriptors) - RESERVED) / GROUPS);
  return Math.max(8, Math.min(share, MAX_CONNECTIONS));
}

/**
 * The open connections of one or several servers. A new connection beyond the limit replaces the
 * one whose last request is the longest ago: idle connections never keep a probe out.
 */
export class Connections {
  readonly #limit: number;
  /** Least recently used first. */
  readonly #open = new Set<Socket>();

  constructor(limit: number = MAX_CONNECTIONS) {
    this.#limit = limit;
  }

  /** Counts the connections of a server that is about to listen. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      socket.once('close', () => this.#open.delete(socket));
      this.#open.add(socket);
      const [oldest] = this.#open;
      if (this.#open.size > this.#limit) oldest?.destroy();
    });
    server.on('request', ({ socket }) => {
      if (this.#open.delete(socket)) this.#open.add(socket);
    });
  }
}
