/** The body of an accepted watch, as lines and as events. */

import type { IncomingMessage } from 'node:http';
import { ClusterError, InterruptedError } from '../errors.js';
import { systemClock, type Timer } from '../host/clock.js';
import { isObject, quote } from '../input/value.js';
import type { WatchEvent, WatchRequest, WatchStream } from './api.js';
import { connectionFailure, streamFailure } from './request-failure.js';

/** Bytes. etcd limits objects to 1.5 MB, so a far longer line is not an event. */
const LONGEST_LINE = 64 * 1024 * 1024;

const TYPES = new Set<unknown>(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

/**
 * The events of an accepted watch. The silence timer runs from here on, whether or not events are
 * read.
 */
export function watchStream(
  what: string,
  response: IncomingMessage,
  request: WatchRequest,
): WatchStream {
  const timer = systemClock.after(request.silence, () => {
    response.destroy(
      new ClusterError(`${what}: silent for ${request.silence / 1000} s`, { reason: 'Silence' }),
    );
  });
  const close = (): void => {
    timer.cancel();
    response.destroy();
  };
  // The reader of the events gets the error, perhaps later; without a listener it would be thrown.
  response.on('error', timer.cancel);
  return { events: eventsOf(what, response, request, timer), close };
}

async function* eventsOf(
  what: string,
  response: IncomingMessage,
  { signal, onNotice }: WatchRequest,
  timer: Timer,
): AsyncGenerator<WatchEvent> {
  try {
    for await (const line of streamLines(timed(response, timer), LONGEST_LINE)) {
      const event = eventOf(what, line);
      if (event === undefined) onNotice(`${what}: not a known event: ${quote(line)}`);
      else yield event;
    }
  } catch (error) {
    if (signal.aborted) throw new InterruptedError('interrupted', { cause: error });
    throw connectionFailure(what, error);
  } finally {
    timer.cancel();
  }
}

/** The data of the response; each chunk restarts the timer. */
async function* timed(response: IncomingMessage, timer: Timer): AsyncGenerator<Uint8Array> {
  for await (const chunk of response) {
    timer.restart();
    yield chunk;
  }
}

/** The event of a line; `undefined` if it is not a known one, such as a type of a later version. */
function eventOf(what: string, line: string): WatchEvent | undefined {
  const event = parse(what, line);
  if (!isObject(event)) return undefined;
  const { type, object } = event;
  if (type === 'ERROR') throw streamFailure(what, object);
  return isEventType(type) && isObject(object) ? { type, object } : undefined;
}

function isEventType(type: unknown): type is WatchEvent['type'] {
  return TYPES.has(type);
}

function parse(what: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new ClusterError(
      `${what}: a line that is not JSON: ${quote(line)}`,
      { reason: 'Malformed' },
      { cause: error },
    );
  }
}

const NEWLINE = 0x0a;

/**
 * The non-empty lines of a stream whose chunks may end anywhere, also inside a character. Throws
 * ClusterError for a line longer than `limit` bytes, and if the stream ends within a line.
 */
export async function* streamLines(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = textOf(parts, chunk.subarray(start, end));
      if (line !== '') yield line;
      parts = [];
      length = 0;
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    if (rest.length > 0) parts.push(rest);
    length += rest.length;
    if (length > limit)
      throw new ClusterError(`a line of more than ${limit} bytes`, { reason: 'Malformed' });
  }
  if (textOf(parts, new Uint8Array()) !== '')
    throw new ClusterError('the response ends within a line', { reason: 'Cut' });
}

function textOf(parts: readonly Uint8Array[], last: Uint8Array): string {
  return Buffer.concat([...parts, last])
    .toString('utf8')
    .trim();
}
