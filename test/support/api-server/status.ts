/** Status objects, in the words of a real API server. */

import type { JsonObject } from './types.js';

/** The JSON of a value as Go writes it: `<`, `>`, `&` and two line separators are escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export interface Failure {
  readonly code: number;
  readonly message: string;
  /** Left out where a server gives none, as for 500. */
  readonly reason?: string;
  readonly details?: JsonObject;
  /** Of `metadata`. */
  readonly continue?: string;
  /** Header, in seconds. */
  readonly retryAfter?: number;
}

/** The Status object of a failure. */
export function statusObject(failure: Failure): JsonObject {
  const { code, message, reason, details } = failure;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: failure.continue === undefined ? {} : { continue: failure.continue },
    status: 'Failure',
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
}

/** A request that is answered with a Status. */
export class ApiError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

export function badRequest(message: string): ApiError {
  return new ApiError({ code: 400, reason: 'BadRequest', message });
}

export const UNAUTHORIZED: Failure = { code: 401, reason: 'Unauthorized', message: 'Unauthorized' };

export const METHOD_NOT_ALLOWED: Failure = {
  code: 405,
  reason: 'MethodNotAllowed',
  message: 'the server does not allow this method on the requested resource',
  details: {},
};

export const UNKNOWN_RESOURCE: Failure = {
  code: 404,
  reason: 'NotFound',
  message: 'the server could not find the requested resource',
  details: {},
};

/** 422 for options that do not go together. */
export function invalidOption(field: string, fault: string): ApiError {
  const message = `Forbidden: ${fault}`;
  return new ApiError({
    code: 422,
    reason: 'Invalid',
    message: `ListOptions.meta.k8s.io "" is invalid: ${field}: ${message}`,
    details: {
      group: 'meta.k8s.io',
      kind: 'ListOptions',
      causes: [{ reason: 'FieldValueForbidden', message, field }],
    },
  });
}

/** 504 for a resourceVersion that the store has not reached. */
export function tooLarge(wanted: number, current: number): Failure {
  return {
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${wanted}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
    retryAfter: 1,
  };
}

export const LIST_TOO_OLD: Failure = {
  code: 410,
  reason: 'Expired',
  message: 'The resourceVersion for the provided list is too old.',
};

/** 410 for a continue token of the past, with the token for the rest of the list as it is now. */
export function tokenExpired(rest: string): Failure {
  return {
    code: 410,
    reason: 'Expired',
    message:
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    continue: rest,
  };
}

/** The Status of a watch from a resourceVersion that is forgotten; it comes inside the stream. */
export function watchTooOld(wanted: number, oldest: number): Failure {
  return {
    code: 410,
    reason: 'Expired',
    message: `too old resource version: ${wanted} (${oldest})`,
  };
}

const OTHER: Readonly<Record<number, readonly [string | undefined, string]>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'Unauthorized'],
  403: ['Forbidden', 'forbidden'],
  404: ['NotFound', 'the server could not find the requested resource'],
  409: ['Conflict', 'the object has been modified'],
  410: ['Expired', 'The resourceVersion for the provided watch is too old.'],
  429: ['TooManyRequests', 'Too many requests, please try again later.'],
  500: ['InternalError', 'Internal error occurred: etcdserver: no leader'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'Timeout: request did not complete within the allotted timeout'],
};

/** A failure of this code, for a misbehaviour. */
export function failureOf(code: number): Failure {
  const [reason, message] = OTHER[code] ?? [undefined, `error ${code}`];
  return { code, message, ...(reason === undefined ? {} : { reason }) };
}
