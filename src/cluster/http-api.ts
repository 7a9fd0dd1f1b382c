/** The API of a real server, over HTTP/1.1. */

import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { ClusterError, InterruptedError } from '../errors.js';
import type { Api, Query } from './api.js';
import { readBody } from './body.js';
import type { Connection } from './connection.js';
import type { Credentials } from './credentials.js';
import { proxyAgent } from './proxy.js';
import { connectionFailure, statusFailure } from './request-failure.js';
import { watchStream } from './watch-stream.js';

const TIMEOUT = 60_000;
/** Milliseconds that an unused connection is kept; the server closes its end after 90 s. */
const KEPT = 60_000;

export interface HttpOptions {
  /** `vipc/0.1.0`: what the server's audit log shows. */
  readonly userAgent: string;
  /**
   * Milliseconds that a request may take until its answer begins, and then between two pieces of
   * it; 60,000 if absent.
   */
  readonly timeout?: number | undefined;
  /** Told of every request. */
  readonly observer?: RequestObserver | undefined;
}

/** A request as metrics know it; `host` has the port too. */
export interface ObservedRequest {
  readonly method: 'GET' | 'POST';
  readonly host: string;
}

/** Told of requests at the moments at which client-go counts them. */
export interface RequestObserver {
  /** The head of an answer came, or, with `undefined`, the request failed before. */
  readonly answered: (request: ObservedRequest, status: number | undefined) => void;
  /**
   * A request ended that is no watch. `received` is the length of the unpacked body, absent where
   * none came; lengths are in bytes.
   */
  readonly completed: (
    request: ObservedRequest,
    measured: {
      readonly seconds: number;
      readonly sent: number;
      readonly received: number | undefined;
    },
  ) => void;
}

/** One request, before it has a server and a user. */
interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query: Query;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

/** Requests to the server of a connection, over kept connections. */
export function openApi(connection: Connection, options: HttpOptions): Api {
  const secure = connection.server.startsWith('https:');
  const kept = { keepAlive: true, timeout: KEPT };
  const direct = (): HttpAgent => (secure ? new HttpsAgent(kept) : new HttpAgent(kept));
  const { proxy } = connection;
  const agent = proxy === undefined ? direct() : proxyAgent(proxy, secure, kept);
  const { timeout = TIMEOUT, observer } = options;
  const common = { Accept: 'application/json', 'User-Agent': options.userAgent };
  const { host } = new URL(connection.server);

  /** Any answer, its body unread. */
  const head = async (asked: Asked): Promise<IncomingMessage> => {
    let status: number | undefined;
    try {
      const credentials = await unlessAborted(connection.authorise(), asked.signal);
      const response = await send(connection.server, asked, credentials, agent, timeout);
      status = response.statusCode;
      return response;
    } finally {
      observer?.answered({ method: asked.method, host }, status);
    }
  };
  /** An answer of the 200s, its body unread. The body of any other one goes to `read`. */
  const ask = async (asked: Asked, read?: (body: string) => void): Promise<IncomingMessage> => {
    const what = `${asked.method} ${connection.server}${asked.path}`;
    try {
      const response = await head(asked);
      const { statusCode: status = 0, headers } = response;
      if (status >= 200 && status < 300) return response;
      if (status === 401) connection.refused();
      const body = await readBody(response, timeout);
      read?.(body);
      throw statusFailure(what, status, body, headers['retry-after']);
    } catch (error) {
      throw failure(what, error, asked.signal);
    }
  };
  /** The text of an answer of the 200s. */
  const askText = async (asked: Asked): Promise<string> => {
    const started = performance.now();
    let received: number | undefined;
    const read = (body: string): void => {
      received = Buffer.byteLength(body);
    };
    try {
      const body = await readBody(await ask(asked, read), timeout);
      read(body);
      return body;
    } finally {
      const seconds = (performance.now() - started) / 1000;
      const sent = Buffer.byteLength(asked.body ?? '');
      observer?.completed({ method: asked.method, host }, { seconds, sent, received });
    }
  };
  const askJson = async (asked: Asked): Promise<unknown> => {
    const what = `${asked.method} ${connection.server}${asked.path}`;
    try {
      return JSON.parse(await askText(asked));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw failure(what, error, asked.signal);
      throw new ClusterError(
        `${what}: the answer is no JSON`,
        { reason: 'Malformed' },
        { cause: error },
      );
    }
  };

  return {
    get: (path, query, signal) => {
      const headers = { ...common, 'Accept-Encoding': 'gzip' };
      return askJson({ method: 'GET', path, query, headers, body: undefined, signal });
    },
    post: (path, object, signal) => {
      const body = JSON.stringify(object);
      const headers = { ...common, 'Content-Type': 'application/json' };
      return askJson({ method: 'POST', path, query: {}, headers, body, signal });
    },
    watch: async (path, query, request) => {
      const { signal } = request;
      const watching = { ...query, watch: 'true' };
      const response = await ask({
        method: 'GET',
        path,
        query: watching,
        headers: common,
        body: undefined,
        signal,
      });
      return watchStream(`watch ${connection.server}${path}`, response, request);
    },
    close: () => {
      connection.close();
      agent.destroy();
    },
  };
}

/**
 * The head of the answer. A kept connection that the server closed meanwhile is no failure: the
 * next one is tried.
 */
async function send(
  server: string,
  asked: Asked,
  credentials: Credentials,
  agent: HttpAgent,
  timeout: number,
): Promise<IncomingMessage> {
  const url = new URL(`${server}${asked.path}${queryText(asked.query)}`);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const options = {
    ...credentials.tls,
    method: asked.method,
    headers: {
      ...asked.headers,
      ...credentials.headers,
      ...(asked.body === undefined ? {} : { 'Content-Length': Buffer.byteLength(asked.body) }),
    },
    agent,
    signal: asked.signal,
  };
  const attempt = (again: boolean): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const sent = request(url, options);
      const timer = setTimeout(() => {
        sent.destroy(new ClusterError(`no answer for ${timeout / 1000} s`, { reason: 'Timeout' }));
      }, timeout);
      let isAnswered = false;
      sent.once('response', (response) => {
        isAnswered = true;
        clearTimeout(timer);
        resolve(response);
      });
      // Stays: what breaks later is told to whoever reads the body.
      sent.on('error', (error) => {
        clearTimeout(timer);
        // Once an answer has begun somebody reads it; nobody would read a second one.
        if (again && !isAnswered && sent.reusedSocket && wasClosed(error)) resolve(attempt(false));
        else reject(error);
      });
      sent.end(asked.body);
    });
  return attempt(asked.method === 'GET');
}

function wasClosed(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

function queryText(query: Query): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [`${key}=${encodeURIComponent(value)}`],
  );
  return given.length === 0 ? '' : `?${given.join('&')}`;
}

/** Rejects with InterruptedError after the signal: what it waits for may take longer. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new InterruptedError('interrupted'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function failure(what: string, error: unknown, signal: AbortSignal): Error {
  if (error instanceof InterruptedError) return error;
  if (signal.aborted) return new InterruptedError('interrupted', { cause: error });
  return connectionFailure(what, error);
}
