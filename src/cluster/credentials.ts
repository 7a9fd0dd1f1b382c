/** How requests are authenticated: headers and TLS options from one context of a kubeconfig. */

import { ClusterError } from '../errors.js';
import { isArray, quote } from '../input/value.js';
import type { Choice } from './kubeconfig.js';
import type { Entry } from './kubeconfig-entry.js';
import { isOidc, type OidcTokens } from './oidc.js';
import { pluginCredentials } from './plugin-credentials.js';

/** What authenticates one request. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly tls: TlsOptions;
}

/** The TLS side of {@link Credentials}: names and meanings are Node's. */
export interface TlsOptions {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Looks up the credentials for one request. Rejects with ClusterError. */
export type CredentialSource = () => Promise<Credentials>;

/**
 * The source of a context's credentials. Reads nothing yet. Over plain HTTP nothing but
 * impersonation is sent, as client-go's clientcmd does. Throws ClusterError for entries that
 * contradict themselves, with client-go's words where it has some.
 */
export function credentialsOf(
  { cluster, user }: Choice,
  server: string,
  oidc: OidcTokens,
): CredentialSource {
  const impersonation = impersonationOf(user);
  if (server.startsWith('http:')) return async () => ({ headers: impersonation, tls: {} });
  checkTls(cluster, user);
  const own = async (): Promise<Credentials> => {
    const { headers, tls } = await ownCredentials(cluster, user, oidc);
    return { headers: { ...headers, ...impersonation }, tls };
  };
  const isPlugin = user.has('exec') || (user.has('auth-provider') && !isOidc(user));
  return isPlugin ? pluginCredentials(cluster, user, server, own) : own;
}

/**
 * Whether an entry has anything that authenticates, and that plain HTTP would show to everybody.
 */
export function hasSecrets(user: Entry): boolean {
  const fields = ['token', 'tokenFile', 'username', 'exec', 'auth-provider'];
  return [...fields, 'client-certificate', 'client-certificate-data'].some((field) =>
    user.has(field),
  );
}

function checkTls(cluster: Entry, user: Entry): void {
  const has = (entry: Entry, field: string): boolean =>
    entry.has(field) || entry.has(`${field}-data`);
  if (cluster.flag('insecure-skip-tls-verify') && has(cluster, 'certificate-authority')) {
    throw new ClusterError(
      `${cluster.place}: specifying a root certificates file with the insecure flag is not allowed`,
      {},
      { hint: 'remove insecure-skip-tls-verify, or the certificate-authority' },
    );
  }
  if (has(user, 'client-certificate') && !has(user, 'client-key')) {
    throw new ClusterError(
      `${user.place}: client-key-data or client-key must be specified to use the clientCert authentication method`,
    );
  }
}

/** What the files say now: those behind paths are renewed while vipc runs. */
async function ownCredentials(cluster: Entry, user: Entry, oidc: OidcTokens): Promise<Credentials> {
  const [ca, cert, key, tokenFile] = await Promise.all([
    cluster.bytes('certificate-authority'),
    user.bytes('client-certificate'),
    user.bytes('client-key'),
    user.file('tokenFile'),
  ]);
  const servername = cluster.text('tls-server-name');
  const given = tokenFile?.toString('utf8') ?? user.text('token');
  const token = (given ?? (isOidc(user) ? await oidc.idToken(user) : undefined))?.trim();
  const name = user.text('username');
  const basic = Buffer.from(`${name}:${user.text('password') ?? ''}`).toString('base64');
  return {
    headers: {
      ...(name === undefined ? {} : { Authorization: `Basic ${basic}` }),
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
      ...(cluster.flag('insecure-skip-tls-verify') ? { rejectUnauthorized: false } : {}),
    },
  };
}

/** The headers of client-go's impersonating transport. */
function impersonationOf(user: Entry): Credentials['headers'] {
  const as = user.text('as');
  const groups = textsOf(user, 'as-groups', user.value('as-groups'));
  const extra = Object.entries(user.fields('as-user-extra') ?? {});
  const uid = user.text('as-uid');
  if (as === undefined) {
    if (uid === undefined && groups.length === 0 && extra.length === 0) return {};
    throw new ClusterError(
      `${user.place}: requesting uid, groups or user-extra without impersonating a user`,
      {},
      { hint: 'set as' },
    );
  }
  return {
    'Impersonate-User': as,
    ...(uid === undefined ? {} : { 'Impersonate-Uid': uid }),
    ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups }),
    ...Object.fromEntries(
      extra.map(([key, values]) => [
        `Impersonate-Extra-${escapeHeaderName(key)}`,
        textsOf(user, `as-user-extra.${key}`, values),
      ]),
    ),
  };
}

/** Percent-encodes what a header's name may not hold, and the percent sign. */
function escapeHeaderName(key: string): string {
  const bytes = Buffer.from(key, 'utf8').toString('latin1');
  return bytes.replace(
    /[^!#$&'*+.^_`|~0-9A-Za-z-]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function textsOf(user: Entry, field: string, value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw new ClusterError(`${user.place}: ${field}: must be a list of texts, is ${quote(value)}`);
}
