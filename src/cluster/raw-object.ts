/** What is read of an object that a server sent and nothing has checked. */

import { isObject } from '../input/value.js';
import type { RawObject } from './api.js';

/** Whether the metadata has a name. No API server stores an object without one. */
export function isNamed(object: RawObject): boolean {
  const name = isObject(object.metadata) ? object.metadata.name : undefined;
  return typeof name === 'string' && name !== '';
}

/** The resourceVersion of an object, or `undefined` where it has none that is a number. */
export function resourceVersionOf(object: RawObject): string | undefined {
  const version = isObject(object.metadata) ? object.metadata.resourceVersion : undefined;
  return typeof version === 'string' && isNumber(version) ? version : undefined;
}

/** Whether the first was given out before the second. False where that cannot be told. */
export function isOlder(version: string, than: string): boolean {
  return isNumber(version) && isNumber(than) && BigInt(version) < BigInt(than);
}

/** Decimal as etcd counts: 64 bits. */
function isNumber(version: string): boolean {
  return /^[1-9]\d{0,18}$/.test(version);
}
