/** Chooses the API server and the credentials, as kubectl does. */

import { ClusterError } from '../errors.js';
import type { Host } from '../host/host.js';
import { SystemHost } from '../host/system-host.js';
import { quote } from '../input/value.js';
import { type ContextOptions, resolveContext } from './context.js';
import {
  type CredentialSource,
  type Credentials,
  credentialsOf,
  hasSecrets,
} from './credentials.js';
import type { ResolvedContext } from './kubeconfig.js';
import { OidcTokens } from './oidc.js';
import { environmentProxy, parseProxyUrl, withoutPassword } from './proxy.js';

export interface Connection {
  /** `https://10.0.0.1:6443`, perhaps with a path, without a slash at its end. */
  readonly server: string;
  /** Where it comes from: `context "prod" of /etc/kube/config`. */
  readonly description: string;
  /** The namespace of the context; `default` where it says none. */
  readonly namespace: string;
  /** The proxy to use, from `proxy-url` or the environment. */
  readonly proxy: URL | undefined;
  /** Warnings for the user. */
  readonly warnings: readonly string[];
  /**
   * Credentials for one request, looked up each time: token and certificate files rotate, plugins
   * give short-lived tokens. Rejects with ClusterError.
   */
  readonly authorise: () => Promise<Credentials>;
  /**
   * To be called after a 401: kubeconfig and plugins are read and run again; cached tokens are
   * dropped.
   */
  readonly refused: () => void;
  /** Ends a plugin that is running. No credentials can be had afterwards. */
  readonly close: () => void;
}

/** Milliseconds. */
const TIMEOUT = 60_000;

export interface ConnectOptions extends ContextOptions {
  /**
   * Milliseconds that a plugin, or one request to an identity provider, may take; 60,000 if absent.
   */
  readonly timeout?: number | undefined;
  /** Whether a person at standard input can answer a plugin; false if absent. */
  readonly interactive?: boolean;
  /** Runs plugins; this machine if absent. */
  readonly host?: Pick<Host, 'run'>;
}

/**
 * The connection that kubectl would choose: `--kubeconfig`, the files of KUBECONFIG (first one wins
 * for each name), `~/.kube/config`, the service account of the Pod that this runs in, `--server`
 * alone. Rejects with ClusterError, naming file, entry and field. Token and certificate files are
 * read, and plugins run, by the requests: they may appear later.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const context = await resolveContext(options);
  const server = serverOf(context, options.server);
  const { environment, timeout = TIMEOUT, interactive = false, host = new SystemHost() } = options;
  const oidc = new OidcTokens({ environment, timeout });
  const closed = new AbortController();
  const providers = { oidc, plugins: { host, interactive, timeout, signal: closed.signal } };
  let source: Promise<CredentialSource> | undefined = Promise.resolve(
    credentialsOf(context, server, providers),
  );
  const readAgain = async (): Promise<CredentialSource> => {
    try {
      return credentialsOf(await resolveContext(options), server, providers);
    } catch (error) {
      source = undefined;
      throw error;
    }
  };
  return {
    server,
    description: context.description,
    namespace: context.namespace,
    proxy: proxyOf(context, server, options),
    warnings: warningsOf(context, server),
    authorise: async () => {
      source ??= readAgain();
      return await (await source)();
    },
    refused: () => {
      source = undefined;
      oidc.refused();
    },
    close: () => closed.abort(),
  };
}

/** What the entries have and this connection does not use; client-go does not mention it. */
function warningsOf({ user }: ResolvedContext, server: string): readonly string[] {
  const isPlain = server.startsWith('http:') && hasSecrets(user);
  const isKeyAlone = user.hasBytes('client-key') && !user.hasBytes('client-certificate');
  return [
    ...(isPlain ? [`${user.place}: no credentials are sent over plain http:// to ${server}`] : []),
    ...(isKeyAlone
      ? [
          `${user.place}: client-key has no effect without client-certificate-data or client-certificate`,
        ]
      : []),
  ];
}

/** The URL of the server, without query and slash at its end. Without a scheme it is https. */
function serverOf({ cluster }: ResolvedContext, flag: string | undefined): string {
  const given = flag ?? cluster.required('server');
  const place = flag === undefined ? `${cluster.place}: server` : '--server';
  const server = given.includes('://')
    ? given.replace(/^\w+:/, (scheme) => scheme.toLowerCase())
    : `https://${given}`;
  const shown = `${place}: ${quote(withoutPassword(given))}`;
  if (!URL.canParse(server) || !/^https?:\/\//.test(server))
    throw new ClusterError(
      `${shown} is not a URL`,
      {},
      { hint: 'it begins with https://, like https://10.0.0.1:6443' },
    );
  const { username, password } = new URL(server);
  if (username !== '' || password !== '')
    throw new ClusterError(
      `${shown} has a user or a password in it`,
      {},
      { hint: 'credentials stand in the user of the kubeconfig: username, password' },
    );
  // As client-go: each request has a query of its own.
  return server.replace(/[?#].*$/, '').replace(/\/+$/, '');
}

function proxyOf(
  { cluster }: ResolvedContext,
  server: string,
  options: ConnectOptions,
): URL | undefined {
  const own = cluster.text('proxy-url');
  if (own !== undefined) return parseProxyUrl(own, `${cluster.place}: proxy-url`);
  return environmentProxy(new URL(server), options.environment);
}
