/** A fake API server, and the objects that a reflector has of it. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Api, RawObject } from '../../../src/cluster/api.js';
import { connect } from '../../../src/cluster/connection.js';
import { openApi } from '../../../src/cluster/http-api.js';
import { type ReflectorStatus, reflect } from '../../../src/cluster/reflector.js';
import { watchedResources } from '../../../src/cluster/resources.js';
import { type Clock, systemClock } from '../../../src/host/clock.js';
import { isObject } from '../../../src/input/value.js';
import {
  type ApiObject,
  type ApiServer,
  type ApiServerOptions,
  startApiServer,
} from '../api-server/index.js';
import { until } from '../until.js';

/** Waits a fiftieth of what it is asked to, so that a backoff ends while a test watches. */
const HASTY: Clock = {
  ...systemClock,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 50, signal),
};

/** Milliseconds without a byte, for the watches of these tests. */
export const SILENCE = 400;

export interface FollowedServer {
  readonly server: ApiServer;
  readonly api: Api;
  /** Where the kubeconfig is; the token beside it, in `kubeconfig.token`. */
  readonly folder: string;
  readonly statuses: readonly ReflectorStatus[];
  readonly notices: readonly string[];
  /** How often the whole state was replaced. */
  readonly replaced: () => number;
  /** Names and resourceVersions of the Services that the reflector has, sorted. */
  readonly known: () => readonly string[];
  /** The same of the server's, of those that kube-proxy selects. */
  readonly there: () => readonly string[];
  /** Returns when both are the same; throws with the difference after a time. */
  readonly converged: () => Promise<void>;
  readonly until: (what: () => boolean) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts both. The server is asked as a user with a token file, and answers in a hurry. */
export async function followServices(options: ApiServerOptions = {}): Promise<FollowedServer> {
  const server = await startApiServer({
    bookmarkIntervalMs: 100,
    tooLargeWaitMs: 20,
    ...options,
  });
  const folder = await mkdtemp(join(tmpdir(), 'vipc-cluster-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await server.kubeconfig(kubeconfig, { credentials: 'tokenFile' });
  const connection = await connect({ kubeconfig, environment: {} });
  const api = openApi(connection, { userAgent: 'vipc/test', timeout: 1_000 });
  const stop = new AbortController();
  let known = new Map<string, string>();
  let replaced = 0;
  const statuses: ReflectorStatus[] = [];
  const notices: string[] = [];
  const [services] = watchedResources('node-a');
  const running = reflect({
    api,
    resource: services!,
    signal: stop.signal,
    clock: HASTY,
    silence: SILENCE,
    accept: identityOf,
    onReplace: (items) => {
      replaced += 1;
      known = new Map(items.map(({ name, version }) => [name, version]));
    },
    onSet: ({ name, version }) => known.set(name, version),
    onDelete: ({ name }) => known.delete(name),
    onStatus: (status) => statuses.push(status),
    onNotice: (text) => notices.push(text),
  });
  const textOf = (entries: Iterable<readonly [string, string]>): readonly string[] =>
    [...entries].map(([name, version]) => `${name} ${version}`).sort();
  const served = (): readonly ApiObject[] =>
    server.objects().filter(({ kind }) => kind === 'Service');
  const there = (): readonly string[] =>
    textOf(
      served()
        .map((object) => identityOf(object))
        .map(({ name, version }) => [name, version] as const),
    );
  const seen = (): string => {
    const [held, wanted] = [textOf(known), there()].map((names) => names.join().slice(0, 500));
    return `known ${held}; there ${wanted}; ${JSON.stringify(statuses.at(-1))}`;
  };
  const follows = (what: () => boolean): Promise<void> => until(what, seen);
  return {
    server,
    api,
    folder,
    statuses,
    notices,
    replaced: () => replaced,
    known: () => textOf(known),
    there,
    converged: () =>
      follows(
        () =>
          statuses.at(-1)?.state === 'following' &&
          known.size === served().length &&
          textOf(known).join() === there().join(),
      ),
    until: follows,
    close: async () => {
      stop.abort();
      await running;
      api.close();
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

function identityOf(raw: RawObject): { readonly name: string; readonly version: string } {
  const metadata = isObject(raw.metadata) ? raw.metadata : {};
  return {
    name: `${metadata.namespace}/${metadata.name}`,
    version: `${metadata.uid} ${metadata.resourceVersion}`,
  };
}
