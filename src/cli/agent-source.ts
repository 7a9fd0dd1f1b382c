/** Where the objects of `vipc agent` come from: the API server, or the files of `-f`. */

import type { Source } from '../agent/source.js';
import { folderSource } from '../agent/sources/folder-source.js';
import type { Api } from '../cluster/api.js';
import { UsageError } from '../errors.js';
import type { Cidr } from '../net/cidr.js';
import { openCluster } from './cluster.js';

/** The flags that say it. */
export interface AgentSourceFlags {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly watch: boolean;
  readonly serviceCidr: readonly Cidr[];
  readonly context?: string;
  readonly master?: string;
  readonly lastGood?: string;
}

/** A source, and the API server behind it if there is one. */
export interface AgentSource {
  readonly source: Source;
  readonly api: Api | undefined;
}

/**
 * Throws UsageError for flags that do not go together. Where no server can be found or no credentials can be had, throws
 * ClusterError, unless there are rules to begin with (`--last-good`): then it is looked for until it is there.
 */
export async function agentSource(
  flags: AgentSourceFlags,
  kubeconfig: string,
  nodeName: string,
): Promise<AgentSource> {
  const { filename, recursive, watch, serviceCidr, context, master } = flags;
  if (filename.length > 0) {
    if (context !== undefined || master !== undefined)
      throw new UsageError('-f and an API server (--context, --master) cannot be used together');
    if (filename.includes('-'))
      throw new UsageError('-f - ends, and an agent does not: give a file or a folder');
    const source = folderSource({ paths: filename, recursive, watch, serviceCidrs: serviceCidr });
    return { source, api: undefined };
  }
  if (recursive || watch || serviceCidr.length > 0)
    throw new UsageError('--recursive, --watch and --service-cidr are for -f');
  const [{ clusterSource }, { lazyApi }] = await Promise.all([
    import('../agent/sources/cluster-source.js'),
    import('../cluster/lazy-api.js'),
  ]);
  const open = (): Promise<Api> =>
    openCluster({ kubeconfig: kubeconfig || undefined, context, master });
  const api = flags.lastGood === undefined ? await open() : lazyApi(open);
  return { source: clusterSource(api, nodeName), api };
}
