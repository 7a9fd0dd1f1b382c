/** One request on its way: misbehaviour, who asks, what for, and the answer. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  commonHeaders,
  forbidden,
  notFound,
  readJson,
  refusedForm,
  SHUTTING_DOWN,
  sendFailure,
  sendJson,
  sendMisbehaviour,
  sendText,
} from './answers.js';
import { sendBody } from './chunks.js';
import { isPublic, sendOther } from './health.js';
import { expiredToken, futureVersion, listBody, notANumber, selection, versionOf } from './list.js';
import type { Resource } from './resources.js';
import { type Route, resourceName } from './route.js';
import type { ServerState } from './state.js';
import {
  ApiError,
  failureOf,
  invalidOption,
  METHOD_NOT_ALLOWED,
  UNAUTHORIZED,
  UNKNOWN_RESOURCE,
} from './status.js';
import { objectText } from './store.js';
import { type Cut, Watch } from './watch.js';
import { errorText } from './watch-text.js';

/** Bodies from this size on are compressed where the client can read it. */
const GZIP_BYTES = 128 * 1024;
/** A user with a token that is known, but without any role. */
export const NOBODY_TOKEN = 'nobody';
const USER = 'system:kube-proxy';

const compressed = promisify(gzip);

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: Route;
  /** Breaks the connection off with a TCP reset. */
  readonly reset: () => void;
}

/** Answers one request. */
export async function answer(exchange: Exchange, state: ServerState): Promise<void> {
  const { response } = exchange;
  try {
    await answerOrThrow(exchange, state);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (!response.destroyed) sendFailure(response, error.failure);
  }
}

async function answerOrThrow(exchange: Exchange, state: ServerState): Promise<void> {
  const { request, response, route } = exchange;
  if (await disturbed(exchange, state)) return;
  const user = userOf(request, state);
  commonHeaders(response, user !== undefined);
  if (state.shuttingDown) {
    response.setHeader('Retry-After', 5);
    response.setHeader('Connection', 'close');
    sendText(response, 429, SHUTTING_DOWN);
    return;
  }
  if (user === undefined) {
    sendFailure(response, UNAUTHORIZED);
    return;
  }
  const allowed = user === USER || (isPublic(route.path) && user !== 'nobody');
  if (!allowed || Date.now() < state.unauthorizedUntil) {
    sendFailure(response, forbidden(route, user));
    return;
  }
  if (misbehaved(exchange, state)) return;
  await served(exchange, state);
}

/** What happens to a request before anybody looks at it; whether that was all. */
async function disturbed(
  { response, route, reset }: Exchange,
  { faults, healed }: ServerState,
): Promise<boolean> {
  const name = resourceName(route);
  while (faults.find('silent', route.verb, name) !== undefined) await healed();
  const slow = faults.use('slow', route.verb, name);
  if (slow !== undefined) await new Promise((resolve) => setTimeout(resolve, slow.delayMs));
  if (response.destroyed) return true;
  if (faults.use('reset', route.verb, name) === undefined) return false;
  reset();
  return true;
}

/** The user behind a token; `undefined` for a token that nobody knows. */
function userOf(request: IncomingMessage, { token }: ServerState): string | undefined {
  const [, given = ''] = /^Bearer +(.*)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (given.trim() === '') return 'system:anonymous';
  if (given === token) return USER;
  return given === NOBODY_TOKEN ? 'nobody' : undefined;
}

/** An error in place of the answer; whether there was one. */
function misbehaved({ response, route }: Exchange, { faults }: ServerState): boolean {
  const name = resourceName(route);
  const status = faults.use('status', route.verb, name);
  if (status !== undefined) {
    const failure = status.status === 403 ? forbidden(route, USER) : failureOf(status.status);
    sendMisbehaviour(response, status, failure);
    return true;
  }
  if (route.verb === 'watch') {
    const error = faults.use('error-event', route.verb, name);
    if (error === undefined) return false;
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.write(errorText(failureOf(error.code ?? 410)));
    response.end();
    return true;
  }
  return false;
}

async function served(exchange: Exchange, state: ServerState): Promise<void> {
  const { request, response, route } = exchange;
  const { resource, verb } = route;
  const { method = 'GET' } = request;
  if (resource === undefined || resource === 'unknown') {
    sendOther(response, route, Date.now() >= state.readyAt, state.address);
  } else if (verb === 'create' && resource.name === 'events') {
    await createEvent(exchange, state);
  } else if (method !== 'GET' && method !== 'HEAD') {
    sendFailure(response, METHOD_NOT_ALLOWED);
  } else if (!refusedForm(request, response, verb === 'watch')) {
    if (resource.warning !== undefined) response.setHeader('Warning', resource.warning);
    if (verb === 'get') sendObject(exchange, resource, state);
    else if (verb === 'watch') await sendWatch(exchange, resource, state);
    else await sendList(exchange, resource, state);
  }
}

async function createEvent(
  { request, response, route }: Exchange,
  state: ServerState,
): Promise<void> {
  const event = await readJson(request);
  if (typeof event !== 'object' || event === null || Array.isArray(event))
    throw new ApiError(UNKNOWN_RESOURCE);
  state.events.push(event);
  state.store.advance();
  const metadata = { ...Object(event).metadata, resourceVersion: String(state.store.version) };
  const created = request.method === 'POST' && route.name === '';
  sendJson(response, created ? 201 : 200, { ...event, metadata });
}

function sendObject(
  { response, route }: Exchange,
  resource: Resource,
  { store }: ServerState,
): void {
  const { name, namespace } = route;
  const found = store.get({
    kind: resource.kind,
    name,
    ...(namespace === '' ? {} : { namespace }),
  });
  if (found === undefined) {
    sendFailure(response, notFound(route));
    return;
  }
  const body = Buffer.from(`${objectText(found, resource)}\n`);
  response.setHeader('Content-Type', 'application/json');
  void sendBody(response, body);
}

async function sendList(exchange: Exchange, resource: Resource, state: ServerState): Promise<void> {
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

function cutOf({ route }: Exchange, { faults }: ServerState): Cut | undefined {
  const name = resourceName(route);
  const reset = faults.use('reset-mid-line', route.verb, name);
  if (reset !== undefined) return { afterBytes: reset.afterBytes ?? 100, ending: 'reset' };
  const short = faults.use('cut-short', route.verb, name);
  return short === undefined ? undefined : { afterBytes: short.afterBytes ?? 100, ending: 'end' };
}

/** Whether the initial events were asked for. Throws 422 for options that do not go together. */
function checkedInitialEvents(query: URLSearchParams, streamingLists: boolean): boolean {
  const given = query.get('sendInitialEvents');
  const match = query.get('resourceVersionMatch') ?? '';
  if (given === null) {
    if (match === '') return false;
    throw invalidOption(
      'resourceVersionMatch',
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  }
  if (match !== 'NotOlderThan')
    throw invalidOption(
      'resourceVersionMatch',
      'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  if (!streamingLists)
    throw invalidOption(
      'sendInitialEvents',
      'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
    );
  return given === 'true' || given === '1';
}

function watchedVersion(query: URLSearchParams): number | undefined {
  try {
    return versionOf(query);
  } catch {
    // Unlike a LIST, for which it is the client's fault.
    throw new ApiError({ code: 500, message: notANumber(query.get('resourceVersion') ?? '') });
  }
}

async function sendWatch(
  exchange: Exchange,
  resource: Resource,
  state: ServerState,
): Promise<void> {
  const { response, route, reset } = exchange;
  const { faults, options, store } = state;
  const { query } = route;
  const sendInitialEvents = checkedInitialEvents(query, options.streamingLists);
  const request = {
    ...{ resource, query, ...selection(route, resource) },
    ...{ from: watchedVersion(query), sendInitialEvents },
  };
  const future = sendInitialEvents ? futureVersion(query, store) : undefined;
  if (future !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, options.tooLargeWaitMs));
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(errorText((futureVersion(query, store) ?? future).failure));
    return;
  }
  const cut = cutOf(exchange, state);
  const watch = new Watch(request, { response, store, faults, settings: options, reset, cut });
  state.watches.add(watch);
  response.once('close', () => {
    watch.abandon();
    state.watches.delete(watch);
  });
  watch.start();
}
