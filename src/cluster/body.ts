/** Reads the body of an answer whole. */

import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ClusterError } from '../errors.js';

/** Bytes; where Node's strings end. */
const LARGEST = 512 * 1024 * 1024;

const unzip = promisify(gunzip);

/**
 * The text of a body, unpacked. Throws ClusterError if no byte comes for that many milliseconds, or
 * far too many come; throws what the connection throws if it ends early.
 */
export async function readBody(response: IncomingMessage, timeout: number): Promise<string> {
  const timer = setTimeout(() => {
    response.destroy(
      new ClusterError(`the answer stopped for ${timeout / 1000} s`, { reason: 'Timeout' }),
    );
  }, timeout);
  try {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response) {
      timer.refresh();
      chunks.push(chunk);
      length += chunk.length;
      if (length > LARGEST) throw tooLarge();
    }
    const bytes = Buffer.concat(chunks);
    const packed = response.headers['content-encoding'] === 'gzip';
    return (packed ? await unpacked(bytes) : bytes).toString('utf8');
  } finally {
    clearTimeout(timer);
  }
}

async function unpacked(bytes: Buffer): Promise<Buffer> {
  try {
    return await unzip(bytes, { maxOutputLength: LARGEST });
  } catch (error) {
    throw error instanceof RangeError
      ? tooLarge()
      : new ClusterError(
          'the answer cannot be unpacked',
          { reason: 'Malformed' },
          { cause: error },
        );
  }
}

function tooLarge(): ClusterError {
  return new ClusterError(`the answer has more than ${LARGEST} bytes`, { reason: 'Malformed' });
}
