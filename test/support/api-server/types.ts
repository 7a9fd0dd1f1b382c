/**
 * What a test can do with the fake API server: options, objects, misbehaviours, and what it
 * received.
 */

/** A JSON value as it came off the wire: nothing is known of it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/**
 * An object as people write it. Only its kind and name must be right: everything else may be wrong,
 * or hostile.
 */
export interface ApiObject {
  readonly kind: string;
  readonly apiVersion?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly resourceVersion?: string;
    readonly uid?: string;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

/**
 * What names one object. Nodes and ServiceCIDRs have no namespace; elsewhere it is `default` where
 * it is left out.
 */
export interface ObjectReference {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export interface ApiServerOptions {
  /** Address to listen on; `127.0.0.1`. It is in the certificate. */
  readonly host?: string;
  /** 0, the default: any free one. */
  readonly port?: number;
  /** The bearer token of the one user who may read everything; a random one by default. */
  readonly token?: string;
  /** Objects that are there from the beginning; see {@link ApiServer.restore}. */
  readonly objects?: readonly ApiObject[];
  /** The store's resourceVersion at the beginning; 200. */
  readonly resourceVersion?: number;
  /** Milliseconds between two bookmarks of a watch; 60,000 as recorded. */
  readonly bookmarkIntervalMs?: number;
  /** Milliseconds before a request for a resourceVersion of the future fails; 3,000 as recorded. */
  readonly tooLargeWaitMs?: number;
  /** Milliseconds after which an idle connection is closed; 90,000 as recorded. */
  readonly idleMs?: number;
  /**
   * Whether `sendInitialEvents` is served (default), or answered with 422 as by servers before
   * 1.32.
   */
  readonly streamingLists?: boolean;
  /** How many events are remembered; older resourceVersions are too old. 100,000. */
  readonly historyLimit?: number;
  /**
   * Instead of chunks as Go's server cuts them: pieces of so many bytes, also inside a character.
   */
  readonly chunkBytes?: number;
}

/**
 * What a request is about, in the words of Kubernetes' authorizer; `other` is discovery and health.
 */
export type Verb = 'list' | 'watch' | 'get' | 'create' | 'other';

export interface LoggedRequest {
  /** `GET /api/v1/services?watch=true`. */
  readonly line: string;
  readonly verb: Verb;
  /** `services`, `endpointslices`, `nodes`, `servicecidrs`, `events`; `''` for others. */
  readonly resource: string;
  /** Milliseconds of the epoch. */
  readonly time: number;
  /** Address and port of the client. */
  readonly client: string;
  readonly userAgent: string;
  /** Of the answer; 0 while there is none. */
  readonly status: number;
}

/**
 * Which requests a misbehaviour is for; without any of these, for all of lists, watches and gets.
 */
interface Which {
  readonly verbs?: readonly Verb[];
  readonly resources?: readonly string[];
  /** How many requests, or events where it is about events; without it all of them. */
  readonly times?: number;
  /** For how many milliseconds from now; without it until it is healed. */
  readonly forMs?: number;
}

/** Something that goes wrong, until it has run out or {@link ApiServer.heal} ends it. */
export type Misbehaviour =
  /**
   * An error instead of the answer: a Status, but 429 and `text: true` give plain text. 429 has
   * `Retry-After: 1` unless it is given.
   */
  | ({
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter?: number;
      readonly text?: boolean;
    } & Which)
  /**
   * HTTP 200, then an ERROR event with this code inside the stream (410 by default), then a clean
   * end.
   */
  | ({ readonly kind: 'error-event'; readonly code?: number } & Which)
  /** A `continue` token is answered with 410 Expired and a token for the rest. */
  | ({ readonly kind: 'expired-continue' } & Which)
  /** The connection is reset before any answer. */
  | ({ readonly kind: 'reset' } & Which)
  /**
   * The connection is reset inside the first line, or the list's body, after so many bytes (100 by
   * default).
   */
  | ({ readonly kind: 'reset-mid-line'; readonly afterBytes?: number } & Which)
  /** The body ends cleanly inside a line after so many bytes (100 by default): cut-off JSON. */
  | ({ readonly kind: 'cut-short'; readonly afterBytes?: number } & Which)
  /**
   * No byte is sent any more, on open watches and for new requests; the connections stay. What
   * happened comes when it is healed.
   */
  | ({ readonly kind: 'silent' } & Which)
  /** Every event of a watch is lost; bookmarks come. No later event shows the loss. */
  | ({ readonly kind: 'bookmarks-only' } & Which)
  /** Every event comes twice. */
  | ({ readonly kind: 'duplicate-events' } & Which)
  /** Two neighbouring events of different objects change places, where both wait to be sent. */
  | ({ readonly kind: 'reorder-events' } & Which)
  /** Between events come empty lines and events without an object. */
  | ({ readonly kind: 'empty-events' } & Which)
  /** Answers begin so many milliseconds late. */
  | ({ readonly kind: 'slow'; readonly delayMs: number } & Which)
  /**
   * These texts are among the items of every list, as they are: objects that no API server would
   * let in, or no JSON.
   */
  | ({ readonly kind: 'extra-items'; readonly items: readonly string[] } & Which);

/**
 * How a server ends (recordings/restart): `term` lets open watches end cleanly, `kill` breaks them
 * off inside a chunk.
 */
export type Ending = 'term' | 'kill';

export interface RestartOptions {
  readonly how?: Ending;
  /**
   * `term`: milliseconds for which open watches live on while nothing new is accepted; 0, recorded
   * are up to 60,000.
   */
  readonly lingerMs?: number;
  /** Milliseconds between the end and the new beginning, while connections are refused; 0. */
  readonly downMs?: number;
  /**
   * etcd came back from a backup: this is the state, with new uids, and the resourceVersion is
   * {@link resourceVersion}.
   */
  readonly restored?: readonly ApiObject[];
  /** The store's resourceVersion after a restore; 10. */
  readonly resourceVersion?: number;
  /**
   * Milliseconds during which everybody gets 403 after the start, and then as long /readyz 500; 0.
   */
  readonly unauthorizedMs?: number;
}

export interface Kubeconfig {
  /** `token`: in the file; `tokenFile`: beside it, in `FILE.token`. */
  readonly credentials?: 'token' | 'tokenFile';
  /** The namespace of the context; none. */
  readonly namespace?: string;
  /** The name of the context, cluster and user; `test`. */
  readonly name?: string;
}

/** How many objects there are, and what was asked. */
export interface ApiServerStats {
  readonly objects: number;
  readonly resourceVersion: number;
  readonly openWatches: number;
  readonly openConnections: number;
  /** What all watches have written and their clients, or the kernel between, have not taken. */
  readonly unsentBytes: number;
}

/**
 * A fake kube-apiserver: HTTP/1.1 over TLS with a bearer token, faithful to recordings of a real
 * one. It has no HTTP/2 and so no GOAWAY: a server that ends closes connections instead. Reads are
 * by token; writes come from the test through these methods, except for Events, which clients post.
 */
export interface ApiServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly token: string;
  /** The certificate of the server, which is its own authority: PEM. */
  readonly certificate: string;
  /** Writes a kubeconfig for this server to the path. */
  readonly kubeconfig: (path: string, options?: Kubeconfig) => Promise<void>;

  /**
   * Creates or replaces the object, with an event for the watches. No event where nothing changes.
   * The store's resourceVersion afterwards.
   */
  readonly set: (object: ApiObject) => number;
  readonly setMany: (objects: readonly ApiObject[]) => number;
  /** Deletes the object; whether there was one. */
  readonly delete: (reference: ObjectReference) => boolean;
  /**
   * Puts exactly these objects into the store with no event, their own uids and resourceVersions
   * kept where they have some.
   */
  readonly restore: (objects: readonly ApiObject[], resourceVersion?: number) => void;
  /** The object as it is stored. */
  readonly get: (reference: ObjectReference) => ApiObject | undefined;
  /** All objects, sorted by kind, namespace and name. */
  readonly objects: () => readonly ApiObject[];
  /** Lets time pass in the store: the resourceVersion grows with no event for the watches. */
  readonly advance: (by?: number) => number;
  /**
   * Drops the history: every resourceVersion below the present one is too old, for continue tokens
   * too.
   */
  readonly compact: () => void;

  /** Begins to misbehave; the number is for {@link heal}. */
  readonly misbehave: (how: Misbehaviour) => number;
  /** Ends this misbehaviour, or all. */
  readonly heal: (id?: number) => void;
  /**
   * Resets the connections of all open watches, or of one resource; with `midLine` inside a line of
   * an event.
   */
  readonly resetWatches: (options?: { resource?: string; midLine?: boolean }) => number;
  /**
   * Ends all open watches cleanly, with this in-stream ERROR code before the end if there is one.
   */
  readonly endWatches: (options?: { resource?: string; errorCode?: number }) => number;
  /** Writes this text into all open watches of the resource, as it is. */
  readonly inject: (resource: string, text: string) => number;
  /** Sends a bookmark on every watch that allows it, now. */
  readonly bookmark: () => number;
  /** The server's token is another one from now on; open watches go on. */
  readonly changeToken: (token: string) => void;

  readonly stop: (how?: Ending, lingerMs?: number) => Promise<void>;
  /**
   * Listens again at the same address, with the same certificate. Whatever was watched before is
   * too old.
   */
  readonly start: () => Promise<void>;
  readonly restart: (options?: RestartOptions) => Promise<void>;
  /**
   * Refuses new requests with 429 and `Retry-After: 5`, and closes connections, as with
   * --shutdown-send-retry-after.
   */
  readonly announceShutdown: () => void;

  readonly requests: () => readonly LoggedRequest[];
  readonly forgetRequests: () => void;
  /** Bodies of all Events that were posted or patched. */
  readonly events: () => readonly Json[];
  readonly stats: () => ApiServerStats;
  /** Ends everything. */
  readonly close: () => Promise<void>;
}
