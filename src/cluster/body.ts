/** Reads a whole response body. */

import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ClusterError } from '../errors.js';
import { systemClock } from '../host/clock.js';

/** Bytes: the longest string of Node. */
const LARGEST = 512 * 1024 * 1024;

const unzip = promisify(gunzip);

/**
 * The decompressed text of a body. Throws ClusterError if no data arrives for `timeout`
 * milliseconds or the body is too large, and the connection's own error if it is cut.
 */
export async function readBody(response: IncomingMessage, timeout: number): Promise<string> {
  const timer = systemClock.after(timeout, () => {
    response.destroy(new ClusterError(`no data for ${timeout / 1000} s`, { reason: 'Timeout' }));
  });
  try {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response) {
      timer.restart();
      chunks.push(chunk);
      length += chunk.length;
      if (length > LARGEST) throw tooLarge();
    }
    const bytes = Buffer.concat(chunks);
    const packed = response.headers['content-encoding'] === 'gzip';
    return (packed ? await unpacked(bytes) : bytes).toString('utf8');
  } finally {
    timer.cancel();
  }
}

async function unpacked(bytes: Buffer): Promise<Buffer> {
  try {
    return await unzip(bytes, { maxOutputLength: LARGEST });
  } catch (error) {
    throw error instanceof RangeError
      ? tooLarge()
      : new ClusterError(
          'the response cannot be decompressed',
          { reason: 'Malformed' },
          { cause: error },
        );
  }
}

function tooLarge(): ClusterError {
  return new ClusterError(`the response has more than ${LARGEST} bytes`, { reason: 'Malformed' });
}
