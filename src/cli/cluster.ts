/** Opens the API server that flags and environment name. The client is loaded here, when it is needed and not before. */

import type { Api } from '../cluster/api.js';
import { version } from './version.js';

/** The flags that say which server, and as whom. */
export interface ClusterFlags {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly master?: string | undefined;
}

/** Throws ClusterError where no server is named, or no credentials can be had. The server is not asked. */
export async function openCluster({ kubeconfig, context, master }: ClusterFlags): Promise<Api> {
  const [{ connect }, { openApi }] = await Promise.all([
    import('../cluster/connection.js'),
    import('../cluster/http-api.js'),
  ]);
  const connection = await connect({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(master === undefined ? {} : { master }),
    environment: process.env,
  });
  return openApi(connection, { userAgent: `vipc/${version()}` });
}
