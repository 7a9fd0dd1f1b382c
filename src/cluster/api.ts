/**
 * What can be asked of an API server. The reflector and the lists know this much of it; http-api.ts
 * is the real one.
 */

/** An object as a server sent it: nothing of it has been checked. */
export type RawObject = Readonly<Record<string, unknown>>;

/** Parameters of a request; those that are `undefined` or `''` are not sent. */
export type Query = Readonly<Record<string, string | undefined>>;

/**
 * One line of a watch. An ERROR line is no event: it ends the stream with a ClusterError of its
 * status.
 */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: RawObject;
}

/** A watch that the server has accepted. */
export interface WatchStream {
  /**
   * Ends when the server ends the watch, which is normal. Throws ClusterError for everything else:
   * a cut connection or line, an ERROR line, silence (reason `Silence`).
   */
  readonly events: AsyncIterable<WatchEvent>;
  /** Ends it from this side. To be called whether {@link events} was read or not. */
  readonly close: () => void;
}

export interface WatchRequest {
  /** Milliseconds without a byte after which the stream is taken for dead. */
  readonly silence: number;
  readonly signal: AbortSignal;
  /** Told of a line that is no event of a kind that there is; the stream goes on. */
  readonly onNotice: (text: string) => void;
}

/**
 * A connection to an API server. Every method rejects with ClusterError where the server or the way
 * to it says no, and with InterruptedError after the signal. Nothing is tried twice here, but for a
 * kept connection that the server had closed.
 */
export interface Api {
  /** The parsed JSON of one GET. */
  readonly get: (path: string, query: Query, signal: AbortSignal) => Promise<unknown>;
  /** The parsed JSON that answers one POST. */
  readonly post: (path: string, body: unknown, signal: AbortSignal) => Promise<unknown>;
  /** A stream of changes, once the server has accepted to send them. */
  readonly watch: (path: string, query: Query, request: WatchRequest) => Promise<WatchStream>;
  /** Closes kept connections. */
  readonly close: () => void;
}

/**
 * The Api that `open` gives. What `open` rejects with is the answer to whoever asked; the next one
 * who asks tries again.
 */
export function lazyApi(open: () => Promise<Api>): Api {
  let opened: Promise<Api> | undefined;
  const api = (): Promise<Api> => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    get: async (...asked) => (await api()).get(...asked),
    post: async (...asked) => (await api()).post(...asked),
    watch: async (...asked) => (await api()).watch(...asked),
    close: () => {
      void opened?.then(
        (found) => found.close(),
        () => {},
      );
    },
  };
}
