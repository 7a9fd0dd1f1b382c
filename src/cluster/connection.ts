/** Which API server, and as whom. */

import { access, readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { ClusterError } from '../errors.js';
import type { Host } from '../host/host.js';
import { SystemHost } from '../host/system-host.js';
import { quote } from '../input/value.js';
import {
  type CredentialSource,
  type Credentials,
  credentialsOf,
  hasSecrets,
} from './credentials.js';
import { type Choice, type ContextChoice, chooseContext, readKubeconfig } from './kubeconfig.js';
import { Entry } from './kubeconfig-entry.js';
import { OidcTokens } from './oidc.js';
import { environmentProxy, parseProxy, withoutPassword } from './proxy.js';

export interface Connection {
  /** `https://10.0.0.1:6443`, perhaps with a path, without a slash at its end. */
  readonly server: string;
  /** Where it comes from: `context "prod" of /etc/kube/config`. */
  readonly description: string;
  /** The namespace of the context; `default` where it says none. */
  readonly namespace: string;
  /** The proxy on the way, by `proxy-url` or the environment. */
  readonly proxy: URL | undefined;
  /** What a person should know about this connection. */
  readonly warnings: readonly string[];
  /**
   * Credentials for one request, looked up each time: token and certificate files rotate, plugins
   * give short-lived tokens. Rejects with ClusterError.
   */
  readonly authorise: () => Promise<Credentials>;
  /** To be called after a 401: kubeconfig and plugins are asked again, and nothing kept is used. */
  readonly refused: () => void;
  /** Ends a plugin that is running. No credentials can be had afterwards. */
  readonly close: () => void;
}

/** Milliseconds. */
const TIMEOUT = 60_000;

/** Where Kubernetes puts the service account of a Pod. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface ConnectOptions extends ContextChoice {
  /** `--kubeconfig`; must exist. */
  readonly kubeconfig?: string | undefined;
  /** `--server`: instead of the kubeconfig's; without any kubeconfig, with no credentials. */
  readonly server?: string | undefined;
  /** `--as`, `--as-uid`, `--as-group`: instead of the user's `as`, `as-uid`, `as-groups`. */
  readonly as?: string | undefined;
  readonly asUid?: string | undefined;
  readonly asGroup?: readonly string[] | undefined;
  /**
   * Environment variables that are looked at: KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST and _PORT,
   * HTTPS_PROXY, NO_PROXY.
   */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder of the Pod's service account; Kubernetes' own if absent. */
  readonly serviceAccount?: string;
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
 * alone. Rejects with ClusterError, naming file, entry and field. What the entries point to, and
 * plugins, are asked at the first request: waiting may heal those.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const choice = await choose(options);
  const server = serverOf(choice, options.server);
  const { environment, timeout = TIMEOUT, interactive = false, host = new SystemHost() } = options;
  const oidc = new OidcTokens({ environment, timeout });
  const closed = new AbortController();
  const providers = { oidc, plugins: { host, interactive, timeout, signal: closed.signal } };
  let source: Promise<CredentialSource> | undefined = Promise.resolve(
    credentialsOf(choice, server, providers),
  );
  const readAgain = async (): Promise<CredentialSource> => {
    try {
      return credentialsOf(await choose(options), server, providers);
    } catch (error) {
      source = undefined;
      throw error;
    }
  };
  return {
    server,
    description: choice.description,
    namespace: choice.namespace,
    proxy: proxyOf(choice, server, options),
    warnings: warningsOf(choice, server),
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

/** What the connection leaves out of the entries, in silence with client-go. */
function warningsOf({ user }: Choice, server: string): readonly string[] {
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

async function choose(options: ConnectOptions): Promise<Choice> {
  const choice = await findChoice(options);
  const { as, asUid, asGroup } = options;
  const given = {
    ...(as === undefined ? {} : { as }),
    ...(asUid === undefined ? {} : { 'as-uid': asUid }),
    ...(asGroup === undefined ? {} : { 'as-groups': asGroup }),
  };
  return { ...choice, user: choice.user.with(given) };
}

async function findChoice(options: ConnectOptions): Promise<Choice> {
  const paths = await kubeconfigPaths(options);
  if (paths !== undefined) return chooseContext(await readKubeconfig(paths), options);
  for (const flag of ['context', 'cluster', 'user'] as const) {
    const name = options[flag];
    if (name !== undefined)
      throw new ClusterError(`--${flag} ${quote(name)}: there is no kubeconfig`, {}, NOWHERE);
  }
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = options.environment;
  if (host && port) return await podChoice(options, host, port);
  if (options.server !== undefined) {
    const place = '--server';
    return {
      description: '--server, without credentials',
      namespace: 'default',
      cluster: new Entry(place, '', { server: options.server }, ''),
      user: new Entry(place, '', {}, ''),
    };
  }
  throw new ClusterError('no API server is known: there is no kubeconfig and no Pod', {}, NOWHERE);
}

const NOWHERE = {
  hint: 'give --kubeconfig FILE, set KUBECONFIG, or run in a Pod with a service account',
};

async function kubeconfigPaths(options: ConnectOptions): Promise<readonly string[] | undefined> {
  if (options.kubeconfig !== undefined) return [options.kubeconfig];
  const { KUBECONFIG: listed = '', HOME: home } = options.environment;
  const paths = listed.split(':').filter((path) => path !== '');
  if (paths.length > 0) return paths;
  if (!home) return undefined;
  const usual = join(home, '.kube', 'config');
  return (await exists(usual)) ? [usual] : undefined;
}

/** What a Pod is given: address by environment, token, authority and namespace by files. */
async function podChoice(options: ConnectOptions, host: string, port: string): Promise<Choice> {
  const folder = options.serviceAccount ?? SERVICE_ACCOUNT;
  const place = 'service account of this Pod';
  if (!(await exists(join(folder, 'token')))) {
    throw new ClusterError(
      `${place}: ${join(folder, 'token')} is missing`,
      {},
      {
        hint: 'does the Pod set automountServiceAccountToken: false?',
      },
    );
  }
  const namespace = await readFile(join(folder, 'namespace'), 'utf8').catch(() => '');
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return {
    description: place,
    namespace: namespace.trim() || 'default',
    cluster: new Entry(place, '', { server, 'certificate-authority': 'ca.crt' }, folder),
    user: new Entry(place, '', { tokenFile: 'token' }, folder),
  };
}

/** The URL of the server, without a slash at its end. Without a scheme it is https. */
function serverOf({ cluster }: Choice, flag: string | undefined): string {
  const given = flag ?? cluster.required('server');
  const place = flag === undefined ? `${cluster.place}: server` : '--server';
  const server = given.includes('://') ? given : `https://${given}`;
  const shown = `${place}: ${quote(withoutPassword(given))}`;
  if (!URL.canParse(server) || !/^https?:\/\//.test(server))
    throw new ClusterError(
      `${shown} is no URL`,
      {},
      { hint: 'it begins with https://, like https://10.0.0.1:6443' },
    );
  const { username, password, search, hash } = new URL(server);
  if (username !== '' || password !== '')
    throw new ClusterError(
      `${shown} has a user or a password in it`,
      {},
      { hint: 'credentials stand in the user of the kubeconfig: username, password' },
    );
  if (search !== '' || hash !== '')
    throw new ClusterError(`${shown} has a query or a fragment: requests add their own`);
  return server.replace(/\/+$/, '');
}

function proxyOf({ cluster }: Choice, server: string, options: ConnectOptions): URL | undefined {
  const own = cluster.text('proxy-url');
  if (own !== undefined) return parseProxy(own, `${cluster.place}: proxy-url`);
  const found = environmentProxy(new URL(server), options.environment);
  return found === undefined ? undefined : parseProxy(found, 'HTTPS_PROXY');
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
