/** Turns failed requests into ClusterErrors, with a message for people and fields for code. */

import { ClusterError, messageOf } from '../errors.js';
import { isArray, isObject, oneLine } from '../input/value.js';

/** Error codes of the system, in words. */
const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name cannot be looked up at present',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'no answer to the attempt to connect',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection was cut',
};

const HINTS: Readonly<Record<string, string>> = {
  401: 'the credentials are not known to the server, or are no longer: log in again, or look at the token or certificate that the kubeconfig names',
  403: 'the user needs list and watch on services, nodes, endpointslices (discovery.k8s.io) and servicecidrs (networking.k8s.io)',
  ECONNREFUSED: 'is the address right, and does the API server run?',
  ENOTFOUND: 'is the host name of the server in the kubeconfig right?',
  CERT_HAS_EXPIRED: "the server's certificate has expired, or this machine's date is wrong",
  ERR_TLS_CERT_ALTNAME_INVALID:
    'the certificate is for other names: set tls-server-name in the kubeconfig to one of them',
  EPROTO:
    'is this a TLS port? The server in the kubeconfig may have to begin with http:// or https://',
};

/** Codes with which a certificate is not trusted. */
const UNTRUSTED = /^(?:SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_|CERT_SIGNATURE)/;

/**
 * The error for a response that is not 2xx. The body may be a Status; 429 and unknown groups send
 * plain text, and a proxy may send HTML.
 */
export function statusFailure(
  what: string,
  status: number,
  body: string,
  retryAfter: string | undefined,
): ClusterError {
  const parsed = parseStatus(body);
  const said = { ...failureOf(parsed), status };
  const asked = secondsOf(retryAfter);
  return new ClusterError(
    `${what}: ${statusText(status, said.reason, parsed === undefined ? body : textOf(parsed.message))}`,
    asked === undefined ? said : { ...said, retryAfter: asked },
    { hint: HINTS[status] ?? '' },
  );
}

/** The error for the Status of an ERROR event of a watch. */
export function streamFailure(what: string, object: unknown): ClusterError {
  const parsed = isObject(object) ? object : {};
  const said = failureOf(parsed);
  return new ClusterError(
    `${what}: ${statusText(said.status, said.reason, textOf(parsed.message))}`,
    said,
  );
}

/** The error for a request without a complete response; it names the request. */
export function connectionFailure(what: string, error: unknown): ClusterError {
  if (error instanceof ClusterError)
    return error.message.startsWith(what)
      ? error
      : new ClusterError(`${what}: ${error.message}`, error, { hint: error.hint, cause: error });
  const code = codeOf(error);
  const said = messageOf(error);
  const hint = UNTRUSTED.test(code)
    ? "the server's certificate is not of the authority in the kubeconfig: look at certificate-authority"
    : (HINTS[code] ?? '');
  return new ClusterError(
    `${what}: ${SYSTEM_WORDS[code] ?? oneLine(said === '' ? code : said)}`,
    { reason: code },
    { hint, cause: error },
  );
}

/**
 * Whether the server has not reached the resourceVersion that was asked for: it lags behind, or its
 * store is older than what we have.
 */
export function isTooLarge(error: ClusterError): boolean {
  return (
    error.causes.includes('ResourceVersionTooLarge') ||
    /too large resource version/i.test(error.message)
  );
}

function parseStatus(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

interface StatusFacts {
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly string[];
  readonly retryAfter: number;
}

function failureOf(status: Readonly<Record<string, unknown>> = {}): StatusFacts {
  const details = isObject(status.details) ? status.details : {};
  const causes = isArray(details.causes) ? details.causes : [];
  const { retryAfterSeconds } = details;
  return {
    status: typeof status.code === 'number' ? status.code : 0,
    reason: textOf(status.reason),
    causes: causes.flatMap((cause) => (isObject(cause) ? [textOf(cause.reason)] : [])),
    retryAfter:
      typeof retryAfterSeconds === 'number' && retryAfterSeconds > 0 ? retryAfterSeconds * 1000 : 0,
  };
}

function statusText(status: number, reason: string, message: string): string {
  const head = [status === 0 ? '' : String(status), reason].filter(Boolean).join(' ');
  const tail = oneLine(message);
  return [head, tail].filter(Boolean).join(': ') || 'no message';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * Milliseconds of a Retry-After in seconds; the form with a date, which no API server uses, is not
 * read.
 */
function secondsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) * 1000 : undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
