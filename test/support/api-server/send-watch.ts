/** Answers a WATCH: checks what was asked for, and opens the stream. */

import { cutOf, type Exchange } from './exchange.js';
import { futureVersion, notANumber, selection, versionOf } from './list.js';
import type { Resource } from './resources.js';
import type { ServerState } from './state.js';
import { ApiError, invalidOption } from './status.js';
import { Watch } from './watch.js';
import { errorText } from './watch-text.js';

/** Whether the initial events were asked for. Throws 422 for options that do not go together. */
function checkedInitialEvents(query: URLSearchParams, streamingLists: boolean): boolean {
  const given = query.get('sendInitialEvents');
  const match = query.get('resourceVersionMatch') ?? '';
  if (given === null) {
    if (match === '') return false;
    throw invalidOption(
      'resourceVersionMatch',
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  }
  if (match !== 'NotOlderThan')
    throw invalidOption(
      'resourceVersionMatch',
      'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  if (!streamingLists)
    throw invalidOption(
      'sendInitialEvents',
      'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
    );
  return given === 'true' || given === '1';
}

function watchedVersion(query: URLSearchParams): number | undefined {
  try {
    return versionOf(query);
  } catch {
    // Unlike a LIST, for which it is the client's fault.
    throw new ApiError({ code: 500, message: notANumber(query.get('resourceVersion') ?? '') });
  }
}

export async function sendWatch(
  exchange: Exchange,
  resource: Resource,
  state: ServerState,
): Promise<void> {
  const { response, route, reset } = exchange;
  const { faults, options, store } = state;
  const { query } = route;
  const sendInitialEvents = checkedInitialEvents(query, options.streamingLists);
  const request = {
    ...{ resource, query, ...selection(route, resource) },
    ...{ from: watchedVersion(query), sendInitialEvents },
  };
  const future = sendInitialEvents ? futureVersion(query, store) : undefined;
  if (future !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, options.tooLargeWaitMs));
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(errorText((futureVersion(query, store) ?? future).failure));
    return;
  }
  const cut = cutOf(exchange, state);
  const watch = new Watch(request, { response, store, faults, settings: options, reset, cut });
  state.watches.add(watch);
  response.once('close', () => {
    watch.abandon();
    state.watches.delete(watch);
  });
  watch.start();
}
