/** The requests that vipc makes to an API server, as an interface; http-api.ts implements it. */

import { isObject } from '../input/value.js';
/** An object as a server sent it: nothing of it has been checked. */
export type RawObject = Readonly<Record<string, unknown>>;

/** Parameters of a request; those that are `undefined` or `''` are not sent. */
export type Query = Readonly<Record<string, string | undefined>>;

/**
 * One event of a watch. An ERROR event is not passed on: it ends the stream with a ClusterError
 * that has its status.
 */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: RawObject;
}

/** A watch that the server has accepted. */
export interface WatchStream {
  /**
   * Ends when the server closes the watch, which is normal. Throws ClusterError for everything
   * else: a cut connection or line, an ERROR event, silence (reason `Silence`).
   */
  readonly events: AsyncIterable<WatchEvent>;
  /** Closes the watch. Must be called whether or not {@link events} was read. */
  readonly close: () => void;
}

export interface WatchRequest {
  /** Milliseconds without data after which the stream counts as dead. */
  readonly silence: number;
  readonly signal: AbortSignal;
  /** Called for a line that is not a known event; the stream continues. */
  readonly onNotice: (text: string) => void;
}

/**
 * A connection to an API server. Methods reject with ClusterError if the request fails, and with
 * InterruptedError after the signal. Requests are not retried, except a GET on a keep-alive
 * connection that the server had closed.
 */
export interface Api {
  /** The parsed JSON of one GET. */
  readonly get: (path: string, query: Query, signal: AbortSignal) => Promise<unknown>;
  /** The parsed JSON of the response to one POST. */
  readonly post: (path: string, body: unknown, signal: AbortSignal) => Promise<unknown>;
  /** A watch, once the server has accepted it. */
  readonly watch: (path: string, query: Query, request: WatchRequest) => Promise<WatchStream>;
  /** Closes idle connections, and ends a plugin that is running. */
  readonly close: () => void;
}

/**
 * An Api that its first request opens: a machine that boots may not reach its server yet. If `open`
 * rejects, so does that request, and the next one opens again.
 */
export function lazyApi(open: () => Promise<Api>): Api {
  let opened: Promise<Api> | undefined;
  const api = (): Promise<Api> => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    get: async (...asked) => (await api()).get(...asked),
    post: async (...asked) => (await api()).post(...asked),
    watch: async (...asked) => (await api()).watch(...asked),
    close: () => {
      void opened?.then(
        (found) => found.close(),
        () => {},
      );
    },
  };
}

/** Whether the metadata has a name. No API server stores an object without one. */
export function isNamed(object: RawObject): boolean {
  const name = isObject(object.metadata) ? object.metadata.name : undefined;
  return typeof name === 'string' && name !== '';
}

/** The resourceVersion of an object; `undefined` if it is absent or not a number. */
export function resourceVersionOf(object: RawObject): string | undefined {
  const version = isObject(object.metadata) ? object.metadata.resourceVersion : undefined;
  return typeof version === 'string' && isNumber(version) ? version : undefined;
}

/** Whether the first is older than the second; false if they cannot be compared. */
export function precedes(version: string, than: string): boolean {
  return isNumber(version) && isNumber(than) && BigInt(version) < BigInt(than);
}

/** A decimal number of up to 64 bits, as etcd has. */
function isNumber(version: string): boolean {
  return /^[1-9]\d{0,18}$/.test(version);
}
