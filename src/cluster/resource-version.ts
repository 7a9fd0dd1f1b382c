/**
 * What may be concluded from a resourceVersion: a number that grows with every write to the store,
 * but opaque where it is no number.
 */

import { isObject } from '../input/value.js';
import type { RawObject } from './api.js';

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
