/** What a reflector is given, and what it tells. */

import type { Clock } from '../host/clock.js';
import type { Api, RawObject } from './api.js';
import type { Resource } from './resources.js';

/** How well a kind is being followed; the words of SourceStatus. */
export interface ReflectorStatus {
  /**
   * `listing`: never complete yet; `following`: listed whole, and watched; `stale`: was complete,
   * and is not watched at present.
   */
  readonly state: 'listing' | 'following' | 'stale';
  /** Why it is not followed, in words; `''` while it is, and at the very start. */
  readonly reason: string;
}

export interface ReflectOptions<T> {
  readonly api: Api;
  readonly resource: Resource;
  readonly signal: AbortSignal;
  /**
   * Keeps of one object what the caller needs, as soon as it is parsed: what it does not keep is
   * garbage before the next page comes. It sees each object of lists and events, `apiVersion` and
   * `kind` filled in, and nothing else of it is checked; it never sees a bookmark. Must not throw.
   */
  readonly accept: (raw: RawObject) => T;
  /** The whole state, once every page of a list is in. What is missing in it is gone. */
  readonly onReplace: (items: readonly T[]) => void;
  /** An object is there, new or changed; may say again what is known. */
  readonly onSet: (item: T) => void;
  /** An object is gone, or left the selection; the item has its former content. */
  readonly onDelete: (item: T) => void;
  /** Called when it differs from the one before. */
  readonly onStatus: (status: ReflectorStatus) => void;
  /** Something that a log should hold: an entry that is no object, a list that starts over. */
  readonly onNotice: (text: string) => void;
  /** {@link systemClock} if absent. */
  readonly clock?: Clock;
  /**
   * Milliseconds without a byte after which a watch is taken for dead; 150,000 if absent: bookmarks
   * come every minute.
   */
  readonly silence?: number;
}
