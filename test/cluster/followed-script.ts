/** The reflector on a scripted server and a clock of its own, and what it reported. */

import type { RawObject, WatchEvent } from '../../src/cluster/api.js';
import { type ReflectorStatus, reflect } from '../../src/cluster/reflector.js';
import { type Resource, watchedResources } from '../../src/cluster/resources.js';
import { ClusterError } from '../../src/errors.js';
import { type Script, ScriptedApi, VirtualClock } from '../support/cluster/scripted-api.js';

const RESOURCES = watchedResources('node-a');
export const SERVICES: Resource = RESOURCES[0]!;
export const CIDRS: Resource = RESOURCES[3]!;
export const HOUR = 3_600_000;

export const item = (name: string, resourceVersion: string, uid: string = name): RawObject => ({
  metadata: { name, namespace: 'a', uid, resourceVersion },
});
export const event = (
  type: WatchEvent['type'],
  name: string,
  version: string,
  uid?: string,
): WatchEvent => ({
  type,
  object: { apiVersion: 'v1', kind: 'Service', ...item(name, version, uid) },
});
export const bookmark = (resourceVersion: string): WatchEvent => ({
  type: 'BOOKMARK',
  object: { kind: 'Service', apiVersion: 'v1', metadata: { resourceVersion }, spec: {} },
});
export const failed = (status: number, reason = '', retryAfter = 0): ClusterError =>
  new ClusterError(`${status} ${reason}`, { status, reason, retryAfter });
export const TOO_LARGE: ClusterError = new ClusterError('504 Timeout', {
  status: 504,
  reason: 'Timeout',
  causes: ['ResourceVersionTooLarge'],
});
export const SILENCE: ClusterError = new ClusterError('silent', { reason: 'Silence' });
export const CUT: ClusterError = new ClusterError('cut', { reason: 'ECONNRESET' });

/** What the reflector asked, and what it reported. */
export interface Followed {
  readonly api: ScriptedApi;
  readonly clock: VirtualClock;
  readonly known: ReadonlyMap<string, RawObject>;
  readonly calls: readonly string[];
  readonly statuses: readonly ReflectorStatus[];
  readonly notices: readonly string[];
  readonly seen: readonly RawObject[];
  /** The requests, a line each. */
  readonly lines: readonly string[];
}

/**
 * Follows the script until it has run for so long, or asked so often; the last request gets no
 * answer.
 */
export async function follow(
  script: Script,
  limit: { readonly until?: number; readonly requests?: number },
  resource: Resource = SERVICES,
): Promise<Followed> {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const api: ScriptedApi = new ScriptedApi(clock, script, ({ at }) => {
    if (at >= (limit.until ?? HOUR) || api.requests.length >= (limit.requests ?? 10_000))
      stop.abort();
  });
  const known = new Map<string, RawObject>();
  const calls: string[] = [];
  const statuses: ReflectorStatus[] = [];
  const notices: string[] = [];
  const seen: RawObject[] = [];
  const nameOf = (object: RawObject): string => (object.metadata as { name: string }).name;
  await reflect<RawObject>({
    api,
    resource,
    signal: stop.signal,
    clock,
    accept: (raw) => {
      seen.push(raw);
      return raw;
    },
    onReplace: (items) => {
      known.clear();
      for (const object of items) known.set(nameOf(object), object);
      calls.push(`= ${[...known.keys()].join(' ')}`.trim());
    },
    onSet: (object) => {
      known.set(nameOf(object), object);
      calls.push(`+ ${nameOf(object)}`);
    },
    onDelete: (object) => {
      known.delete(nameOf(object));
      calls.push(`- ${nameOf(object)}`);
    },
    onStatus: (status) => statuses.push(status),
    onNotice: (text) => notices.push(text),
  });
  const lines = api.requests.map(({ verb, query }) =>
    [verb, query.continue, query.limit === '1' ? 'probe' : '', query.resourceVersion]
      .filter(Boolean)
      .join(' '),
  );
  return { api, clock, known, calls, statuses, notices, seen, lines };
}
