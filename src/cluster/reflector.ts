/** Lists and watches one kind of objects, through every failure that retries can overcome. */

import { ClusterError, InterruptedError } from '../errors.js';
import { type Clock, systemClock } from '../host/clock.js';
import { isNamed, precedes, resourceVersionOf, type WatchEvent } from './api.js';
import { Backoff, HEALTHY } from './backoff.js';
import { listAll } from './list.js';
import type { ReflectOptions, ReflectorStatus } from './reflect-options.js';
import { isTooLarge } from './request-failure.js';

export type { ReflectOptions, ReflectorStatus } from './reflect-options.js';

/** Milliseconds. Bookmarks come every minute, so that more than two are missing. */
const SILENCE = 150_000;
/**
 * Milliseconds after which everything is listed again, plus up to as much at random. Lost events
 * and an unnoticed restore of etcd have no effect beyond that.
 */
const RELIST = 6 * 3_600_000;
/** Seconds after which a server ends a watch; each watch adds up to as much at random. */
const WATCH_SECONDS = 300;
/** An optional kind counts as empty after so many lists that were forbidden: about 10 s. */
const FORBIDDEN = 5;
/** Milliseconds between two attempts for a kind that the server does not know. */
const ABSENT = 600_000;

/**
 * Lists, then watches from there, until the signal; rejects only for a defect.
 *
 * An attempt costs at most one probe, one list (one request per 500 objects) and one watch. Between
 * two attempts {@link Backoff} waits: 7 attempts in the first minute of a failure, then 2 a minute,
 * at most 13 in any minute. A watch that ended cleanly after {@link HEALTHY}, or was silent, is
 * followed by another at once. The list is repeated every 6 to 12 hours.
 *
 * Relies on events coming in the order of their resourceVersions. An older one means that events
 * were mixed up or the store was reset, and everything is listed again.
 */
export async function reflect<T>(options: ReflectOptions<T>): Promise<void> {
  await new Reflection(options).run();
}

class Reflection<T> {
  readonly #options: ReflectOptions<T>;
  readonly #clock: Clock;
  readonly #silence: number;
  readonly #backoff: Backoff;
  /** Where the next watch starts; `undefined` before a list. */
  #version: string | undefined;
  /** Whether etcd may have been restored since our resourceVersion. */
  #doubtful = false;
  #complete = false;
  /** Whether the server does not know the kind. */
  #absent = false;
  /** How often the list was forbidden. */
  #forbidden = 0;
  /** When the server last proved that it has reached our resourceVersion. */
  #confirmed = 0;
  /** When the list is due again. */
  #due = 0;
  /** When the present watch was accepted; `undefined` while there is none. */
  #opened: number | undefined;
  #status: ReflectorStatus | undefined;

  constructor(options: ReflectOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#silence = options.silence ?? SILENCE;
    this.#backoff = new Backoff(this.#clock);
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    this.#report('listing', '');
    while (!signal.aborted) {
      const wait = await this.#attempt();
      if (wait > 0 && !signal.aborted) await this.#clock.sleep(wait, signal);
    }
  }

  /**
   * One list and watch, until something ends it. Returns the milliseconds to wait before the next.
   */
  async #attempt(): Promise<number> {
    this.#opened = undefined;
    if (this.#clock.now() >= this.#due) this.#version = undefined;
    try {
      if (this.#version !== undefined && this.#doubtful) await this.#probe(this.#version);
      this.#version ??= await this.#list();
      if (this.#version === undefined) return ABSENT;
      await this.#watch(this.#version);
      return this.#afterEnd();
    } catch (error) {
      if (error instanceof InterruptedError && this.#options.signal.aborted) return 0;
      if (error instanceof ClusterError) return this.#afterFailure(error);
      throw error;
    }
  }

  /**
   * Finds out whether the server has reached our resourceVersion. A watch from a future one, after
   * etcd came back from a backup, is accepted and stays silent; a list that asks for at least
   * that resourceVersion is refused. It asks for one object only.
   */
  async #probe(version: string): Promise<void> {
    const { api, resource, signal } = this.#options;
    const query = {
      ...resource.query,
      limit: '1',
      resourceVersion: version,
      resourceVersionMatch: 'NotOlderThan',
    };
    try {
      await api.get(resource.path, query, signal);
    } catch (error) {
      if (!(error instanceof ClusterError && needsList(error))) throw error;
      this.#startOver(error.message);
    }
    this.#doubtful = false;
    this.#confirmed = this.#clock.now();
  }

  /** Passes on the whole state. Returns the resourceVersion, or `undefined` for an unknown kind. */
  async #list(): Promise<string | undefined> {
    const { resource, onReplace } = this.#options;
    try {
      const { items, resourceVersion } = await listAll(this.#options);
      onReplace(items);
      this.#absent = false;
      this.#complete = true;
      this.#doubtful = false;
      this.#forbidden = 0;
      this.#confirmed = this.#clock.now();
      this.#due = this.#confirmed + RELIST * (1 + this.#clock.random());
      return resourceVersion;
    } catch (error) {
      if (!(resource.optional && error instanceof ClusterError)) throw error;
      if (error.status !== 404) return this.#withoutPermission(error);
      if (!this.#absent) this.#reportEmpty('this server does not know the kind');
      this.#absent = true;
      this.#report('following', '');
      return undefined;
    }
  }

  /**
   * An old ClusterRole must not keep a node without rules: the kind counts as empty and is retried.
   */
  #withoutPermission(error: ClusterError): never {
    if (error.status === 403 && !this.#complete && ++this.#forbidden === FORBIDDEN)
      this.#reportEmpty('reading it is forbidden');
    throw error;
  }

  #reportEmpty(why: string): void {
    this.#options.onNotice(`${why}; it counts as empty`);
    this.#options.onReplace([]);
    this.#complete = true;
  }

  async #watch(version: string): Promise<void> {
    const { api, resource, signal, onNotice } = this.#options;
    const seconds = WATCH_SECONDS + Math.floor(this.#clock.random() * WATCH_SECONDS);
    const query = {
      ...resource.query,
      resourceVersion: version,
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(seconds),
    };
    const stream = await api.watch(resource.path, query, {
      silence: this.#silence,
      signal,
      onNotice,
    });
    this.#opened = this.#clock.now();
    this.#report('following', '');
    try {
      for await (const event of stream.events) this.#handle(event);
    } finally {
      stream.close();
    }
  }

  #handle({ type, object }: WatchEvent): void {
    const { resource, accept, onSet, onDelete, onNotice } = this.#options;
    const version = resourceVersionOf(object);
    if (version !== undefined && this.#version !== undefined && precedes(version, this.#version)) {
      throw new ClusterError(
        `watch ${resource.path}: resourceVersion ${version} came after ${this.#version}`,
        { reason: 'Disorder' },
      );
    }
    this.#confirmed = this.#clock.now();
    if (type !== 'BOOKMARK' && !isNamed(object)) {
      onNotice('an event is about an object without a name: left out');
    } else if (type !== 'BOOKMARK') {
      const item = accept({ apiVersion: resource.apiVersion, kind: resource.kind, ...object });
      if (type === 'DELETED') onDelete(item);
      else onSet(item);
    }
    this.#version = version ?? this.#version;
  }

  /** After the server closed the watch, as it does every few minutes and before a shutdown. */
  #afterEnd(): number {
    const lasted = this.#lasted();
    if (this.#clock.now() - this.#confirmed >= this.#silence) this.#doubtful = true;
    if (lasted >= HEALTHY) return 0;
    const { resource } = this.#options;
    this.#report(
      'stale',
      `watch ${resource.path}: the server ended it after ${(lasted / 1000).toFixed(1)} s`,
    );
    return this.#backoff.next(lasted);
  }

  #afterFailure(error: ClusterError): number {
    const lasted = this.#lasted();
    if (needsList(error)) this.#startOver(error.message);
    else this.#doubtful = true;
    // Not a failure yet: a server without a watch cache sends no bookmarks. The probe decides.
    if (error.reason === 'Silence') return 0;
    this.#report(this.#complete ? 'stale' : 'listing', error.message);
    return this.#backoff.next(lasted, error.retryAfter);
  }

  #startOver(reason: string): void {
    if (this.#version === undefined) return;
    this.#version = undefined;
    this.#options.onNotice(`listed again: ${reason}`);
  }

  #lasted(): number {
    return this.#opened === undefined ? 0 : this.#clock.now() - this.#opened;
  }

  #report(state: ReflectorStatus['state'], reason: string): void {
    if (this.#status?.state === state && this.#status.reason === reason) return;
    this.#status = { state, reason };
    this.#options.onStatus(this.#status);
  }
}

/** Whether a resourceVersion cannot be used: too old, in the future, out of order, or refused. */
function needsList(error: ClusterError): boolean {
  return (
    [400, 404, 410, 422].includes(error.status) || error.reason === 'Disorder' || isTooLarge(error)
  );
}
