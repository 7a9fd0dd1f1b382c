/** Finds an API server and the credentials for it. The only user of the Kubernetes client library. */

import type { Connection } from './connection.js';

export interface ConnectOptions {
  /** `--kubeconfig`; must exist. */
  readonly kubeconfig?: string;
  /** `--context`; the kubeconfig's own choice if absent. */
  readonly context?: string;
  /** `--master`: this server instead of the kubeconfig's; without any kubeconfig, with no credentials. */
  readonly master?: string;
  /** Environment variables that are looked at: KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST and _PORT. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The connection that kubectl would choose: `--kubeconfig`, the files of KUBECONFIG (first one wins for each name), `~/.kube/config`,
 * the service account of the Pod that this runs in. Rejects with ClusterError, naming file, context and field.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  throw new Error(`not yet: ${options.context}`);
}
