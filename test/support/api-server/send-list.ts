/** Answers a LIST: late, cut, compressed or whole. */

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { sendBody } from './chunks.js';
import { cutOf, type Exchange } from './exchange.js';
import { expiredToken, futureVersion, listBody, selection } from './list.js';
import type { Resource } from './resources.js';
import type { ServerState } from './state.js';

/** Bodies from this size on are compressed where the client can read it. */
const GZIP_BYTES = 128 * 1024;

const compressed = promisify(gzip);

export async function sendList(
  exchange: Exchange,
  resource: Resource,
  state: ServerState,
): Promise<void> {
  const { request, response, route } = exchange;
  const { faults, store } = state;
  const { query } = route;
  const list = { resource, query, ...selection(route, resource) };
  if (query.get('continue') && faults.use('expired-continue', 'list', resource.name) !== undefined)
    throw expiredToken(query);
  const future = futureVersion(query, store);
  if (future !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, state.options.tooLargeWaitMs));
    throw futureVersion(query, store) ?? future;
  }
  const extra = faults.use('extra-items', 'list', resource.name)?.items ?? [];
  const body = Buffer.from(listBody(list, store, extra));
  response.statusCode = 200;
  response.setHeader('Content-Type', 'application/json');
  const cut = cutOf(exchange, state);
  if (cut !== undefined) {
    response.write(body.subarray(0, cut.afterBytes), () => {
      if (cut.ending === 'end') response.end();
      else setImmediate(exchange.reset);
    });
    return;
  }
  const reads = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  if (!reads || body.length < GZIP_BYTES) {
    await sendBody(response, body, state.options.chunkBytes);
    return;
  }
  response.setHeader('Content-Encoding', 'gzip');
  response.setHeader('Vary', 'Accept-Encoding');
  await sendBody(response, await compressed(body, { level: 1 }), state.options.chunkBytes);
}
