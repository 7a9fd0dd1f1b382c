/** The API of a real server, over HTTP/1.1. */

import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { ClusterError, InterruptedError } from '../errors.js';
import { systemClock } from '../host/clock.js';
import type { Api, Query } from './api.js';
import { readBody } from './body.js';
import type { Connection } from './connection.js';
import type { Credentials } from './credentials.js';
import { proxyAgent } from './proxy.js';
import { connectionFailure, statusFailure } from './request-failure.js';
import { watchStream } from './watch-stream.js';

const TIMEOUT = 60_000;
/** Milliseconds that an idle connection is kept; API servers close their end after 90 s. */
const KEPT = 60_000;

export interface HttpOptions {
  /** `vipc/0.1.0`: what the server's audit log shows. */
  readonly userAgent: string;
  /**
   * Milliseconds until the response headers, and then between two chunks of the body; 60,000 if
   * absent.
   */
  readonly timeout?: number | undefined;
  /** Called for every request. */
  readonly observer?: RequestObserver | undefined;
}

/** The labels of a request in metrics; `host` includes the port. */
export interface ObservedRequest {
  readonly method: 'GET' | 'POST';
  readonly host: string;
}

/** Called when client-go would count a request. */
export interface RequestObserver {
  /** Response headers have arrived; `undefined` if the request failed before that. */
  readonly answered: (request: ObservedRequest, status: number | undefined) => void;
  /**
   * A request other than a watch has ended. `received` is the length of the decompressed body,
   * absent if none arrived; lengths are in bytes.
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

/** A request without server and credentials. */
interface ApiRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query: Query;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

/** The Api of a connection, over HTTP keep-alive. */
export function openApi(connection: Connection, options: HttpOptions): Api {
  const secure = connection.server.startsWith('https:');
  const kept = { keepAlive: true, timeout: KEPT };
  const direct = (): HttpAgent => (secure ? new HttpsAgent(kept) : new HttpAgent(kept));
  const { proxy } = connection;
  const agent = proxy === undefined ? direct() : proxyAgent(proxy, secure, kept);
  const { timeout = TIMEOUT, observer } = options;
  const common = { Accept: 'application/json', 'User-Agent': options.userAgent };
  const { host } = new URL(connection.server);

  /** The response, whatever its status; its body is not read. */
  const head = async (call: ApiRequest): Promise<IncomingMessage> => {
    let status: number | undefined;
    try {
      const credentials = await abortable(connection.authorise(), call.signal);
      const response = await send(connection.server, call, credentials, agent, timeout);
      status = response.statusCode;
      return response;
    } finally {
      observer?.answered({ method: call.method, host }, status);
    }
  };
  /** A 2xx response, its body not read. The body of any other one is passed to `read`. */
  const ask = async (call: ApiRequest, read?: (body: string) => void): Promise<IncomingMessage> => {
    const what = `${call.method} ${connection.server}${call.path}`;
    try {
      const response = await head(call);
      const { statusCode: status = 0, headers } = response;
      if (status >= 200 && status < 300) return response;
      if (status === 401) connection.refused();
      const body = await readBody(response, timeout);
      read?.(body);
      throw statusFailure(what, status, body, headers['retry-after']);
    } catch (error) {
      throw failure(what, error, call.signal);
    }
  };
  /** The body of a 2xx response. */
  const askText = async (call: ApiRequest): Promise<string> => {
    const started = systemClock.now();
    let received: number | undefined;
    const read = (body: string): void => {
      received = Buffer.byteLength(body);
    };
    try {
      const body = await readBody(await ask(call, read), timeout);
      read(body);
      return body;
    } finally {
      const seconds = (systemClock.now() - started) / 1000;
      const sent = Buffer.byteLength(call.body ?? '');
      observer?.completed({ method: call.method, host }, { seconds, sent, received });
    }
  };
  const askJson = async (call: ApiRequest): Promise<unknown> => {
    const what = `${call.method} ${connection.server}${call.path}`;
    try {
      return JSON.parse(await askText(call));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw failure(what, error, call.signal);
      throw new ClusterError(
        `${what}: the response is not JSON`,
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
 * Sends a request; resolves with the response headers. A GET is sent again if its keep-alive
 * connection turns out to be closed.
 */
async function send(
  server: string,
  call: ApiRequest,
  credentials: Credentials,
  agent: HttpAgent,
  timeout: number,
): Promise<IncomingMessage> {
  const url = new URL(`${server}${call.path}${queryText(call.query)}`);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const options = {
    ...credentials.tls,
    method: call.method,
    headers: {
      ...call.headers,
      ...credentials.headers,
      ...(call.body === undefined ? {} : { 'Content-Length': Buffer.byteLength(call.body) }),
    },
    agent,
    signal: call.signal,
  };
  const attempt = (again: boolean): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const sent = request(url, options);
      const timer = systemClock.after(timeout, () => {
        sent.destroy(
          new ClusterError(`no response for ${timeout / 1000} s`, { reason: 'Timeout' }),
        );
      });
      let isAnswered = false;
      sent.once('response', (response) => {
        isAnswered = true;
        timer.cancel();
        resolve(response);
      });
      // Not removed: an error after the headers also reaches the reader of the body.
      sent.on('error', (error) => {
        timer.cancel();
        // After the headers, a second response would have no reader.
        if (again && !isAnswered && sent.reusedSocket && wasClosed(error)) resolve(attempt(false));
        else reject(error);
      });
      sent.end(call.body);
    });
  return attempt(call.method === 'GET');
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

/** The result of a promise, or a rejection with InterruptedError as soon as the signal aborts. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
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
