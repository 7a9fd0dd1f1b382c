/** WATCH: one open stream of events, sent no faster than the client reads. */

import type { ServerResponse } from 'node:http';
import { ChunkBuffer } from './chunks.js';
import { EventFeed } from './event-feed.js';
import type { Faults } from './faults.js';
import type { ListRequest } from './list.js';
import { type Failure, watchTooOld } from './status.js';
import type { Store } from './store.js';
import { bookmarkText, errorText } from './watch-text.js';

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
interface WatchContext {
  readonly response: ServerResponse;
  readonly store: Store;
  readonly faults: Faults;
  readonly settings: WatchSettings;
  readonly reset: () => void;
  readonly cut: Cut | undefined;
}

export class Watch {
  readonly #request: WatchRequest;
  readonly #context: WatchContext;
  readonly #buffer: ChunkBuffer;
  readonly #feed: EventFeed;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #bookmarks: boolean;
  #blocked = false;
  #bytes = 0;
  #ended = false;
  #due = false;

  constructor(request: WatchRequest, context: WatchContext) {
    const { faults, settings, store } = context;
    this.#request = request;
    this.#context = context;
    this.#bookmarks = /^(?:1|true)$/.test(request.query.get('allowWatchBookmarks') ?? '');
    this.#feed = new EventFeed(
      request,
      store,
      faults,
      request.sendInitialEvents ? 0 : (request.from ?? 0),
    );
    this.#buffer = new ChunkBuffer((chunk) => this.#send(chunk), settings.chunkBytes);
  }

  get resource(): string {
    return this.#request.resource.name;
  }

  /** What was written and not yet taken over by the kernel. */
  get unsentBytes(): number {
    return this.#context.response.writableLength;
  }

  /** Sends the head, and whatever there is to send. */
  start(): void {
    const { response, settings, store } = this.#context;
    const { from, sendInitialEvents } = this.#request;
    response.on('drain', () => {
      this.#blocked = false;
      this.pump();
    });
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    if (sendInitialEvents || from === undefined || from === 0) {
      this.#feed.addInitial(this.#bookmarks);
    } else if (from < store.oldest) {
      this.end(watchTooOld(from, store.oldest));
      return;
    }
    this.#schedule(settings.bookmarkIntervalMs);
    this.pump();
  }

  /** Sends what waits, unless the client does not read, or the server is silent. */
  pump(): void {
    if (this.#ended || this.#blocked || this.#silent()) return;
    for (let text = this.#feed.next(); text !== undefined; text = this.#feed.next()) {
      this.#buffer.write(text);
      if (this.#blocked || this.#ended) return;
    }
    this.#buffer.flush();
    if (this.#due || this.#feed.isLost) this.end();
  }

  /**
   * Sends a bookmark if it was asked for and the watch is not ahead of the store; whether it did.
   */
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

  /**
   * Ends the stream cleanly, and returns once the client has the end, or has closed the connection.
   */
  finished(): Promise<void> {
    const { response } = this.#context;
    const closed = new Promise<void>((resolve) => {
      response.once('finish', resolve);
      response.once('close', resolve);
    });
    this.end();
    return closed;
  }

  /** Stops all timers; the connection is closed. */
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
