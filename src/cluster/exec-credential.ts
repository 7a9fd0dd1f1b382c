/** Reads the ExecCredential that a plugin prints. Text of a program: nothing of it is trusted. */

import { ClusterError } from '../errors.js';
import { isObject, quote } from '../input/value.js';
import { checkKeyPair } from './certificates.js';

/** Credentials of a plugin: a token, a client certificate with its key, or both. */
export interface ExecCredential {
  readonly token: string | undefined;
  /** PEM. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Milliseconds of the epoch; Infinity where the plugin names no end. */
  readonly expires: number;
}

/** RFC 3339, as metav1.Time is written. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * The credentials in an answer to a request of that apiVersion. Throws ClusterError, with
 * client-go's words where it has some. Shows nothing of the answer but its version: the rest may be
 * secret.
 */
export function parseExecCredential(
  text: string,
  apiVersion: string,
  place: string,
): ExecCredential {
  const fail = (what: string): ClusterError => new ClusterError(`${place}: ${what}`);
  const answer = parse(text);
  if (!isObject(answer) || answer.kind !== 'ExecCredential')
    throw fail('decoding stdout: the plugin printed no ExecCredential in JSON');
  if (answer.apiVersion !== apiVersion)
    throw fail(
      `exec plugin is configured to use API version ${apiVersion}, plugin returned version ${quote(answer.apiVersion ?? '')}`,
    );
  const { status } = answer;
  if (!isObject(status)) throw fail("exec plugin didn't return a status field");
  const textOf = (field: string): string | undefined => {
    const value = status[field] ?? '';
    if (typeof value !== 'string') throw fail(`decoding stdout: status.${field}: must be text`);
    return value === '' ? undefined : value;
  };
  const token = textOf('token')?.trim();
  const cert = textOf('clientCertificateData');
  const key = textOf('clientKeyData');
  const expiry = textOf('expirationTimestamp');
  if (token === undefined && cert === undefined && key === undefined)
    throw fail("exec plugin didn't return a token or cert/key pair");
  if ((cert === undefined) !== (key === undefined))
    throw fail('exec plugin returned only certificate or key, not both');
  if (expiry !== undefined && !(TIME.test(expiry) && Date.parse(expiry)))
    throw fail('decoding stdout: status.expirationTimestamp: must be a time in RFC 3339');
  if (cert !== undefined && key !== undefined)
    checkKeyPair(
      { bytes: cert, place: `${place}: status.clientCertificateData` },
      { bytes: key, place: `${place}: status.clientKeyData` },
    );
  return { token, cert, key, expires: expiry === undefined ? Infinity : Date.parse(expiry) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
