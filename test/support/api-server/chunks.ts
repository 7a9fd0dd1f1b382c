/**
 * How a body is cut into HTTP chunks. Go's server gathers small writes in a buffer of 2,048 bytes
 * and passes on what is bigger as it is, so that a chunk can end inside a line, and inside a
 * character.
 */

import type { ServerResponse } from 'node:http';

const BUFFER_BYTES = 2048;
/** Above this a body is cut into bigger pieces, to save the test time. */
const BIG_BODY_BYTES = 1024 * 1024;
const BIG_PIECE_BYTES = 32 * 1024;

/** Gathers writes as Go's bufio.Writer does, and hands over what becomes a chunk. */
export class ChunkBuffer {
  readonly #send: (chunk: Buffer) => void;
  readonly #pieceBytes: number | undefined;
  #held: Buffer = Buffer.alloc(0);

  constructor(send: (chunk: Buffer) => void, pieceBytes?: number) {
    this.#send = send;
    this.#pieceBytes = pieceBytes;
  }

  write(text: string): void {
    let rest = Buffer.from(text);
    while (rest.length > BUFFER_BYTES - this.#held.length) {
      if (this.#held.length === 0) {
        this.#pass(rest);
        return;
      }
      const room = BUFFER_BYTES - this.#held.length;
      this.#held = Buffer.concat([this.#held, rest.subarray(0, room)]);
      rest = rest.subarray(room);
      this.flush();
    }
    this.#held = Buffer.concat([this.#held, rest]);
  }

  flush(): void {
    if (this.#held.length > 0) this.#pass(this.#held);
    this.#held = Buffer.alloc(0);
  }

  #pass(chunk: Buffer): void {
    for (const piece of pieces(chunk, this.#pieceBytes ?? chunk.length)) this.#send(piece);
  }
}

function pieces(bytes: Buffer, size: number): readonly Buffer[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/**
 * Sends a whole body: a small one with its length, a bigger one in chunks and no faster than the
 * client reads.
 */
export async function sendBody(
  response: ServerResponse,
  body: Buffer,
  pieceBytes?: number,
): Promise<void> {
  if (body.length <= BUFFER_BYTES) {
    response.setHeader('Content-Length', body.length);
    response.end(body);
    return;
  }
  const size = body.length > BIG_BODY_BYTES ? BIG_PIECE_BYTES : BUFFER_BYTES;
  for (const piece of pieces(body, pieceBytes ?? size)) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  response.end();
}

/** Returns once the client has read on, or has closed the connection. */
export function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}
