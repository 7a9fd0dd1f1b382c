/** Answers that are not lists and watches: errors, plain text, headers that every answer has. */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { qualifiedName } from './resources.js';
import { type Route, resourceName } from './route.js';
import { ApiError, type Failure, goJson, statusObject } from './status.js';
import type { Json, Misbehaviour } from './types.js';

const FLOW_SCHEMA = '727bcd2a-8caf-476f-a221-f1e39c5b5734';
const PRIORITY_LEVEL = 'd2264db7-971c-410b-96da-7848a0ddc588';

/**
 * Sets what a real server says with every answer; `classified` where priority and fairness had a
 * look at the request.
 */
export function commonHeaders(response: ServerResponse, classified: boolean): void {
  response.setHeader('Audit-Id', randomUUID());
  response.setHeader('Cache-Control', 'no-cache, private');
  if (!classified) return;
  response.setHeader('X-Kubernetes-Pf-Flowschema-Uid', FLOW_SCHEMA);
  response.setHeader('X-Kubernetes-Pf-Prioritylevel-Uid', PRIORITY_LEVEL);
}

export function sendJson(response: ServerResponse, code: number, value: unknown): void {
  const body = Buffer.from(`${goJson(value)}\n`);
  response.writeHead(code, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  response.end(body);
}

export function sendFailure(response: ServerResponse, failure: Failure): void {
  if (failure.code === 403) response.setHeader('X-Content-Type-Options', 'nosniff');
  if (failure.retryAfter !== undefined) response.setHeader('Retry-After', failure.retryAfter);
  sendJson(response, failure.code, statusObject(failure));
}

export function sendText(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

const TOO_MANY_REQUESTS = 'Too many requests, please try again later.\n';
export const SHUTTING_DOWN = 'The apiserver is shutting down, please try again later.\n';

const VERB_WORDS = { list: 'list', watch: 'watch', get: 'get', create: 'create', other: 'get' };

/** 403 as a server without this role words it. */
export function forbidden(route: Route, user: string): Failure {
  const { resource, name, namespace, path, verb } = route;
  const who = `User "${user}" cannot ${VERB_WORDS[verb]}`;
  const failure = { code: 403, reason: 'Forbidden' };
  if (resource === undefined || resource === 'unknown')
    return { ...failure, message: `forbidden: ${who} path "${path}"`, details: {} };
  const subject = name === '' ? qualifiedName(resource) : `${qualifiedName(resource)} "${name}"`;
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const message = `${subject} is forbidden: ${who} resource "${resource.name}" in API group "${resource.group}" ${scope}`;
  const details = {
    ...(name === '' ? {} : { name }),
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.name,
  };
  return { ...failure, message, details };
}

export function notFound(route: Route): Failure {
  const { name, resource } = route;
  const called = typeof resource === 'object' ? qualifiedName(resource) : '';
  const group = typeof resource === 'object' ? resource.group : '';
  return {
    code: 404,
    reason: 'NotFound',
    message: `${called} "${name}" not found`,
    details: { name, ...(group === '' ? {} : { group }), kind: resourceName(route) },
  };
}

/** The status of a misbehaviour, in the form that it takes on a real server. */
export function sendMisbehaviour(
  response: ServerResponse,
  how: Extract<Misbehaviour, { kind: 'status' }>,
  failure: Failure,
): void {
  const retryAfter = how.retryAfter ?? (how.status === 429 ? 1 : undefined);
  if (retryAfter !== undefined) response.setHeader('Retry-After', retryAfter);
  if (how.text ?? how.status === 429)
    sendText(response, how.status, how.status === 429 ? TOO_MANY_REQUESTS : `${failure.message}\n`);
  else sendFailure(response, failure);
}

const NOT_ACCEPTABLE =
  '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';

/**
 * Answers 406 unless JSON is welcome; whether it did. A real server has YAML for everything but
 * watches, this one for nothing.
 */
export function refusedForm(
  request: IncomingMessage,
  response: ServerResponse,
  watch: boolean,
): boolean {
  const accept = request.headers.accept ?? '*/*';
  if (/application\/(?:json|\*)|\*\/\*/.test(accept)) return false;
  if (watch && /application\/yaml/.test(accept)) {
    const body =
      "apiVersion: v1\ncode: 406\nkind: Status\nmessage: 'only the following media types are accepted: application/json;stream=watch,\n  application/vnd.kubernetes.protobuf;stream=watch'\nmetadata: {}\nreason: NotAcceptable\nstatus: Failure\n";
    response.writeHead(406, { 'Content-Type': 'application/yaml', 'Content-Length': body.length });
    response.end(body);
    return true;
  }
  const failure = { code: 406, reason: 'NotAcceptable', message: NOT_ACCEPTABLE, details: {} };
  const body = JSON.stringify(statusObject(failure), null, 2);
  response.writeHead(406, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  response.end(body);
  return true;
}

/** The body of a request as JSON. Throws 400 for what is none. */
export async function readJson(request: IncomingMessage): Promise<Json> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  try {
    return JSON.parse(Buffer.concat(parts).toString());
  } catch {
    throw new ApiError({
      code: 400,
      reason: 'BadRequest',
      message:
        "the object provided is unrecognized (must be of type Event): couldn't get version/kind",
    });
  }
}
