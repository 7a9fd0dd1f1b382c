/**
 * Makes time run faster for a client of an API server. Its waits and deadlines and the lives of its
 * watches are all shorter by one factor, so that a minute takes a moment and the proportions stay.
 */

import { performance } from 'node:perf_hooks';
import type { Api, Query } from '../../../src/cluster/api.js';
import { type Clock, systemClock } from '../../../src/host/clock.js';
import type { LoggedRequest } from '../api-server/index.js';

/**
 * Lists that begin, pages of them that follow, questions whether a resourceVersion is known, and
 * watches.
 */
type Asking = 'list' | 'page' | 'probe' | 'watch';

export interface Asked {
  readonly what: Asking;
  readonly path: string;
  /** By the accelerated clock, in milliseconds. */
  readonly at: number;
}

export interface AcceleratedClock extends Clock {
  /** Lets so many milliseconds have passed. */
  readonly skip: (milliseconds: number) => void;
}

/** A clock on which `speed` seconds pass in one. */
export function acceleratedClock(speed: number): AcceleratedClock {
  let skipped = 0;
  return {
    now: () => performance.now() * speed + skipped,
    wall: systemClock.wall,
    sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / speed, signal),
    random: Math.random,
    skip: (milliseconds) => {
      skipped += milliseconds;
    },
  };
}

/**
 * The same API, whose silence and watches end as much earlier. Calls `asked` with each request
 * before it is sent.
 */
export function acceleratedApi(
  api: Api,
  { speed, clock, asked }: { speed: number; clock: Clock; asked: (one: Asked) => void },
): Api {
  return {
    ...api,
    get: (path, query, signal) => {
      asked({ what: kindOf(query), path, at: clock.now() });
      return api.get(path, query, signal);
    },
    watch: (path, query, request) => {
      asked({ what: 'watch', path, at: clock.now() });
      const timeoutSeconds = String(Number(query.timeoutSeconds) / speed);
      const silence = request.silence / speed;
      return api.watch(path, { ...query, timeoutSeconds }, { ...request, silence });
    },
  };
}

function kindOf(query: Query): Asking {
  if (query.resourceVersionMatch !== undefined) return 'probe';
  return query.continue === undefined ? 'list' : 'page';
}

const MINUTE = 60_000;
/**
 * Attempts in a minute for one kind, as reflect() promises: waits from 0.8 s to 30 s, which start
 * over when a server was well for 30 s. An attempt asks at most one thing of each sort.
 */
export const MOST_ATTEMPTS = 13;

/**
 * Where anything was asked more often than `most` times in any minute; `''` where nothing was.
 * Pages follow their list and are no attempts.
 */
export function stormIn(asked: readonly Asked[], most: number = MOST_ATTEMPTS): string {
  const series = new Map<string, number[]>();
  for (const { what, path, at } of asked) {
    if (what === 'page') continue;
    const name = `${what} ${path}`;
    series.set(name, [...(series.get(name) ?? []), at]);
  }
  return [...series]
    .flatMap(([name, times]) => {
      const found = Math.max(...times.map((from) => countIn(times, from)));
      return found > most ? [`${name}: ${found} in a minute, and not ${most}`] : [];
    })
    .join('\n');
}

function countIn(times: readonly number[], from: number): number {
  return times.filter((at) => at >= from && at < from + MINUTE).length;
}

/**
 * What a server saw of it. A request on a kept connection that has just been closed is sent a
 * second time.
 */
export function stormAt(requests: readonly LoggedRequest[], speed: number): string {
  const asked = requests.map(({ line, resource, time }: LoggedRequest): Asked => {
    const words = new URLSearchParams(line.replace(/^[^?]*\??/, ''));
    const query: Query = Object.fromEntries(words);
    const what = query.watch === undefined ? kindOf(query) : 'watch';
    return { what, path: resource, at: time * speed };
  });
  return stormIn(asked, 2 * MOST_ATTEMPTS);
}
