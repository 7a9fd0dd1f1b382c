/** The messages between a test and a fake API server in a process of its own. */

import type { ApiServer, ApiServerOptions } from './types.js';

/** The names of all methods. */
export type Method = {
  [K in keyof ApiServer]: ApiServer[K] extends (...args: never[]) => unknown ? K : never;
}[keyof ApiServer];

/** What a server says of itself when it listens. */
export type Listening = Pick<ApiServer, 'url' | 'host' | 'port' | 'token' | 'certificate'>;

/** One call; its arguments are JSON. */
interface Call {
  readonly id: number;
  readonly method: Method;
  readonly args: readonly unknown[];
}

export type FromServer =
  | { readonly kind: 'listening'; readonly listening: Listening }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly message: string };

export type ToServer =
  | { readonly kind: 'options'; readonly options: ApiServerOptions }
  | { readonly kind: 'call'; readonly call: Call };
