/** One request and its answer, for all that handle it. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Route, resourceName } from './route.js';
import type { ServerState } from './state.js';
import type { Cut } from './watch.js';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: Route;
  /** Breaks the connection off with a TCP reset. */
  readonly reset: () => void;
}

/** Where the answer is to be cut off, if it is. */
export function cutOf({ route }: Exchange, { faults }: ServerState): Cut | undefined {
  const name = resourceName(route);
  const reset = faults.use('reset-mid-line', route.verb, name);
  if (reset !== undefined) return { afterBytes: reset.afterBytes ?? 100, ending: 'reset' };
  const short = faults.use('cut-short', route.verb, name);
  return short === undefined ? undefined : { afterBytes: short.afterBytes ?? 100, ending: 'end' };
}
