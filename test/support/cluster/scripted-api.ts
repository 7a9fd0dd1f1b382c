/**
 * An API server that is a script, and a clock that a test moves: an hour of failures takes no time.
 */

import type {
  Api,
  Query,
  RawObject,
  WatchEvent,
  WatchRequest,
  WatchStream,
} from '../../../src/cluster/api.js';
import { InterruptedError } from '../../../src/errors.js';
import { FakeClock } from '../fake-clock.js';

/** A clock that jumps to the end of every sleep. */
export class VirtualClock extends FakeClock {
  override async sleep(milliseconds: number): Promise<void> {
    this.pass(milliseconds / 1000);
  }
}

interface ScriptedRequest {
  readonly verb: 'list' | 'watch';
  readonly path: string;
  readonly query: Query;
  /** By the virtual clock, in milliseconds. */
  readonly at: number;
}

/** What a watch does: its events, then how long it lives, then how it ends. */
interface ScriptedWatch {
  readonly events?: readonly WatchEvent[];
  readonly livesFor?: number;
  /** A clean end if absent. */
  readonly error?: Error;
}

export interface Script {
  /** The body of an answer to a GET; throws for a failure. */
  readonly list: (request: ScriptedRequest) => unknown;
  /** What a watch does; throws for a failure. */
  readonly watch: (request: ScriptedRequest) => ScriptedWatch;
}

/** The API as scripted; every request is noted down. */
export class ScriptedApi implements Api {
  readonly requests: ScriptedRequest[] = [];
  readonly silences: number[] = [];
  readonly #clock: VirtualClock;
  readonly #script: Script;
  /** Called with each request, before it is answered; a signal that is given then stops it. */
  readonly #onRequest: (request: ScriptedRequest) => void;

  constructor(
    clock: VirtualClock,
    script: Script,
    onRequest: (request: ScriptedRequest) => void = () => undefined,
  ) {
    this.#clock = clock;
    this.#script = script;
    this.#onRequest = onRequest;
  }

  async get(path: string, query: Query, signal: AbortSignal): Promise<unknown> {
    return this.#script.list(this.#note('list', path, query, signal));
  }

  post(): Promise<unknown> {
    return Promise.reject(new Error('the script has no POST'));
  }

  async watch(path: string, query: Query, { silence, signal }: WatchRequest): Promise<WatchStream> {
    const watch = this.#script.watch(this.#note('watch', path, query, signal));
    this.silences.push(silence);
    const clock = this.#clock;
    async function* events(): AsyncGenerator<WatchEvent> {
      yield* watch.events ?? [];
      await clock.sleep(watch.livesFor ?? 0);
      if (watch.error !== undefined) throw watch.error;
    }
    return { events: events(), close: () => undefined };
  }

  close(): void {}

  #note(
    verb: ScriptedRequest['verb'],
    path: string,
    query: Query,
    signal: AbortSignal,
  ): ScriptedRequest {
    const request = { verb, path, query, at: this.#clock.now() };
    this.requests.push(request);
    this.#onRequest(request);
    if (signal.aborted) throw new InterruptedError('interrupted');
    return request;
  }
}

/** The most requests, or starts of something else, in any minute. */
export function mostPerMinute(times: readonly number[]): number {
  return Math.max(
    0,
    ...times.map((start) => times.filter((at) => at >= start && at < start + 60_000).length),
  );
}

/** A list as a server answers it. */
export function listBody(
  resourceVersion: string,
  items: readonly unknown[],
  token?: string,
): RawObject {
  return {
    kind: 'ServiceList',
    apiVersion: 'v1',
    metadata: { resourceVersion, ...(token === undefined ? {} : { continue: token }) },
    items,
  };
}
