/** What is read of objects before they are checked. */

import { isObject } from '../input/value.js';
import type { RawObject } from './api.js';

/** Whether the metadata has a name. No API server stores an object without one. */
export function isNamed(object: RawObject): boolean {
  const name = isObject(object.metadata) ? object.metadata.name : undefined;
  return typeof name === 'string' && name !== '';
}

/** The resourceVersion of an object; `undefined` if it is absent or not a number. */
export function resourceVersionOf(object: RawObject): string | undefined {
  const version = isObject(object.metadata) ? object.metadata.resourceVersion : undefined;
  return typeof version === 'string' && isNumber(version) ? version : undefined;
}

/** Whether the first is older than the second; false if they cannot be compared. */
export function isOlder(version: string, than: string): boolean {
  return isNumber(version) && isNumber(than) && BigInt(version) < BigInt(than);
}

/** A decimal number of up to 64 bits, as etcd has. */
function isNumber(version: string): boolean {
  return /^[1-9]\d{0,18}$/.test(version);
}
