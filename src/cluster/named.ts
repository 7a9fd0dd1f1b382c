/**
 * Whether something that a server sent is an object at all: without a name nobody can say which one
 * changed.
 */

import { isObject } from '../input/value.js';
import type { RawObject } from './api.js';

/** Whether the metadata has a name; no API server stores an object without. */
export function isNamed(object: RawObject): boolean {
  const name = isObject(object.metadata) ? object.metadata.name : undefined;
  return typeof name === 'string' && name !== '';
}
