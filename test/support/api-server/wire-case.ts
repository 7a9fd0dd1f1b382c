/**
 * What the tests of the fake API server have in common: objects, requests and how events are shown.
 */

import { until } from '../until.js';
import type { ApiObject, ApiServer } from './index.js';
import { send, type WireExchange } from './wire.js';

export const LIST: string = 'GET /api/v1/services';
export const WATCH: string = 'GET /api/v1/services?watch=true&allowWatchBookmarks=true';

export function service(name: string, port = 80): ApiObject {
  return { kind: 'Service', metadata: { name, namespace: 'shop' }, spec: { ports: [{ port }] } };
}

/** Type and name of each event; a line that is no event is shown as it is. */
export function events(body: string): readonly string[] {
  return body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, type, name] = /^\{"type":"(\w+)".*?"name":"([^"]+)".*\}$/.exec(line) ?? [];
      return type === undefined ? line : `${type} ${name}`;
    });
}

/** A watch from now on that is open, and has sent its head. */
export async function openWatch(server: ApiServer): Promise<WireExchange> {
  const { openWatches, resourceVersion } = server.stats();
  const exchange = send(server, { line: `${WATCH}&resourceVersion=${resourceVersion}` });
  await until(() => server.stats().openWatches === openWatches + 1);
  return exchange;
}
