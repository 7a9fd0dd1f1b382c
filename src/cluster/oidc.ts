/**
 * id-tokens of the auth-provider oidc: read from the kubeconfig, and renewed at the identity
 * provider once they have expired, as in client-go. Renewed tokens stay in memory.
 */

import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { ClusterError } from '../errors.js';
import { systemClock } from '../host/clock.js';
import { isObject, oneLine, quote } from '../input/value.js';
import { readBody } from './body.js';
import { checkAuthority } from './certificates.js';
import { type Entry, errorReason } from './kubeconfig-entry.js';
import { environmentProxy, proxyAgent, type Variables } from './proxy.js';

/** Milliseconds that the identity provider has for one answer, where a request has more. */
const TIMEOUT = 30_000;
/** Milliseconds before its expiry from which client-go counts a token as expired. */
const EXPIRY_DELTA = 10_000;

/** How an identity provider is asked. */
export interface OidcOptions {
  /** Variables that name a proxy. */
  readonly environment: Variables;
  /** Milliseconds that a request to the API server may take. */
  readonly timeout: number;
}

interface Tokens {
  readonly idToken: string | undefined;
  readonly refreshToken: string | undefined;
}

/**
 * The tokens of one connection. Refresh tokens are kept after a 401: a provider may accept each
 * only once.
 */
export class OidcTokens {
  readonly #options: OidcOptions;
  /** By the refresh token of the kubeconfig, so that a new login there is used. */
  readonly #renewed = new Map<string, Tokens>();
  #pending: Promise<string> | undefined;

  constructor(options: OidcOptions) {
    this.#options = options;
  }

  /**
   * An id-token that has not expired; several callers at once renew it once. Rejects with
   * ClusterError where it cannot be renewed.
   */
  idToken(user: Entry): Promise<string> {
    this.#pending ??= this.#find(user).finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  /** To be called after a 401: the next request gets a new token. */
  refused(): void {
    for (const [key, { refreshToken }] of this.#renewed)
      this.#renewed.set(key, { idToken: undefined, refreshToken });
  }

  async #find(user: Entry): Promise<string> {
    const provider = user.within('auth-provider').within('config');
    const given = provider.text('refresh-token') ?? '';
    const known = this.#renewed.get(given);
    for (const token of [known?.idToken, provider.text('id-token')])
      if (token !== undefined && !isExpired(token)) return token;
    const refreshToken = known?.refreshToken ?? given;
    const renewed = await renew(provider, refreshToken, this.#options);
    this.#renewed.set(given, { ...renewed, refreshToken: renewed.refreshToken ?? refreshToken });
    return renewed.idToken;
  }
}

const LOG_IN = 'log in again, or use an exec plugin such as kubelogin';

/** Requests a token from the issuer's token endpoint (OpenID Connect Core, section 12). */
async function renew(
  provider: Entry,
  refreshToken: string,
  options: OidcOptions,
): Promise<Tokens & { readonly idToken: string }> {
  const fail = (why: string, cause?: unknown): ClusterError =>
    new ClusterError(
      `${provider.place}: ${expiryText(provider)} and ${why}`,
      {},
      { hint: LOG_IN, cause },
    );
  const missing = ['refresh-token', 'idp-issuer-url', 'client-id'].find(
    (field) => !provider.has(field),
  );
  if (missing !== undefined) throw fail(`cannot be renewed without ${missing}`);
  try {
    const issuer = provider.required('idp-issuer-url').replace(/\/+$/, '');
    const ca = await provider.pem('idp-certificate-authority');
    if (ca !== undefined) checkAuthority(ca);
    const ask = (url: string, form?: Form): Promise<Fields> =>
      askProvider(url, ca === undefined ? {} : { ca: ca.bytes }, options, form);
    const { token_endpoint: endpoint } = await ask(`${issuer}/.well-known/openid-configuration`);
    if (typeof endpoint !== 'string') throw new Error(`${issuer} names no token_endpoint`);
    const answer = await askForTokens(provider, refreshToken, (form) => ask(endpoint, form));
    const { id_token: idToken, refresh_token: next } = answer;
    if (typeof idToken !== 'string')
      throw new Error('the answer has no id_token: the login did not ask for the scope openid');
    return { idToken, refreshToken: typeof next === 'string' ? next : undefined };
  } catch (error) {
    throw fail(`renewing it failed: ${errorReason(error)}`, error);
  }
}

/** A request to the token endpoint. */
interface Form {
  readonly fields: Readonly<Record<string, string>>;
  readonly authorization?: string;
}

/** The client's secret in a header, or else, as Go's oauth2 tries both, among the fields. */
async function askForTokens(
  provider: Entry,
  refreshToken: string,
  ask: (form: Form) => Promise<Fields>,
): Promise<Fields> {
  const id = provider.required('client-id');
  const secret = provider.text('client-secret');
  const fields = { grant_type: 'refresh_token', refresh_token: refreshToken };
  if (secret === undefined) return await ask({ fields: { ...fields, client_id: id } });
  const pair = [id, secret].map(encodeURIComponent).join(':');
  try {
    const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
    return await ask({ fields, authorization });
  } catch (error) {
    // The client was known: it is the refresh token that is not accepted.
    if (errorReason(error).includes('invalid_grant')) throw error;
    return await ask({ fields: { ...fields, client_id: id, client_secret: secret } });
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** The JSON object at a URL. Tokens are sent over TLS alone, and to no other URL. */
async function askProvider(
  url: string,
  tls: Pick<RequestOptions, 'ca'>,
  { environment, timeout: requestTimeout }: OidcOptions,
  form?: Form,
): Promise<Fields> {
  if (!URL.canParse(url) || !url.startsWith('https://'))
    throw new Error(`${quote(url)} does not begin with https://`);
  const timeout = Math.min(TIMEOUT, requestTimeout);
  const proxy = environmentProxy(new URL(url), environment);
  const options: RequestOptions = {
    ...tls,
    method: form === undefined ? 'GET' : 'POST',
    headers: {
      Accept: 'application/json',
      ...(form === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
      ...(form?.authorization === undefined ? {} : { Authorization: form.authorization }),
    },
    timeout,
    agent: proxy === undefined ? false : proxyAgent(proxy, true, {}),
  };
  const body = form === undefined ? '' : new URLSearchParams(form.fields).toString();
  const response = await send(url, options, body);
  const text = await readBody(response, timeout);
  if (response.statusCode !== 200)
    throw new Error(`${url} answered ${response.statusCode} ${oneLine(text)}`);
  const answer: unknown = JSON.parse(text);
  if (!isObject(answer)) throw new Error(`${url} answered no JSON object`);
  return answer;
}

function send(url: string, options: RequestOptions, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, resolve);
    sent.on('timeout', () =>
      sent.destroy(new Error(`no response for ${(options.timeout ?? TIMEOUT) / 1000} s`)),
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function expiryText(provider: Entry): string {
  const token = provider.text('id-token');
  const expiry = token === undefined ? undefined : expiryOf(token);
  return expiry === undefined
    ? 'the id-token is missing'
    : `the id-token has expired at ${new Date(expiry).toISOString()}`;
}

/** A token that does not say when it expires is used until the server refuses it. */
function isExpired(token: string): boolean {
  const expiry = expiryOf(token);
  return expiry !== undefined && expiry - EXPIRY_DELTA < systemClock.wall();
}

/**
 * When a JSON web token expires, in milliseconds of the epoch; `undefined` where it does not say.
 */
function expiryOf(token: string): number | undefined {
  try {
    const claims: unknown = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'),
    );
    const expiry = isObject(claims) ? Number(claims.exp) * 1000 : Number.NaN;
    // Beyond these milliseconds Date has no time.
    return Math.abs(expiry) <= 8.64e15 ? expiry : undefined;
  } catch {
    return undefined;
  }
}
