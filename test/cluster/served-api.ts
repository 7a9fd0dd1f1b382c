/** A client of a server that answers as a test says. */

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { Api, WatchEvent } from '../../src/cluster/api.js';
import type { Connection } from '../../src/cluster/connection.js';
import { openApi, type RequestObserver } from '../../src/cluster/http-api.js';
import { ClusterError } from '../../src/errors.js';

export const never: AbortSignal = new AbortController().signal;

interface Fixture {
  readonly api: Api;
  readonly server: Server;
  readonly url: string;
  readonly refusals: () => number;
  /** What the observer was called with, but for times. */
  readonly observed: readonly unknown[];
}

export interface ServingOptions {
  /** Path of the server's URL. */
  readonly path?: string;
  /** Milliseconds that a request may take; as long as in the agent if absent. */
  readonly timeout?: number;
}

/** Serves one listener for the time of the work. */
export async function serving(
  listener: RequestListener,
  work: (fixture: Fixture) => Promise<void>,
  { path = '', timeout }: ServingOptions = {},
): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  let refusals = 0;
  const connection: Connection = {
    server: url,
    description: 'test',
    namespace: 'default',
    proxy: undefined,
    warnings: [],
    authorise: async () => ({ headers: { Authorization: 'Bearer t' }, tls: {} }),
    refused: () => {
      refusals += 1;
    },
    close: () => undefined,
  };
  const observed: unknown[] = [];
  const observer: RequestObserver = {
    answered: ({ method, host }, status) => observed.push([method, host, status]),
    completed: ({ method, host }, { seconds, sent, received }) => {
      expect(seconds).to.be.greaterThan(0);
      observed.push([method, host, { sent, received }]);
    },
  };
  const api = openApi(connection, { userAgent: 'vipc/9', timeout, observer });
  try {
    await work({ api, server, url, refusals: () => refusals, observed });
  } finally {
    api.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

export async function failureOf(promise: Promise<unknown>): Promise<ClusterError> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ClusterError)) throw error;
  return error;
}

/** What a watch brings until it ends, and the error that ends it. */
export async function eventsOf(
  api: Api,
  silence = 60_000,
): Promise<{
  readonly events: readonly WatchEvent[];
  readonly notices: readonly string[];
  readonly error: unknown;
}> {
  const events: WatchEvent[] = [];
  const notices: string[] = [];
  const stream = await api.watch(
    '/w',
    {},
    { silence, signal: never, onNotice: (text) => notices.push(text) },
  );
  let error: unknown;
  try {
    for await (const event of stream.events) events.push(event);
  } catch (thrown) {
    error = thrown;
  }
  stream.close();
  return { events, notices, error };
}
