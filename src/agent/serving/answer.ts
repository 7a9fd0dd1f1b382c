/** One HTTP answer as a value, and how it goes out: byte for byte what Go's server sends, as far as anybody can tell. */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

export interface Answer {
  readonly status: number;
  /** In the order in which they are sent. Date and Content-Length follow. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** What was asked for. The method never matters here. */
export interface Question {
  /** Without the query. */
  readonly path: string;
  /** From behind the question mark. */
  readonly query: URLSearchParams;
  /** `''` where it was not sent. */
  readonly header: (name: 'accept' | 'accept-encoding') => string;
}

export type Answerer = (question: Question) => Answer | Promise<Answer>;

const NO_SNIFF = { 'X-Content-Type-Options': 'nosniff' } as const;
const PLAIN = { 'Content-Type': 'text/plain; charset=utf-8' } as const;

/** Plain text. */
export function textAnswer(body: string, status = 200): Answer {
  return { status, headers: { ...PLAIN, ...NO_SNIFF }, body };
}

/** Plain text without the header that forbids guessing, as kube-proxy's pages for people come. */
export function pageAnswer(body: string): Answer {
  return { status: 200, headers: PLAIN, body };
}

/** A JSON text, sent as it is. */
export function jsonAnswer(
  body: string,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...NO_SNIFF, ...headers },
    body,
  };
}

/** What Go's server says about a path that there is none of. */
export const NOT_FOUND: Answer = textAnswer('404 page not found\n', 404);

/** A listener that answers every request of any method. A defect is answered with 500, so that a probe does not hang. */
export function answering(answer: Answerer): RequestListener {
  return (request, response) => {
    // A body that nobody reads would keep the connection from its next request.
    request.resume();
    Promise.resolve()
      .then(() => answer(questionOf(request)))
      .catch((error: unknown) => textAnswer(`${String(error)}\n`, 500))
      .then((given) => send(given, response))
      .catch(() => response.destroy());
  };
}

function questionOf(request: IncomingMessage): Question {
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

function send({ status, headers, body }: Answer, response: ServerResponse): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // Named here, because Node leaves the length out of its answers to HEAD, which probes use.
  response.setHeader('Date', new Date().toUTCString());
  response.setHeader('Content-Length', Buffer.byteLength(body));
  // Go says nothing about a connection that stays open.
  response.removeHeader('Connection');
  response.end(body);
}

/** A time as Go's JSON encoder prints it: RFC 3339 in UTC, without trailing zeros of the fraction. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.?0*Z$/, 'Z');
}
