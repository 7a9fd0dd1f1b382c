/** The body of an accepted watch, as events. */

import type { IncomingMessage } from 'node:http';
import { ClusterError, InterruptedError } from '../errors.js';
import { isObject, quote } from '../input/value.js';
import type { WatchEvent, WatchRequest, WatchStream } from './api.js';
import { linesOf } from './lines.js';
import { connectionFailure, streamFailure } from './request-failure.js';

/** Bytes. etcd holds objects of at most 1.5 MB; what is far larger is no event. */
const LONGEST_LINE = 64 * 1024 * 1024;

const TYPES = new Set<unknown>(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

/**
 * The events of a watch that was answered with 200. Silence counts from here on, whether events are
 * being read or not.
 */
export function watchStream(
  what: string,
  response: IncomingMessage,
  request: WatchRequest,
): WatchStream {
  const timer = setTimeout(() => {
    response.destroy(
      new ClusterError(`${what}: silent for ${request.silence / 1000} s`, { reason: 'Silence' }),
    );
  }, request.silence);
  const close = (): void => {
    clearTimeout(timer);
    response.destroy();
  };
  // It is told where events are read; nobody may be reading yet.
  response.on('error', () => clearTimeout(timer));
  return { events: eventsOf(what, response, request, timer), close };
}

async function* eventsOf(
  what: string,
  response: IncomingMessage,
  { signal, onNotice }: WatchRequest,
  timer: NodeJS.Timeout,
): AsyncGenerator<WatchEvent> {
  try {
    for await (const line of linesOf(heard(response, timer), LONGEST_LINE)) {
      const event = eventOf(what, line);
      if (event === undefined) onNotice(`${what}: no event: ${quote(line)}`);
      else yield event;
    }
  } catch (error) {
    if (signal.aborted) throw new InterruptedError('interrupted', { cause: error });
    throw connectionFailure(what, error);
  } finally {
    clearTimeout(timer);
  }
}

/** The bytes as they come; each piece puts the timer back to its beginning. */
async function* heard(
  response: IncomingMessage,
  timer: NodeJS.Timeout,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of response) {
    timer.refresh();
    yield chunk;
  }
}

/** The event of a line; `undefined` for what a later version, or no API server at all, may send. */
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
      `${what}: a line that is no JSON: ${quote(line)}`,
      { reason: 'Malformed' },
      { cause: error },
    );
  }
}
