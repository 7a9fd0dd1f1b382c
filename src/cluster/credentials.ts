/** How requests are authenticated: headers and TLS options from one context of a kubeconfig. */

import { ClusterError } from '../errors.js';
import { quote } from '../input/value.js';
import { checkAuthority, checkKeyPair } from './certificates.js';
import { execPluginOf, type PluginRunner, type PluginSource, pluginSource } from './exec-plugin.js';
import type { ResolvedContext } from './kubeconfig.js';
import type { Entry } from './kubeconfig-entry.js';
import type { OidcTokens } from './oidc.js';

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

/** Providers of credentials outside the kubeconfig. */
export interface CredentialProviders {
  readonly oidc: OidcTokens;
  readonly plugins: PluginRunner;
}

/**
 * The source of a context's credentials. Reads nothing yet. Over plain HTTP nothing but
 * impersonation is sent, as client-go's clientcmd does. Throws ClusterError for entries that
 * client-go refuses, with its words where it has some.
 */
export function credentialsOf(
  { cluster, user }: ResolvedContext,
  server: string,
  { oidc, plugins }: CredentialProviders,
): CredentialSource {
  checkEntries(cluster, user);
  const impersonation = impersonationOf(user);
  const plugin = user.has('exec') ? execPluginOf(user) : undefined;
  if (server.startsWith('http:')) return async () => ({ headers: impersonation, tls: {} });
  checkTrust(cluster);
  const ask: PluginSource | undefined =
    plugin === undefined ? undefined : pluginSource(plugin, cluster, server, plugins);
  return async () => {
    const own = await ownCredentials(cluster, user, oidc);
    const given = await ask?.();
    // As in client-go, what the kubeconfig itself holds goes before what a plugin gives.
    return {
      headers: {
        ...(given?.token === undefined
          ? {}
          : bearer(given.token, `${plugin?.place}: status.token`)),
        ...own.headers,
        ...impersonation,
      },
      tls: {
        ...(given?.cert === undefined ? {} : { cert: given.cert }),
        ...(given?.key === undefined ? {} : { key: given.key }),
        ...own.tls,
      },
    };
  };
}

/** Whether an entry has credentials, which must not be sent over plain HTTP. */
export function hasSecrets(user: Entry): boolean {
  const fields = ['token', 'tokenFile', 'username', 'exec', 'auth-provider'];
  return user.hasBytes('client-certificate') || fields.some((field) => user.has(field));
}

/** Checks that client-go makes for servers of every scheme. */
function checkEntries(cluster: Entry, user: Entry): void {
  const fail = ({ place }: Entry, what: string, hint = ''): never => {
    throw new ClusterError(`${place}: ${what}`, {}, { hint });
  };
  for (const [entry, field] of [
    [cluster, 'certificate-authority'],
    [user, 'client-certificate'],
    [user, 'client-key'],
  ] as const) {
    if (entry.has(field) && entry.has(`${field}-data`))
      fail(entry, `${field}-data and ${field} are both specified`, 'remove one of them');
  }
  if (user.hasBytes('client-certificate') && !user.hasBytes('client-key'))
    fail(
      user,
      'client-key-data or client-key must be specified to use the clientCert authentication method',
    );
  const hasToken = user.has('token') || user.has('tokenFile');
  if (hasToken && (user.has('username') || user.has('password')))
    fail(
      user,
      'more than one authentication method found; found [token basicAuth], only one is allowed',
      'remove the token, or username and password',
    );
  const provider = user.within('auth-provider').text('name');
  if (user.has('auth-provider') && provider !== 'oidc' && !user.has('exec'))
    fail(user, `no Auth Provider found for name ${quote(provider ?? '')}`, PROVIDER_HINT);
}

const PROVIDER_HINT =
  'Kubernetes 1.26 removed all but oidc: use an exec plugin, gke-gcloud-auth-plugin for gcp, kubelogin for azure';

function checkTrust(cluster: Entry): void {
  if (cluster.flag('insecure-skip-tls-verify') && cluster.hasBytes('certificate-authority'))
    throw new ClusterError(
      `${cluster.place}: specifying a root certificates file with the insecure flag is not allowed`,
      {},
      { hint: 'remove insecure-skip-tls-verify, or the certificate-authority' },
    );
}

/** The credentials in the kubeconfig and its files, which are read again as they may rotate. */
async function ownCredentials(cluster: Entry, user: Entry, oidc: OidcTokens): Promise<Credentials> {
  const [ca, pair, authorization] = await Promise.all([
    cluster.pem('certificate-authority'),
    keyPairOf(user),
    authorizationOf(user, oidc),
  ]);
  if (ca !== undefined) checkAuthority(ca);
  const servername = cluster.text('tls-server-name');
  return {
    headers: authorization,
    tls: {
      ...(ca === undefined ? {} : { ca: ca.bytes }),
      ...pair,
      ...(servername === undefined ? {} : { servername }),
      ...(cluster.flag('insecure-skip-tls-verify') ? { rejectUnauthorized: false } : {}),
    },
  };
}

/** The client certificate and its key. As in client-go, a key alone is not used. */
async function keyPairOf(user: Entry): Promise<Pick<TlsOptions, 'cert' | 'key'>> {
  if (!user.hasBytes('client-certificate')) return {};
  const [cert, key] = await Promise.all([user.pem('client-certificate'), user.pem('client-key')]);
  if (cert === undefined || key === undefined) return {};
  checkKeyPair(cert, key);
  return { cert: cert.bytes, key: key.bytes };
}

async function authorizationOf(user: Entry, oidc: OidcTokens): Promise<Credentials['headers']> {
  const name = user.text('username');
  if (name !== undefined) {
    const pair = Buffer.from(`${name}:${user.text('password') ?? ''}`).toString('base64');
    return { Authorization: `Basic ${pair}` };
  }
  const [token, field] = await tokenOf(user, oidc);
  return token === '' ? {} : bearer(token, `${user.place}: ${field}`);
}

/** The token and the field that it is from; a file that cannot be read leaves the token. */
async function tokenOf(user: Entry, oidc: OidcTokens): Promise<readonly [string, string]> {
  const token = user.text('token');
  if (user.has('tokenFile')) {
    const file = user.file('tokenFile');
    const bytes = await (token === undefined ? file : file.catch(() => undefined));
    if (bytes !== undefined) return [bytes.toString('utf8').trim(), 'tokenFile'];
  }
  if (token !== undefined || !user.has('auth-provider')) return [token?.trim() ?? '', 'token'];
  return [(await oidc.idToken(user)).trim(), 'auth-provider: id-token'];
}

/** Throws ClusterError for a token that cannot be a header: it is the content of another file. */
function bearer(token: string, place: string): { readonly Authorization: string } {
  if (/^[\x20-\x7e\x80-\xff]*$/.test(token)) return { Authorization: `Bearer ${token}` };
  throw new ClusterError(
    `${place}: is not a token: it has characters that are not allowed in a header`,
  );
}

/** The headers of client-go's impersonating transport. */
function impersonationOf(user: Entry): Credentials['headers'] {
  const as = user.text('as');
  const groups = user.texts('as-groups');
  const extra = user.within('as-user-extra');
  const uid = user.text('as-uid');
  if (as === undefined) {
    if (uid === undefined && groups.length === 0 && extra.names.length === 0) return {};
    throw new ClusterError(
      `${user.place}: requesting uid, groups or user-extra without impersonating a user`,
      {},
      { hint: 'set as' },
    );
  }
  const header = (text: string, field: string): string => headerOf(text, `${user.place}: ${field}`);
  return {
    'Impersonate-User': header(as, 'as'),
    ...(uid === undefined ? {} : { 'Impersonate-Uid': header(uid, 'as-uid') }),
    ...(groups.length === 0
      ? {}
      : { 'Impersonate-Group': groups.map((group) => header(group, 'as-groups')) }),
    ...Object.fromEntries(
      extra.names.map((name) => [
        `Impersonate-Extra-${escapeHeaderName(name)}`,
        extra.texts(name).map((text) => header(text, 'as-user-extra')),
      ]),
    ),
  };
}

/** Throws ClusterError for a text that cannot be a header. */
function headerOf(text: string, place: string): string {
  if (!CONTROL.test(text)) return headerBytes(text);
  throw new ClusterError(`${place}: has characters that are not allowed in a header`);
}

/** All but the tab. */
const CONTROL = /(?!\t)\p{Cc}/u;

/** UTF-8 as Node's headers take it: one character per byte. */
function headerBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Percent-encodes what a header's name may not hold, and the percent sign. */
function escapeHeaderName(key: string): string {
  return headerBytes(key).replace(
    /[^!#$&'*+.^_`|~0-9A-Za-z-]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
