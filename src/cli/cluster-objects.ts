/** What a running cluster holds, for commands that look at it once. */

import type { RawObject } from '../cluster/api.js';
import type { Diagnostic } from '../diagnostics.js';
import { type ClusterFlags, openCluster } from './cluster.js';
import { interruption } from './interruption.js';

/** Which objects, in kubectl's words; all where nothing is said. */
export interface ClusterSelection {
  readonly namespace?: string | undefined;
  readonly selector?: string | undefined;
}

/** The objects as the server has them, and what reading them was like. */
export interface ClusterObjects {
  readonly objects: readonly RawObject[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the kinds that rules are made of, page by page, until it has all or is interrupted. Rejects with ClusterError at the first
 * request that fails, because half a cluster is worse than none, and with InterruptedError.
 */
export async function readClusterObjects(
  flags: ClusterFlags,
  { namespace, selector }: ClusterSelection = {},
): Promise<ClusterObjects> {
  const stop = interruption();
  try {
    const [api, { readCluster }] = await Promise.all([
      openCluster(flags),
      import('../cluster/read-cluster.js'),
    ]);
    const diagnostics: Diagnostic[] = [];
    const onNotice = (message: string): void => {
      diagnostics.push({ code: 'cluster-notice', severity: 'note', message });
    };
    try {
      const objects = await readCluster(api, {
        ...(namespace === undefined ? {} : { namespace }),
        ...(selector === undefined ? {} : { labelSelector: selector }),
        ...{ signal: stop.signal, onNotice },
      });
      return { objects, diagnostics };
    } finally {
      api.close();
    }
  } finally {
    stop.end();
  }
}
