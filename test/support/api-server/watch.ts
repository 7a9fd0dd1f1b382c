/** WATCH: one open stream of events, sent no faster than the client reads. */

import type { ServerResponse } from 'node:http';
import { ChunkBuffer } from './chunks.js';
import type { Faults } from './faults.js';
import type { ListRequest } from './list.js';
import { type Failure, watchTooOld } from './status.js';
import type { Store } from './store.js';
import type { ApiObject } from './types.js';
import { addedText, bookmarkText, errorText, eventText } from './watch-text.js';

export interface WatchSettings {
  readonly bookmarkIntervalMs: number;
  readonly chunkBytes: number | undefined;
}

/** A watch as it was asked for. */
export interface WatchRequest extends ListRequest {
  /** Events behind this; `undefined` or 0: all objects first. */
  readonly from: number | undefined;
  readonly sendInitialEvents: boolean;
}

/** How much of the stream is let through, and what comes then. */
export interface Cut {
  readonly afterBytes: number;
  readonly ending: 'reset' | 'end';
}

/** What a watch gets of the server. */
export interface WatchContext {
  readonly response: ServerResponse;
  readonly store: Store;
  readonly faults: Faults;
  readonly settings: WatchSettings;
  readonly reset: () => void;
  readonly cut: Cut | undefined;
}

const EMPTY_EVENTS = '\n{"type":"MODIFIED","object":{}}\n';

export class Watch {
  readonly #request: WatchRequest;
  readonly #context: WatchContext;
  readonly #buffer: ChunkBuffer;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #bookmarks: boolean;
  #initial: readonly ApiObject[] = [];
  #initialSent = 0;
  /** The bookmark that ends the initial events, not yet sent. */
  #initialEnd = '';
  #cursor: number;
  #postponed = '';
  #blocked = false;
  #bytes = 0;
  #ended = false;
  #due = false;

  constructor(request: WatchRequest, context: WatchContext) {
    const { settings, store } = context;
    this.#request = request;
    this.#context = context;
    this.#bookmarks = /^(?:1|true)$/.test(request.query.get('allowWatchBookmarks') ?? '');
    this.#cursor = store.end;
    this.#buffer = new ChunkBuffer((chunk) => this.#send(chunk), settings.chunkBytes);
  }

  get resource(): string {
    return this.#request.resource.name;
  }

  /** Sends the head, and whatever there is to send. */
  start(): void {
    const { response, settings, store } = this.#context;
    const { from, sendInitialEvents, resource, selects } = this.#request;
    response.on('drain', () => {
      this.#blocked = false;
      this.pump();
    });
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    if (sendInitialEvents || from === undefined || from === 0) {
      this.#initial = store.at(resource).filter(selects);
      if (this.#bookmarks) this.#initialEnd = bookmarkText(resource, store.version, true);
    } else if (from < store.oldest) {
      this.end(watchTooOld(from, store.oldest));
      return;
    } else {
      this.#cursor = store.after(from);
    }
    this.#schedule(settings.bookmarkIntervalMs);
    this.pump();
  }

  /** Sends what waits, unless the client does not read, or the server is silent. */
  pump(): void {
    if (this.#ended || this.#blocked || this.#silent()) return;
    for (let text = this.#next(); text !== undefined; text = this.#next()) {
      this.#buffer.write(text);
      if (this.#blocked || this.#ended) return;
    }
    this.#buffer.flush();
    if (this.#due) this.end();
  }

  /** Sends a bookmark if it was asked for and the watch is not ahead of the store; whether it did. */
  bookmark(): boolean {
    this.pump();
    const { from = 0 } = this.#request;
    const behind = from > this.#context.store.version;
    if (!this.#bookmarks || behind || this.#ended || this.#blocked || this.#silent()) return false;
    this.inject(bookmarkText(this.#request.resource, this.#context.store.version, false));
    return true;
  }

  /** Puts this text into the stream as it is. */
  inject(text: string): void {
    if (this.#ended) return;
    this.#buffer.write(text);
    this.#buffer.flush();
  }

  /** Ends the stream cleanly, with an ERROR event in front of the end if there is a failure. */
  end(failure?: Failure): void {
    if (this.#ended) return;
    if (this.#silent()) {
      this.#due = true;
      return;
    }
    if (failure !== undefined) this.inject(errorText(failure));
    this.#buffer.flush();
    if (this.#ended) return;
    this.#close();
    this.#context.response.end();
  }

  /** Breaks the connection off; inside a line if so asked. */
  reset(midLine: boolean): void {
    if (this.#ended) return;
    this.#close();
    if (!midLine) {
      this.#context.reset();
      return;
    }
    const { kind } = this.#request.resource;
    const piece = `{"type":"MODIFIED","object":{"kind":"${kind}","metadata":{"name":"cut-o`;
    this.#context.response.write(piece, () => setImmediate(this.#context.reset));
  }

  /** Ends the stream cleanly, and returns once the client has the end, or is gone. */
  finished(): Promise<void> {
    const { response } = this.#context;
    const closed = new Promise<void>((resolve) => {
      response.once('finish', resolve);
      response.once('close', resolve);
    });
    this.end();
    return closed;
  }

  /** Stops all timers; the connection is gone. */
  abandon(): void {
    this.#close();
  }

  #close(): void {
    this.#ended = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #silent(): boolean {
    return this.#context.faults.find('silent', 'watch', this.resource) !== undefined;
  }

  #schedule(bookmarkIntervalMs: number): void {
    const later = (ms: number, what: () => void): void => {
      this.#timers.push(setTimeout(what, ms).unref());
    };
    if (this.#bookmarks)
      this.#timers.push(setInterval(() => this.bookmark(), bookmarkIntervalMs).unref());
    const seconds = Number(this.#request.query.get('timeoutSeconds') ?? 0);
    if (!(seconds > 0)) return;
    // One more bookmark in the last seconds, and none on a very short watch.
    if (this.#bookmarks && seconds > 2)
      later(Math.max(seconds / 2, seconds - 2) * 1000, () => this.bookmark());
    later(seconds * 1000, () => this.end());
  }

  /** The next text for the stream; `undefined` if nothing waits. */
  #next(): string | undefined {
    const { resource } = this.#request;
    const object = this.#initial[this.#initialSent];
    if (object !== undefined) {
      this.#initialSent++;
      return this.#disturbed(addedText(object, resource));
    }
    this.#initial = [];
    if (this.#initialEnd !== '') {
      const text = this.#initialEnd;
      this.#initialEnd = '';
      return text;
    }
    return this.#nextEvent();
  }

  #nextEvent(): string | undefined {
    const { faults, store } = this.#context;
    if (this.#postponed !== '') {
      const text = this.#postponed;
      this.#postponed = '';
      return text;
    }
    if (this.#cursor < store.first) {
      // The client read too slowly: what it missed is forgotten.
      this.#due = true;
      return undefined;
    }
    for (;;) {
      const text = this.#take();
      if (text === undefined) return undefined;
      if (text === '' || faults.use('bookmarks-only', 'watch', this.resource) !== undefined)
        continue;
      return this.#reordered(text) ?? this.#disturbed(text);
    }
  }

  /** The next event for this selection; `''` for one that it is not told of. */
  #take(): string | undefined {
    const { from = 0, resource } = this.#request;
    const event = this.#context.store.event(this.#cursor);
    if (event === undefined) return undefined;
    this.#cursor++;
    return event.resource === resource && event.resourceVersion > from
      ? eventText(event, this.#request)
      : '';
  }

  /** Two neighbours change places: the second one now, the first one next time. */
  #reordered(first: string): string | undefined {
    const { faults } = this.#context;
    if (faults.find('reorder-events', 'watch', this.resource) === undefined) return undefined;
    const second = this.#take() ?? '';
    if (second === '') return undefined;
    faults.use('reorder-events', 'watch', this.resource);
    this.#postponed = first;
    return second;
  }

  #disturbed(text: string): string {
    const { faults } = this.#context;
    const doubled = faults.use('duplicate-events', 'watch', this.resource);
    const empty = faults.use('empty-events', 'watch', this.resource);
    return `${empty === undefined ? '' : EMPTY_EVENTS}${text}${doubled === undefined ? '' : text}`;
  }

  #send(chunk: Buffer): void {
    const { cut, response } = this.#context;
    if (this.#ended) return;
    const left = cut === undefined ? chunk.length : cut.afterBytes - this.#bytes;
    if (cut === undefined || chunk.length < left) {
      this.#bytes += chunk.length;
      if (!response.write(chunk)) this.#blocked = true;
      return;
    }
    this.#close();
    response.write(chunk.subarray(0, left), () => {
      if (cut.ending === 'end') response.end();
      else setImmediate(this.#context.reset);
    });
  }
}
