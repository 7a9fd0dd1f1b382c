/** The API server as a source of objects: one reflector per kind, all into one store. */

import type { Api } from '../../cluster/api.js';
import { type ReflectorStatus, reflect } from '../../cluster/reflector.js';
import { type Resource, watchedResources } from '../../cluster/resources.js';
import type { Diagnostic } from '../../diagnostics.js';
import type { Clock } from '../../host/clock.js';
import { receive } from '../../snapshot/receive.js';
import type { ObjectSource, SourceListener, SourceState } from '../source.js';
import { ObjectStore, type StoreChange } from './object-store.js';

export interface ClusterSourceOptions {
  /** This machine's if absent. */
  readonly clock?: Clock;
  /** Whether Services without rules are followed too, for their names. Default: no. */
  readonly names?: boolean;
}

/**
 * The objects of a cluster that a node of this name needs. Complete once every kind was listed
 * whole.
 */
export function clusterSource(
  api: Api,
  nodeName: string,
  { names, ...options }: ClusterSourceOptions = {},
): ObjectSource {
  const resources = watchedResources(nodeName, names);
  const store = new ObjectStore();
  const listed = new Set<Resource['kind']>();
  const follow = (resource: Resource, listener: SourceListener, signal: AbortSignal) => {
    const { kind } = resource;
    const report = ({ changes, diagnostics }: StoreChange): void => {
      if (diagnostics.length > 0) listener.noticed(diagnostics);
      if (changes.length > 0) listener.changed(changes);
    };
    return reflect({
      ...options,
      api,
      resource,
      signal,
      accept: (raw) => receive(kind, raw),
      onReplace: (items) => {
        const change = store.replace(kind, items);
        listed.add(kind);
        report(change);
      },
      onSet: (item) => report(store.set(kind, item)),
      onDelete: ({ ref }) => report(store.delete(kind, ref)),
      onStatus: (status: ReflectorStatus) => listener.status({ kind, ...status }),
      onNotice: (text) => listener.noticed([notice(kind, text)]),
    });
  };
  return {
    run: async (listener, signal) => {
      await Promise.all(resources.map((resource) => follow(resource, listener, signal)));
    },
    state: (): SourceState | undefined =>
      listed.size === resources.length ? store.state() : undefined,
  };
}

function notice(kind: Resource['kind'], text: string): Diagnostic {
  return { code: 'cluster-notice', severity: 'warning', message: `${kind}: ${text}` };
}
