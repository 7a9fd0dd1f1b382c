/** Handles one request: misbehaviour, authentication, authorization, answer. */

import type { IncomingMessage } from 'node:http';
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
import type { Exchange } from './exchange.js';
import { isPublic, sendOther } from './health.js';
import type { Resource } from './resources.js';
import { resourceName } from './route.js';
import { sendList } from './send-list.js';
import { sendWatch } from './send-watch.js';
import type { ServerState } from './state.js';
import {
  ApiError,
  failureOf,
  METHOD_NOT_ALLOWED,
  UNAUTHORIZED,
  UNKNOWN_RESOURCE,
} from './status.js';
import { objectText } from './store.js';
import { errorText } from './watch-text.js';

/** A user with a token that is known, but without any role. */
const NOBODY_TOKEN = 'nobody';
const USER = 'system:kube-proxy';

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
  if (!allowed || state.now() < state.unauthorizedUntil) {
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

/** The user behind a token; `undefined` for an unknown token. */
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
    sendOther(response, route, state.now() >= state.readyAt, state.address);
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
