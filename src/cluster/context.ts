/** Finds the context to use: in a kubeconfig, in the Pod that this runs in, or by `--server`. */

import { access, readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { ClusterError } from '../errors.js';
import { oneLine, quote } from '../input/value.js';
import {
  type ContextOverrides,
  chooseContext,
  type ResolvedContext,
  readKubeconfig,
} from './kubeconfig.js';
import { Entry } from './kubeconfig-entry.js';

/** Where Kubernetes puts the service account of a Pod. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What says which context to use. */
export interface ContextOptions extends ContextOverrides {
  /** `--kubeconfig`; must exist. */
  readonly kubeconfig?: string | undefined;
  /** `--server`: instead of the kubeconfig's; without any kubeconfig, with no credentials. */
  readonly server?: string | undefined;
  /** `--as`, `--as-uid`, `--as-group`: instead of the user's `as`, `as-uid`, `as-groups`. */
  readonly as?: string | undefined;
  readonly asUid?: string | undefined;
  readonly asGroup?: readonly string[] | undefined;
  /**
   * Environment variables. KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST and _PORT, HTTPS_PROXY and
   * NO_PROXY are read.
   */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder of the Pod's service account; Kubernetes' own if absent. */
  readonly serviceAccount?: string;
}

/** The context to use, with `--as` in its user. Rejects with ClusterError. */
export async function resolveContext(options: ContextOptions): Promise<ResolvedContext> {
  const context = await findContext(options);
  const { as, asUid, asGroup } = options;
  const given = {
    ...(as === undefined ? {} : { as }),
    ...(asUid === undefined ? {} : { 'as-uid': asUid }),
    ...(asGroup === undefined ? {} : { 'as-groups': asGroup }),
  };
  return { ...context, user: context.user.with(given) };
}

async function findContext(options: ContextOptions): Promise<ResolvedContext> {
  const { paths, missing } = await kubeconfigPaths(options);
  if (paths.length > 0) return chooseContext(await readKubeconfig(paths), options);
  for (const flag of ['context', 'cluster', 'user'] as const) {
    const name = options[flag];
    if (name !== undefined)
      throw new ClusterError(`--${flag} ${quote(name)}: there is no kubeconfig`, {}, NO_SERVER);
  }
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = options.environment;
  if (host && port) return await inClusterContext(options, host, port);
  if (options.server !== undefined) {
    const place = '--server';
    return {
      description: '--server, without credentials',
      namespace: 'default',
      cluster: new Entry(place, '', { server: options.server }, ''),
      user: new Entry(place, '', {}, ''),
    };
  }
  const why =
    missing.length === 0
      ? 'there is no kubeconfig'
      : `no file of KUBECONFIG exists (${missing.map(oneLine).join(', ')})`;
  throw new ClusterError(`no API server is known: ${why} and no Pod`, {}, NO_SERVER);
}

const NO_SERVER = {
  hint: 'give --kubeconfig FILE, set KUBECONFIG, or run in a Pod with a service account',
};

/** The files to read, and those of KUBECONFIG that are not there: as in kubectl, no fault. */
interface KubeconfigPaths {
  readonly paths: readonly string[];
  readonly missing: readonly string[];
}

async function kubeconfigPaths(options: ContextOptions): Promise<KubeconfigPaths> {
  if (options.kubeconfig !== undefined) return { paths: [options.kubeconfig], missing: [] };
  const { KUBECONFIG: listed = '', HOME: home } = options.environment;
  const named = listed.split(':').filter((path) => path !== '');
  const usual = home ? [join(home, '.kube', 'config')] : [];
  const paths = named.length > 0 ? named : usual;
  const isThere = await Promise.all(paths.map(exists));
  return {
    paths: paths.filter((_, i) => isThere[i]),
    missing: named.filter((_, i) => !isThere[i]),
  };
}

/**
 * In-cluster configuration: the address from the environment; token, CA and namespace from files.
 */
async function inClusterContext(
  options: ContextOptions,
  host: string,
  port: string,
): Promise<ResolvedContext> {
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

/** Whether there is such a path, which reading it may still refuse. */
function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'ENOENT'),
  );
}
