/**
 * Credentials from exec plugins and legacy auth providers. The only user of the Kubernetes client
 * library, which is optional: it costs a second, 70 MB of memory, and more than half of an
 * installation.
 */

import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { ClusterError } from '../errors.js';
import { isArray, oneLine } from '../input/value.js';
import type { CredentialSource, Credentials, TlsOptions } from './credentials.js';
import { type Entry, reasonOf } from './kubeconfig-entry.js';

/**
 * What the files say, completed by a plugin. The library keeps a plugin's token until it expires,
 * and concurrent requests ask once.
 */
export function pluginCredentials(
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
      throw pluginFailure(user, error);
    }
    const { cert, key } = options;
    return {
      headers: { ...headers, ...textHeaders(options.headers) },
      tls: { ...tls, ...pemOf('cert', cert), ...pemOf('key', key) },
    };
  };
  return () => {
    pending ??= ask().finally(() => {
      pending = undefined;
    });
    return pending;
  };
}

/** With client-go's words and the kubeconfig's own hint where the plugin is not installed. */
function pluginFailure(user: Entry, error: unknown): ClusterError {
  const { command, installHint } = user.fields('exec') ?? {};
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  if (!isMissing || typeof command !== 'string')
    return new ClusterError(
      `${user.place}: no credentials: ${reasonOf(error)}`,
      {},
      { cause: error },
    );
  const hint =
    typeof installHint === 'string' ? oneLine(installHint) : 'is it installed, and in PATH?';
  return new ClusterError(
    `${user.place}: exec: executable ${oneLine(command)} not found`,
    {},
    { hint, cause: error },
  );
}

async function importLibrary(user: Entry) {
  try {
    return await import('@kubernetes/client-node');
  } catch (error) {
    const field = user.has('exec') ? 'exec' : 'auth-provider';
    throw new ClusterError(
      `${user.place}: ${field} needs the optional package @kubernetes/client-node`,
      {},
      { hint: 'npm install @kubernetes/client-node@1.4.0', cause: error },
    );
  }
}

/** The library, told of this one context. It is given no certificates: those are ours to read. */
async function loadLibrary(cluster: Entry, user: Entry, server: string) {
  const exec = user.fields('exec');
  const provider = user.fields('auth-provider');
  const { KubeConfig } = await importLibrary(user);
  const config = new KubeConfig();
  config.loadFromOptions({
    currentContext: 'chosen',
    contexts: [{ name: 'chosen', cluster: 'chosen', user: 'chosen' }],
    clusters: [
      {
        name: 'chosen',
        server,
        skipTLSVerify: cluster.flag('insecure-skip-tls-verify'),
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
 * A plugin's entry with what kubectl adds: a relative path starts at the kubeconfig, and
 * KUBERNETES_EXEC_INFO tells which answer is understood and that nobody sits at a terminal.
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
