/** Options and status of a reflector. */

import type { Clock } from '../host/clock.js';
import type { Api, RawObject } from './api.js';
import type { Resource } from './resources.js';

/** The state of a reflector, in the terms of SourceStatus. */
export interface ReflectorStatus {
  /**
   * `listing`: no complete list yet; `following`: listed and watched; `stale`: listed, but not
   * watched at present.
   */
  readonly state: 'listing' | 'following' | 'stale';
  /** Why it is not following; `''` while it is, and at the start. */
  readonly reason: string;
}

export interface ReflectOptions<T> {
  readonly api: Api;
  readonly resource: Resource;
  readonly signal: AbortSignal;
  /**
   * Converts one object to what the caller keeps, as soon as it is parsed, so that a page can be
   * freed before the next. Called for each object of lists and events, with `apiVersion` and `kind`
   * set and nothing else checked; not for bookmarks. Must not throw.
   */
  readonly accept: (raw: RawObject) => T;
  /** The whole state, after each complete list. Objects that it lacks were deleted. */
  readonly onReplace: (items: readonly T[]) => void;
  /** An object was added or changed; may repeat a known one. */
  readonly onSet: (item: T) => void;
  /** An object was deleted, or no longer matches the selector; the item has its last content. */
  readonly onDelete: (item: T) => void;
  /** Called when it differs from the one before. */
  readonly onStatus: (status: ReflectorStatus) => void;
  /** A message for the log: an item that is not an object, a list that starts over. */
  readonly onNotice: (text: string) => void;
  /** {@link systemClock} if absent. */
  readonly clock?: Clock;
  /**
   * Milliseconds without data after which a watch counts as dead; 150,000 if absent: bookmarks come
   * every minute.
   */
  readonly silence?: number;
}
