/** Which API server, and as whom. */

import { access, readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { ClusterError } from '../errors.js';
import { quote } from '../input/value.js';
import { type CredentialSource, type Credentials, credentialsOf } from './credentials.js';
import { type Choice, chooseContext, readKubeconfig } from './kubeconfig.js';
import { Entry } from './kubeconfig-entry.js';

export interface Connection {
  /** `https://10.0.0.1:6443`, perhaps with a path, without a slash at its end. */
  readonly server: string;
  /** Where it comes from: `context "prod" of /etc/kube/config`. */
  readonly description: string;
  /** The namespace of the context; `default` where it says none. */
  readonly namespace: string;
  /** Credentials for one request, looked up anew: token and certificate files rotate, plugins give short-lived tokens. Rejects with ClusterError. */
  readonly authorise: () => Promise<Credentials>;
  /** To be called after a 401: kubeconfig and plugins are asked again, and nothing kept is used. */
  readonly refused: () => void;
}

/** Where Kubernetes puts the service account of a Pod. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface ConnectOptions {
  /** `--kubeconfig`; must exist. */
  readonly kubeconfig?: string;
  /** `--context`; the kubeconfig's own choice if absent. */
  readonly context?: string;
  /** `--master`: this server instead of the kubeconfig's; without any kubeconfig, with no credentials. */
  readonly master?: string;
  /** Environment variables that are looked at: KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST and _PORT. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder of the Pod's service account; Kubernetes' own if absent. */
  readonly serviceAccount?: string;
}

/**
 * The connection that kubectl would choose: `--kubeconfig`, the files of KUBECONFIG (first one wins for each name), `~/.kube/config`,
 * the service account of the Pod that this runs in, `--master` alone. Rejects with ClusterError, naming file, entry and field. What the
 * entries point to, and plugins, are asked at the first request: waiting may heal those.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const choice = await choose(options);
  const server = serverOf(choice, options.master);
  let source: Promise<CredentialSource> | undefined = Promise.resolve(
    credentialsOf(choice, server),
  );
  const readAgain = async (): Promise<CredentialSource> => {
    try {
      return credentialsOf(await choose(options), server);
    } catch (error) {
      source = undefined;
      throw error;
    }
  };
  return {
    server,
    description: choice.description,
    namespace: choice.namespace,
    authorise: async () => {
      source ??= readAgain();
      return await (await source)();
    },
    refused: () => {
      source = undefined;
    },
  };
}

async function choose(options: ConnectOptions): Promise<Choice> {
  const paths = await kubeconfigPaths(options);
  if (paths !== undefined) return chooseContext(await readKubeconfig(paths), options.context);
  if (options.context !== undefined)
    throw new ClusterError(
      `--context ${quote(options.context)}: there is no kubeconfig`,
      {},
      NOWHERE,
    );
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = options.environment;
  if (host && port) return await podChoice(options, host, port);
  if (options.master !== undefined) {
    const place = '--master';
    return {
      description: '--master, without credentials',
      namespace: 'default',
      cluster: new Entry(place, '', { server: options.master }, ''),
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

function serverOf({ cluster }: Choice, master: string | undefined): string {
  const server = master ?? cluster.required('server');
  const place = master === undefined ? `${cluster.place}: server` : '--master';
  if (!URL.canParse(server) || !/^https?:\/\//.test(server))
    throw new ClusterError(
      `${place}: ${quote(server)} is no URL`,
      {},
      {
        hint: 'it begins with https://, like https://10.0.0.1:6443',
      },
    );
  return server.replace(/\/+$/, '');
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
