/** The fake API server: listens, ends and starts again, and does what the test says. */

import { randomBytes } from 'node:crypto';
import { makeCertificate } from './certificate.js';
import { Faults } from './faults.js';
import { writeKubeconfig } from './kubeconfig.js';
import { Listener } from './listener.js';
import type { ServerState } from './state.js';
import { failureOf } from './status.js';
import { Store } from './store.js';
import type {
  ApiObject,
  ApiServer,
  ApiServerOptions,
  Ending,
  LoggedRequest,
  RestartOptions,
} from './types.js';
import type { Watch } from './watch.js';

/** What an API server writes about itself while it starts: so much later is the store. */
const VERSIONS_PER_START = 13;

function newState(options: ApiServerOptions, now: () => number): ServerState {
  let heard: (() => void)[] = [];
  const faults = new Faults(() => {
    const all = heard;
    heard = [];
    for (const one of all) one();
    for (const watch of state.watches) watch.pump();
  });
  const state: ServerState = {
    store: new Store(options.resourceVersion ?? 200, options.historyLimit ?? 100_000),
    faults,
    watches: new Set(),
    events: [],
    options: {
      bookmarkIntervalMs: options.bookmarkIntervalMs ?? 60_000,
      chunkBytes: options.chunkBytes,
      tooLargeWaitMs: options.tooLargeWaitMs ?? 3_000,
      streamingLists: options.streamingLists ?? true,
    },
    now,
    healed: () => new Promise((resolve) => void heard.push(resolve)),
    address: '',
    token: options.token ?? randomBytes(16).toString('hex'),
    shuttingDown: false,
    unauthorizedUntil: 0,
    readyAt: 0,
  };
  return state;
}

/**
 * A running server. It lives until it is closed. `now` says when its first, unready moments are
 * over.
 */
export async function startApiServer(
  options: ApiServerOptions = {},
  now: () => number = Date.now,
): Promise<ApiServer> {
  const host = options.host ?? '127.0.0.1';
  const names = [...new Set([host, '127.0.0.1', '::1']), 'localhost', 'kubernetes.default.svc'];
  const identity = makeCertificate(names);
  const state = newState(options, now);
  const requests: LoggedRequest[] = [];
  const listener = new Listener({
    identity,
    host,
    idleMs: options.idleMs ?? 90_000,
    state,
    requests,
  });
  state.store.restore(options.objects ?? [], options.resourceVersion ?? 200);
  await listener.listen(options.port ?? 0);
  const { port } = listener;
  const shown = host.includes(':') ? `[${host}]` : host;
  const url = `https://${shown}:${port}`;
  state.address = `${shown}:${port}`;

  const stop = async (how: Ending = 'term', lingerMs = 0): Promise<void> => {
    await listener.stop(how, lingerMs);
  };
  const start = async (): Promise<void> => {
    state.shuttingDown = false;
    state.store.advance(VERSIONS_PER_START);
    state.store.compact();
    await listener.listen(port);
  };
  return {
    ...{ url, host, port, certificate: identity.certificate },
    get token() {
      return state.token;
    },
    kubeconfig: (path, kubeconfig = {}) =>
      writeKubeconfig(path, {
        url,
        token: state.token,
        certificate: identity.certificate,
        ...kubeconfig,
      }),
    ...storeMethods(state),
    ...faultMethods(state),
    ...{ stop, start },
    restart: async (restart = {}) => restarted(restart, state, { stop, start }),
    announceShutdown: () => {
      state.shuttingDown = true;
    },
    requests: () => [...requests],
    forgetRequests: () => void requests.splice(0),
    events: () => [...state.events],
    stats: () => ({
      objects: state.store.size,
      resourceVersion: state.store.version,
      openWatches: state.watches.size,
      openConnections: listener.connections,
      unsentBytes: [...state.watches].reduce((sum, { unsentBytes }) => sum + unsentBytes, 0),
    }),
    close: () => stop('kill'),
  };
}

async function restarted(
  options: RestartOptions,
  state: ServerState,
  {
    stop,
    start,
  }: { stop: (how: Ending, lingerMs: number) => Promise<void>; start: () => Promise<void> },
): Promise<void> {
  await stop(options.how ?? 'term', options.lingerMs ?? 0);
  await new Promise((resolve) => setTimeout(resolve, options.downMs ?? 0));
  const { restored, unauthorizedMs = 0 } = options;
  if (restored !== undefined)
    state.store.restore(restored.map(withoutIdentity), options.resourceVersion ?? 10);
  state.unauthorizedUntil = state.now() + unauthorizedMs;
  state.readyAt = state.now() + 2 * unauthorizedMs;
  await start();
}

/** The object as a new etcd would get it: with no uid and resourceVersion of the old one. */
function withoutIdentity(object: ApiObject): ApiObject {
  const { uid: _uid, resourceVersion: _version, ...metadata } = object.metadata;
  const { name } = object.metadata;
  return { ...object, metadata: { ...metadata, name } };
}

type StoreMethods =
  | 'set'
  | 'setMany'
  | 'delete'
  | 'restore'
  | 'get'
  | 'objects'
  | 'advance'
  | 'compact';

function storeMethods({ store, watches }: ServerState): Pick<ApiServer, StoreMethods> {
  const told = (): number => {
    for (const watch of watches) watch.pump();
    return store.version;
  };
  return {
    set: (object) => {
      store.set(object);
      return told();
    },
    setMany: (objects) => {
      for (const object of objects) store.set(object);
      return told();
    },
    delete: (reference) => {
      const deleted = store.delete(reference);
      told();
      return deleted;
    },
    restore: (objects, version = store.version) => store.restore(objects, version),
    get: (reference) => store.get(reference),
    objects: () => store.all(),
    advance: (by) => store.advance(by),
    compact: () => store.compact(),
  };
}

type FaultMethods =
  | 'misbehave'
  | 'heal'
  | 'resetWatches'
  | 'endWatches'
  | 'inject'
  | 'bookmark'
  | 'changeToken';

function faultMethods(state: ServerState): Pick<ApiServer, FaultMethods> {
  const of = (resource?: string): readonly Watch[] =>
    [...state.watches].filter((watch) => resource === undefined || watch.resource === resource);
  const each = (resource: string | undefined, act: (watch: Watch) => void): number => {
    const all = of(resource);
    for (const watch of all) act(watch);
    return all.length;
  };
  return {
    misbehave: (how) => state.faults.add(how),
    heal: (id) => state.faults.end(id),
    resetWatches: ({ resource, midLine = false } = {}) =>
      each(resource, (watch) => watch.reset(midLine)),
    endWatches: ({ resource, errorCode } = {}) =>
      each(resource, (watch) =>
        watch.end(errorCode === undefined ? undefined : failureOf(errorCode)),
      ),
    inject: (resource, text) => each(resource, (watch) => watch.inject(text)),
    bookmark: () => of().filter((watch) => watch.bookmark()).length,
    changeToken: (token) => {
      state.token = token;
    },
  };
}
