/**
 * Listens on a port until aborted, retries while the port is in use, and keeps the number of open
 * connections below a limit, so that no peer can use up the descriptors that syncs need.
 */

import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ListenAddress } from '../../config/agent-config.js';
import type { ListenError } from '../../errors.js';
import { systemClock } from '../../host/clock.js';
import { MAX_CONNECTIONS } from '../descriptors.js';
import { listen, listenError } from '../listen.js';
import { PieceStream } from './pieces.js';

export interface PortOptions {
  readonly address: ListenAddress;
  /** Whether `::` leaves IPv4 to others; Go's servers take both unless configured not to. */
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
    const closeAll = connections.watch(server);
    server.requestTimeout = REQUEST_TIMEOUT;
    server.timeout = REQUEST_TIMEOUT;
    server.keepAliveTimeout = KEEP_ALIVE;
    try {
      const port = await listen(server, address, options.ipv6Only ?? false);
      opened?.(port, failures);
      return await closeWith(server, closeAll, signal);
    } catch (cause) {
      const error = listenError(address, cause);
      if (hardFail) throw error;
      if (failures === 0) failed(error);
      await systemClock.sleep(retry, signal);
    }
  }
}

function closeWith(server: Server, closeAll: () => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const close = (): void => {
      server.close(() => resolve());
      closeAll();
    };
    if (signal.aborted) close();
    else signal.addEventListener('abort', close, { once: true });
  });
}

/** More requests in one turn of the event loop are sent ahead, not by clients in use. */
const MAX_REQUESTS = 64;
/**
 * The rest after such a turn, in multiples of its duration: they take at most a fifth of the time.
 */
const REST = 4;
/** Milliseconds of a rest, at most: a turn in which the process had no processor is long too. */
const MAX_REST = 200;
/** Connections whose first requests are read in one turn; the others wait. */
const MAX_BEGUN = 4;

/**
 * The open connections of one or several servers. A new connection beyond the limit replaces one of
 * the address that has most of them: the one whose last request is the longest ago, of those that
 * do not wait to be read. Neither idle connections nor floods of others keep a probe out.
 *
 * libuv accepts one connection of each port in a turn of the event loop. So a turn must be short,
 * or a probe waits for as many long ones as there are connections in front of it: the HTTP parser
 * gets a few connections in a turn, when something came on them, in pieces. The others are read one
 * after the other, those of an address that has few of them before others, after a turn with too
 * many requests with rests in between.
 */
export class Connections {
  readonly #limit: number;
  /** Each with the address of its peer, least recently used first. */
  readonly #open = new Map<Duplex, string>();
  /** What came on them was not read yet. Oldest first, each with what has it read. */
  readonly #waiting = new Map<Duplex, () => void>();
  /** In this turn: requests, and connections that were read for the first time. */
  #turn = { requests: 0, begun: 0 };
  /** On the monotonic clock. */
  #restUntil = 0;

  constructor(limit: number = MAX_CONNECTIONS) {
    this.#limit = limit;
  }

  /**
   * Takes the connections of a server that is about to listen, and gives them back to be read. What
   * is returned closes them.
   */
  watch(server: Server): () => void {
    const all = new Set<Duplex>();
    const readers = server.listeners('connection');
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      const stream: PieceStream = new PieceStream(socket, () => {
        this.#came(stream, () => {
          for (const read of readers) read.call(server, stream);
        });
      }).setTimeout(server.timeout);
      all.add(stream);
      stream.once('close', () => {
        all.delete(stream);
        this.#forget(stream);
      });
      this.#open.set(stream, socket.remoteAddress ?? '');
      if (this.#open.size > this.#limit) this.#forget(this.#surplus(stream)?.destroy());
    });
    server.on('request', ({ socket }) => {
      const peer = this.#open.get(socket);
      if (peer !== undefined) {
        this.#open.delete(socket);
        this.#open.set(socket, peer);
      }
      this.#inTurn().requests += 1;
    });
    return () => {
      for (const stream of all) stream.destroy();
    };
  }

  #forget(stream: Duplex | undefined): void {
    if (stream === undefined) return;
    this.#open.delete(stream);
    this.#waiting.delete(stream);
  }

  /** Has a connection read at once, or when it is its turn. */
  #came(stream: Duplex, read: () => void): void {
    const isResting = systemClock.now() < this.#restUntil;
    if (!isResting && this.#waiting.size === 0 && this.#turn.begun < MAX_BEGUN) {
      this.#inTurn().begun += 1;
      read();
      return;
    }
    this.#waiting.set(stream, read);
    if (this.#waiting.size === 1) this.#readNext();
  }

  /** How many connections each address has. */
  #counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const peer of this.#open.values()) counts.set(peer, (counts.get(peer) ?? 0) + 1);
    return counts;
  }

  /** The connection that has to go for a new one. */
  #surplus(newest: Duplex): Duplex | undefined {
    const counts = this.#counts();
    const most = Math.max(...counts.values());
    const crowd = [...this.#open].filter(([, peer]) => counts.get(peer) === most);
    const unread = (one: Duplex): boolean => one === newest || this.#waiting.has(one);
    const [stream] = crowd.find(([one]) => !unread(one)) ?? crowd[0] ?? [];
    return stream;
  }

  /** The connection that is read next: of the address that has fewest, the one that came first. */
  #next(): Duplex | undefined {
    const counts = this.#counts();
    let next: Duplex | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const stream of this.#waiting.keys()) {
      const count = counts.get(this.#open.get(stream) ?? '') ?? 0;
      if (count < fewest) [next, fewest] = [stream, count];
    }
    return next;
  }

  /** The counts of the turn that it is called in, which is measured. */
  #inTurn(): { requests: number; begun: number } {
    const turn = this.#turn;
    if (turn.requests + turn.begun > 0) return turn;
    const start = systemClock.now();
    setImmediate(() => {
      const end = systemClock.now();
      const rest = turn.requests > MAX_REQUESTS ? REST * (end - start) : 0;
      if (rest > 0) this.#restUntil = end + Math.min(MAX_REST, rest);
      this.#turn = { requests: 0, begun: 0 };
    });
    return turn;
  }

  #readNext(): void {
    const rest = Math.max(1, this.#restUntil - systemClock.now());
    const timer = systemClock.after(rest, () => {
      const next = this.#next();
      if (next === undefined) return;
      if (systemClock.now() >= this.#restUntil) {
        const read = this.#waiting.get(next);
        this.#waiting.delete(next);
        read?.();
      }
      if (this.#waiting.size > 0) this.#readNext();
    });
    timer.unref();
  }
}
