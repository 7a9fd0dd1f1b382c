/** A client that sees a response as it is on the wire: chunk by chunk, and how it ended. */

import { connect } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import type { Listening } from './protocol.js';

export interface WireRequest {
  /** `GET /api/v1/services`. */
  readonly line: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** In place of the server's token; `''` for no Authorization at all. */
  readonly authorization?: string;
}

export interface WireResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Empty where the body is not chunked. */
  readonly chunks: readonly string[];
  /** Whether the body is whole. */
  readonly complete: boolean;
}

export interface WireExchange {
  readonly response: Promise<WireResponse>;
  /** Hangs up. */
  readonly abort: () => void;
  /** All that has come of the body up to now. */
  readonly soFar: () => string;
  /** Stops and goes on to read: what is sent meanwhile stays in the kernel and the server. */
  readonly pause: () => void;
  readonly resume: () => void;
}

/** Sends one request on a connection of its own. */
export function send(server: Listening, request: WireRequest): WireExchange {
  const { authorization = `Bearer ${server.token}`, body = '', headers = {} } = request;
  const socket = connect({ host: server.host, port: server.port, ca: server.certificate });
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  const response = new Promise<WireResponse>((resolve) => {
    const done = (): void => resolve(parsed(Buffer.concat(parts)));
    socket.once('close', done);
    socket.once('error', () => socket.destroy());
  });
  const all = {
    Host: 'kubernetes.default.svc',
    ...(authorization === '' ? {} : { Authorization: authorization }),
    Connection: 'close',
    ...headers,
    ...(body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${request.line} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  return {
    response,
    abort: () => socket.destroy(),
    soFar: () => parsed(Buffer.concat(parts)).body,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}

function parsed(bytes: Buffer): WireResponse {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return { status: 0, headers: {}, body: '', chunks: [], complete: false };
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const [name = '', value = ''] = line.split(/: (.*)/s);
      return [name.toLowerCase(), value];
    }),
  );
  const status = Number(first.split(' ')[1]);
  const rest = bytes.subarray(end + 4);
  if (headers['transfer-encoding'] !== 'chunked') {
    const complete = rest.length === Number(headers['content-length'] ?? -1);
    return { status, headers, body: rest.toString(), chunks: [], complete };
  }
  const { chunks, complete } = dechunked(rest);
  const whole = Buffer.concat(chunks);
  const body = headers['content-encoding'] === 'gzip' ? gunzipSync(whole) : whole;
  return {
    ...{ status, headers, body: body.toString(), complete },
    get chunks() {
      return chunks.map(String);
    },
  };
}

function dechunked(bytes: Buffer): { chunks: readonly Buffer[]; complete: boolean } {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return { chunks, complete: false };
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16);
    if (size === 0) return { chunks, complete: true };
    const chunk = bytes.subarray(line + 2, line + 2 + size);
    if (chunk.length > 0) chunks.push(chunk);
    if (chunk.length < size) return { chunks, complete: false };
    at = line + 2 + size + 2;
  }
}
