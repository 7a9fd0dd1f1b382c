/** One Event as kube-proxy writes it, field by field and in its order. */

import type { ObjectRef } from '../../diagnostics.js';

/** What an Event says. */
export interface EventFacts {
  /** CamelCase words for programs: `Starting`. */
  readonly reason: string;
  readonly action: string;
  /** For people; `''` for none. */
  readonly note: string;
  readonly type: 'Normal' | 'Warning';
  readonly regarding: ObjectRef;
  /** The reporting controller. */
  readonly controller: string;
}

/** Longest note that an API server takes, in bytes. */
const MOST_NOTE = 1024;
/** 17 characters are added; names have at most 253. */
const MOST_NAME = 230;

/**
 * The body and the path of the request that makes an Event of events.k8s.io/v1. `nanos` of the
 * epoch name it and date it. Nodes have their Events in namespace default, and are named without a
 * uid, as kube-proxy does; Services too, where kube-proxy sets `namespace/name` as the uid, which
 * no field selector matches.
 */
export function eventRequest(
  { reason, action, note, type, regarding, controller }: EventFacts,
  nodeName: string,
  nanos: bigint,
): { readonly path: string; readonly body: object } {
  const namespace = regarding.namespace === '' ? 'default' : regarding.namespace;
  const body = {
    kind: 'Event',
    apiVersion: 'events.k8s.io/v1',
    metadata: { name: `${regarding.name.slice(0, MOST_NAME)}.${nanos.toString(16)}`, namespace },
    eventTime: microTime(nanos),
    reportingController: controller,
    reportingInstance: `${controller}-${nodeName}`.slice(0, 128),
    action,
    reason,
    regarding: {
      kind: regarding.kind,
      ...(regarding.namespace === '' ? {} : { namespace: regarding.namespace }),
      name: regarding.name,
      apiVersion: 'v1',
    },
    ...(note === '' ? {} : { note: cut(note) }),
    type,
    deprecatedSource: {},
    deprecatedFirstTimestamp: null,
    deprecatedLastTimestamp: null,
  };
  return {
    path: `/apis/events.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/events`,
    body,
  };
}

/** `2026-11-20T09:27:54.837627Z`. */
function microTime(nanos: bigint): string {
  const micros = nanos / 1000n;
  const milliseconds = new Date(Number(micros / 1000n)).toISOString().slice(0, -1);
  return `${milliseconds}${String(micros % 1000n).padStart(3, '0')}Z`;
}

function cut(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= MOST_NOTE) return note;
  // A character that was cut in two decodes to U+FFFD, which is removed.
  return `${bytes
    .subarray(0, MOST_NOTE - 3)
    .toString()
    .replace(/\ufffd$/, '')}...`;
}
