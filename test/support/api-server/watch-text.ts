/** The lines of a watch. */

import type { ListRequest } from './list.js';
import { apiVersion, type Resource } from './resources.js';
import { type Failure, goJson, statusObject } from './status.js';
import { objectText, type StoreEvent, withVersion } from './store.js';
import type { ApiObject } from './types.js';

export function errorText(failure: Failure): string {
  return `${goJson({ type: 'ERROR', object: statusObject(failure) })}\n`;
}

export function addedText(object: ApiObject, resource: Resource): string {
  return line('ADDED', object, resource);
}

function line(type: string, object: ApiObject, resource: Resource): string {
  return `{"type":"${type}","object":${objectText(object, resource)}}\n`;
}

/**
 * An event as a selection sees it; `''` if it does not. What leaves the selection is DELETED with
 * its former content and the new resourceVersion.
 */
export function eventText(event: StoreEvent, { resource, selects }: ListRequest): string {
  const { object, previous, resourceVersion, type } = event;
  const before = previous !== undefined && selects(previous);
  const after = type !== 'DELETED' && selects(object);
  if (after) return line(before ? 'MODIFIED' : 'ADDED', object, resource);
  return before ? line('DELETED', withVersion(previous, resourceVersion), resource) : '';
}

/** A bookmark: a hollow object with the resourceVersion of the whole store. */
export function bookmarkText(resource: Resource, version: number, initialEnd: boolean): string {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  const object = {
    kind: resource.kind,
    apiVersion: apiVersion(resource),
    metadata: { resourceVersion: String(version), ...(initialEnd ? { annotations } : {}) },
    ...resource.hollow,
  };
  return `${goJson({ type: 'BOOKMARK', object })}\n`;
}
