/** HTTP answers as values, sent with the headers that Go's server sends. */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { systemClock } from '../../host/clock.js';

export interface HttpResponse {
  readonly status: number;
  /** In the order in which they are sent. Date and Content-Length follow. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** A request. All methods are answered alike, as kube-proxy does. */
export interface HttpRequest {
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** `''` where it was not sent. */
  readonly header: (name: 'accept' | 'accept-encoding') => string;
}

export type Answerer = (question: HttpRequest) => HttpResponse | Promise<HttpResponse>;

const NO_SNIFF = { 'X-Content-Type-Options': 'nosniff' } as const;
const PLAIN = { 'Content-Type': 'text/plain; charset=utf-8' } as const;

/** Plain text. */
export function textAnswer(body: string, status = 200): HttpResponse {
  return { status, headers: { ...PLAIN, ...NO_SNIFF }, body };
}

/** Plain text without `X-Content-Type-Options`, as kube-proxy sends its pages for people. */
export function pageAnswer(body: string): HttpResponse {
  return { status: 200, headers: PLAIN, body };
}

/** A JSON text, sent as it is. */
export function jsonAnswer(
  body: string,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...NO_SNIFF, ...headers },
    body,
  };
}

/** Go's answer for an unknown path. */
export const NOT_FOUND: HttpResponse = textAnswer('404 page not found\n', 404);

/** Requests that one connection may send ahead of their answers. Clients in use send none. */
const MAX_PIPELINED = 8;

/** The requests of one connection that are not answered yet. */
interface Pipeline {
  length: number;
  last: Promise<void>;
}

/**
 * A listener that answers requests of any method, one at a time for each connection. A connection
 * that sends too many ahead is cut. An exception of the answerer becomes a 500, so that a probe
 * does not hang.
 */
export function answering(answer: Answerer): RequestListener {
  const pipelines = new WeakMap<Socket, Pipeline>();
  return (request, response) => {
    const { socket } = request;
    discardBody(request);
    const pipeline = pipelines.get(socket) ?? { length: 0, last: Promise.resolve() };
    pipelines.set(socket, pipeline);
    pipeline.length += 1;
    if (pipeline.length > MAX_PIPELINED) {
      socket.destroy();
      return;
    }
    pipeline.last = pipeline.last.then(async () => {
      if (!socket.destroyed) await answerOne(answer, request, response);
      pipeline.length -= 1;
    });
  };
}

/** Bytes of a body that Go's server discards to keep a connection. */
const MAX_BODY = 256 * 1024;

/**
 * Reads an unexpected body, as it would block the next request of the connection. One that does
 * not end is cut, because reading it takes as much time as its sender likes.
 */
function discardBody(request: IncomingMessage): void {
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > MAX_BODY) request.socket.destroy();
  });
}

/** Resolves when the answer has been sent, or the connection is closed. */
async function answerOne(
  answer: Answerer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let given: HttpResponse;
  try {
    given = await answer(questionOf(request));
  } catch (error) {
    given = textAnswer(`${String(error)}\n`, 500);
  }
  if (request.socket.destroyed) return;
  await new Promise<void>((resolve) => {
    response.once('close', resolve);
    send(given, response);
  });
}

function questionOf(request: IncomingMessage): HttpRequest {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  return {
    path,
    query: new URLSearchParams(query),
    header: (name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : '';
    },
  };
}

function send({ status, headers, body }: HttpResponse, response: ServerResponse): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // Node leaves the length out of answers to HEAD, which some probes use.
  response.setHeader('Date', new Date(systemClock.wall()).toUTCString());
  response.setHeader('Content-Length', Buffer.byteLength(body));
  // Go sends no Connection header where the connection stays open.
  response.removeHeader('Connection');
  response.end(body);
}

/**
 * A time as Go's JSON encoder prints it: RFC 3339 in UTC, without trailing zeros of the fraction.
 */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.?0*Z$/, 'Z');
}
