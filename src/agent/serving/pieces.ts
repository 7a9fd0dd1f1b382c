/**
 * Connections as the HTTP parser reads them. It makes an object of each request in what it is
 * given, and a socket gives it up to 64 KB at once: 1,700 requests took it 100 ms, although the
 * connection was cut at the ninth.
 */

import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Bytes that are parsed before a look at whether the connection was cut; a probe sends less. */
const PIECE = 512;

/** What a peer sends, in pieces, and what is sent to it. Ends with its socket, which it ends. */
export class PieceStream extends Duplex {
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #wanted = false;

  /** `came` is called once, when the peer has sent something; until then there is no reader. */
  constructor(socket: Socket, came: () => void) {
    super({ readableHighWaterMark: PIECE });
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      socket.pause();
      this.#rest = chunk;
      this.#give();
    });
    socket.once('data', came);
    // Nobody reads, and so sees the end of, a connection on which nothing came.
    socket.once('end', () => (this.#wanted ? this.push(null) : this.destroy()));
    // Nobody hears what ended a connection that has no reader; who reads it sees that it closes.
    socket.on('error', () => this.destroy());
    socket.once('close', () => this.destroy());
    socket.on('timeout', () => {
      if (!this.emit('timeout')) this.destroy();
    });
  }

  /** As of a socket: `timeout` is emitted when nothing was sent or received for so long. */
  setTimeout(milliseconds: number): this {
    this.#socket.setTimeout(milliseconds);
    return this;
  }

  override _read(): void {
    this.#wanted = true;
    this.#give();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #give(): void {
    if (!this.#wanted) return;
    if (this.#rest.length === 0) {
      this.#socket.resume();
      return;
    }
    const piece = this.#rest.subarray(0, PIECE);
    this.#rest = this.#rest.subarray(PIECE);
    this.#wanted = false;
    this.push(piece);
  }
}
