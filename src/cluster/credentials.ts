/**
 * What shows a server who we are. The only user of the Kubernetes client library, and of that only for what needs it (plugins,
 * identity providers, proxies): it costs a second and 70 MB, which an agent with a token file saves.
 */

import type { Agent, OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { ClusterError } from '../errors.js';
import { isArray } from '../input/value.js';
import type { Choice } from './kubeconfig.js';
import { type Entry, reasonOf } from './kubeconfig-entry.js';

/** What one request needs to be believed. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
  /** The way through a proxy, where the kubeconfig names one. */
  readonly agent?: Agent;
}

/** The TLS side of {@link Credentials}: names and meanings are Node's. */
export interface TlsOptions {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** A way to get credentials, once for each request. */
export type CredentialSource = () => Promise<Credentials>;

/** Where the credentials of a context come from. Reads nothing yet. */
export function credentialsOf({ cluster, user }: Choice, server: string): CredentialSource {
  const own = (): Promise<Credentials> => ownCredentials(cluster, user);
  const needsLibrary = user.has('exec') || user.has('auth-provider') || cluster.has('proxy-url');
  return needsLibrary ? withLibrary(cluster, user, server, own) : own;
}

/** What the files say, read now: those behind paths may have been renewed. */
async function ownCredentials(cluster: Entry, user: Entry): Promise<Credentials> {
  const [ca, cert, key, tokenFile] = await Promise.all([
    cluster.bytes('certificate-authority'),
    user.bytes('client-certificate'),
    user.bytes('client-key'),
    user.file('tokenFile'),
  ]);
  const servername = cluster.text('tls-server-name');
  const token = (tokenFile?.toString('utf8') ?? user.text('token'))?.trim();
  const name = user.text('username');
  const as = user.text('as');
  const basic = Buffer.from(`${name}:${user.text('password') ?? ''}`).toString('base64');
  return {
    headers: {
      ...(name === undefined ? {} : { Authorization: `Basic ${basic}` }),
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(as === undefined ? {} : { 'Impersonate-User': as }),
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

/** The same, completed by the library, which keeps a plugin's token until it expires. Requests at one moment ask once. */
function withLibrary(
  cluster: Entry,
  user: Entry,
  server: string,
  own: CredentialSource,
): CredentialSource {
  const loaded = loadLibrary(cluster, user, server);
  // A failure belongs to whoever asks for credentials.
  loaded.catch(() => undefined);
  let pending: Promise<Credentials> | undefined;
  const ask = async (): Promise<Credentials> => {
    const [config, { headers, tls }] = [await loaded, await own()];
    const options: RequestOptions & { headers: OutgoingHttpHeaders } = { ...tls, headers: {} };
    try {
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new ClusterError(
        `${user.place}: no credentials: ${reasonOf(error)}`,
        {},
        { cause: error },
      );
    }
    const { agent, cert, key } = options;
    return {
      headers: { ...headers, ...textHeaders(options.headers) },
      tls: { ...tls, ...pemOf('cert', cert), ...pemOf('key', key) },
      ...(cluster.has('proxy-url') && typeof agent === 'object' ? { agent } : {}),
    };
  };
  return () => {
    pending ??= ask().finally(() => {
      pending = undefined;
    });
    return pending;
  };
}

/** The library, told of this one context. It is given no certificates: those are ours to read. */
async function loadLibrary(cluster: Entry, user: Entry, server: string) {
  const exec = user.fields('exec');
  const provider = user.fields('auth-provider');
  const proxyUrl = cluster.text('proxy-url');
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromOptions({
    currentContext: 'chosen',
    contexts: [{ name: 'chosen', cluster: 'chosen', user: 'chosen' }],
    clusters: [
      {
        name: 'chosen',
        server,
        ...(proxyUrl === undefined ? {} : { proxyUrl }),
        // The library takes plain HTTP only from those who want no TLS to be verified.
        skipTLSVerify: server.startsWith('http:') || cluster.flag('insecure-skip-tls-verify'),
      },
    ],
    users: [
      {
        name: 'chosen',
        ...(exec === undefined ? {} : { exec: completePlugin(user, exec, cluster, server) }),
        ...(provider === undefined ? {} : { authProvider: { ...provider } }),
      },
    ],
  });
  return config;
}

/**
 * A plugin's entry with what kubectl adds: a relative path starts at the kubeconfig, and KUBERNETES_EXEC_INFO tells
 * which answer is understood and that nobody sits at a terminal.
 */
function completePlugin(
  user: Entry,
  exec: Readonly<Record<string, unknown>>,
  cluster: Entry,
  server: string,
): Readonly<Record<string, unknown>> {
  const { command, apiVersion = 'client.authentication.k8s.io/v1', env } = exec;
  if (typeof command !== 'string' || command === '')
    throw new ClusterError(`${user.place}: exec.command is missing`);
  const certificate = cluster.text('certificate-authority-data');
  const info = {
    kind: 'ExecCredential',
    apiVersion,
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo === true
        ? { cluster: { server, 'certificate-authority-data': certificate } }
        : {}),
    },
  };
  return {
    ...exec,
    command: command.includes('/') ? user.path(command) : command,
    env: [
      { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) },
      ...(isArray(env) ? env : []),
    ],
  };
}

/** Headers whose value is one text; a token file's last newline is no part of it. */
function textHeaders(headers: OutgoingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value.trim()]] : [],
    ),
  );
}

function pemOf(name: 'cert' | 'key', value: unknown): Pick<TlsOptions, 'cert' | 'key'> {
  return typeof value === 'string' || Buffer.isBuffer(value) ? { [name]: value } : {};
}
