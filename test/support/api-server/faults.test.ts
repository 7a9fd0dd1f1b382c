/** Each way in which the fake API server can go wrong, seen from the wire. */

import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ApiObject, type ApiServer, spawnApiServer, startApiServer } from './index.js';
import { send, type WireExchange, type WireResponse } from './wire.js';

interface Recorded {
  readonly name: string;
  readonly request: { readonly line: string };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

const LIST = 'GET /api/v1/services';
const WATCH = 'GET /api/v1/services?watch=true&allowWatchBookmarks=true';

function service(name: string, port = 80): ApiObject {
  return { kind: 'Service', metadata: { name, namespace: 'shop' }, spec: { ports: [{ port }] } };
}

function recorded(name: string): Recorded {
  const url = new URL('../../../fixtures/api/faults.json', import.meta.url);
  const all: readonly Recorded[] = JSON.parse(readFileSync(url, 'utf8'));
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no recording of ${name}`);
  return found;
}

/** Type and name of each event; a line that is no event is shown as it is. */
function events(body: string): readonly string[] {
  return body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, type, name] = /^\{"type":"(\w+)".*?"name":"([^"]+)".*\}$/.exec(line) ?? [];
      return type === undefined ? line : `${type} ${name}`;
    });
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('fake API server, misbehaving', () => {
  let server: ApiServer;
  const ask = (line: string): Promise<WireResponse> => send(server, { line }).response;
  /** A watch from now on that is open, and has sent its head. */
  const watch = async (query = ''): Promise<WireExchange> => {
    const open = server.stats().openWatches;
    const from = server.stats().resourceVersion;
    const exchange = send(server, { line: `${WATCH}&resourceVersion=${from}${query}` });
    await until(() => server.stats().openWatches === open + 1);
    return exchange;
  };

  beforeEach(async () => {
    server = await startApiServer({ objects: [service('a'), service('b')], tooLargeWaitMs: 20 });
  });
  afterEach(() => server.close());

  it('answers as a server in trouble did', async () => {
    const same = (answer: WireResponse, { response }: Recorded): void => {
      expect(answer.body).to.equal(response.body);
      expect(answer.status).to.equal(response.status);
      for (const [name, value] of Object.entries(response.headers))
        expect(answer.headers[name.toLowerCase()], name).to.equal(value);
    };
    const busy = recorded('429-max-in-flight');
    server.misbehave({ kind: 'status', status: 429, times: 1 });
    same(await ask(busy.request.line), busy);
    server.compact();
    const exact = recorded('exact-too-old');
    same(await ask(exact.request.line), exact);
    const rest = recorded('continue-expired');
    same(await ask(rest.request.line), rest);
    await server.close();
    server = await startApiServer({ streamingLists: false });
    const streaming = recorded('422-watchlist-disabled');
    same(await ask(streaming.request.line), streaming);
  });

  it('fails so many requests, of the verbs and resources that are named, and no more', async () => {
    server.misbehave({
      kind: 'status',
      status: 500,
      times: 2,
      verbs: ['list'],
      resources: ['nodes'],
    });
    const statuses = [];
    for (const line of [LIST, 'GET /api/v1/nodes', 'GET /api/v1/nodes', 'GET /api/v1/nodes'])
      statuses.push((await ask(line)).status);
    expect(statuses).to.deep.equal([200, 500, 500, 200]);
    expect(server.requests().map(({ status }) => status)).to.deep.equal(statuses);
  });

  it('fails for a time, and until it is healed', async () => {
    server.misbehave({ kind: 'status', status: 403, forMs: 30 });
    expect((await ask(LIST)).status).to.equal(403);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect((await ask(LIST)).status).to.equal(200);
    const id = server.misbehave({ kind: 'status', status: 503, retryAfter: 7 });
    const refused = await ask(LIST);
    expect([refused.status, refused.headers['retry-after']]).to.deep.equal([503, '7']);
    server.heal(id);
    expect((await ask(LIST)).status).to.equal(200);
  });

  it('resets before the answer, inside a list, and inside a line of a watch', async () => {
    server.misbehave({ kind: 'reset', times: 1 });
    expect((await ask(LIST)).status).to.equal(0);
    server.misbehave({ kind: 'reset-mid-line', times: 1 });
    const list = await ask(LIST);
    expect([list.body.length, list.complete]).to.deep.equal([100, false]);
    server.misbehave({ kind: 'reset-mid-line', times: 1, afterBytes: 50 });
    const stream = await ask(WATCH);
    expect([stream.body.length, stream.complete]).to.deep.equal([50, false]);
    const open = await watch();
    expect(server.resetWatches({ midLine: true })).to.equal(1);
    const cut = await open.response;
    expect(cut.complete).to.equal(false);
    expect(cut.body).to.match(/^\{"type":"MODIFIED"[^\n]*$/);
  });

  it('cuts JSON short with a clean end', async () => {
    server.misbehave({ kind: 'cut-short', times: 1, afterBytes: 60 });
    const list = await ask(LIST);
    expect([list.body.length, list.complete]).to.deep.equal([60, true]);
    server.misbehave({ kind: 'cut-short', times: 1, afterBytes: 60 });
    const stream = await ask(WATCH);
    expect([stream.body.length, stream.complete]).to.deep.equal([60, true]);
  });

  it('says 410 inside the stream: when told to, and of what it has forgotten', async () => {
    server.misbehave({ kind: 'error-event', times: 1 });
    const told = await ask(WATCH);
    expect([told.status, told.complete]).to.deep.equal([200, true]);
    expect(JSON.parse(told.body).object).to.include({ code: 410, reason: 'Expired' });
    server.advance(10);
    server.compact();
    const old = JSON.parse((await ask(`${WATCH}&resourceVersion=205`)).body);
    expect(old.object.message).to.equal('too old resource version: 205 (210)');
    const open = await watch();
    server.endWatches({ errorCode: 410 });
    expect(JSON.parse((await open.response).body)).to.include({ type: 'ERROR' });
  });

  it('lets a continue token expire, and lists the rest with the token that it gives then', async () => {
    const { metadata } = JSON.parse((await ask(`${LIST}?limit=1`)).body);
    server.misbehave({ kind: 'expired-continue', times: 1 });
    const next = `${LIST}?limit=1&continue=${metadata.continue}`;
    const expired = await ask(next);
    expect(expired.status).to.equal(410);
    const rest = await ask(`${LIST}?continue=${JSON.parse(expired.body).metadata.continue}`);
    expect(JSON.parse(rest.body).items.map((item: ApiObject) => item.metadata.name)).to.deep.equal([
      'b',
    ]);
    expect((await ask(next)).status).to.equal(200);
  });

  it('pages show the state of the first page, whatever happens meanwhile', async () => {
    const first = JSON.parse((await ask(`${LIST}?limit=1`)).body);
    server.delete({ kind: 'Service', namespace: 'shop', name: 'b' });
    server.set(service('c'));
    const rest = await ask(`${LIST}?continue=${first.metadata.continue}`);
    const { items, metadata } = JSON.parse(rest.body);
    expect(items.map((item: ApiObject) => item.metadata.name)).to.deep.equal(['b']);
    expect(metadata.resourceVersion).to.equal(first.metadata.resourceVersion);
  });

  it('is silent with the connection open, and tells everything when it is healed', async () => {
    const open = await watch();
    server.misbehave({ kind: 'silent' });
    server.set(service('c'));
    const late = send(server, { line: LIST });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(open.soFar()).to.equal('');
    expect(server.stats().openWatches).to.equal(1);
    server.heal();
    expect(JSON.parse((await late.response).body).items).to.have.length(3);
    server.endWatches({});
    expect(events((await open.response).body)).to.deep.equal(['ADDED c']);
  });

  it('loses, doubles, swaps and empties events', async () => {
    const told = async (how: Parameters<ApiServer['misbehave']>[0]): Promise<readonly string[]> => {
      server.restore([service('a')]);
      const open = await watch();
      server.misbehave(how);
      server.setMany([service('x'), service('y')]);
      server.bookmark();
      server.heal();
      server.endWatches({});
      return events((await open.response).body).map((line) =>
        line.startsWith('{"type":"BOOKMARK"') ? 'BOOKMARK' : line,
      );
    };
    expect(await told({ kind: 'bookmarks-only' })).to.deep.equal(['BOOKMARK']);
    expect(await told({ kind: 'duplicate-events', times: 1 })).to.deep.equal([
      'ADDED x',
      'ADDED x',
      'ADDED y',
      'BOOKMARK',
    ]);
    expect(await told({ kind: 'reorder-events' })).to.deep.equal([
      'ADDED y',
      'ADDED x',
      'BOOKMARK',
    ]);
    expect(await told({ kind: 'empty-events', times: 1 })).to.deep.equal([
      '{"type":"MODIFIED","object":{}}',
      'ADDED x',
      'ADDED y',
      'BOOKMARK',
    ]);
  });

  it('says nothing to a watch from the future, not even a bookmark, and refuses a list', async () => {
    const open = send(server, { line: `${WATCH}&resourceVersion=5000` });
    await until(() => server.stats().openWatches === 1);
    server.set(service('c'));
    expect(server.bookmark()).to.equal(0);
    const list = await ask(`${LIST}?resourceVersion=5000`);
    expect([list.status, list.headers['retry-after']]).to.deep.equal([504, '1']);
    const streaming = await ask(
      `${WATCH}&resourceVersion=5000&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
    );
    expect(JSON.parse(streaming.body).object.code).to.equal(504);
    server.endWatches({});
    const { body, complete, status } = await open.response;
    expect([status, body, complete]).to.deep.equal([200, '', true]);
  });

  it('ends as on SIGTERM and as on SIGKILL, and what was before a start is too old', async () => {
    const gentle = await watch();
    const from = server.stats().resourceVersion;
    await server.restart({ how: 'term' });
    expect((await gentle.response).complete).to.equal(true);
    const old = JSON.parse((await ask(`${WATCH}&resourceVersion=${from}`)).body);
    expect(old.object.code).to.equal(410);
    const broken = await watch();
    await server.stop('kill');
    const { complete, status } = await broken.response;
    expect([status, complete]).to.deep.equal([200, false]);
    expect((await ask(LIST)).status).to.equal(0);
    await server.start();
    expect(JSON.parse((await ask(LIST)).body).items).to.have.length(2);
  });

  it('comes back from a backup of etcd with small resourceVersions and new uids', async () => {
    const before = server.get({ kind: 'Service', namespace: 'shop', name: 'a' });
    server.set(service('gone'));
    server.delete({ kind: 'Service', namespace: 'shop', name: 'b' });
    await server.restart({ restored: [before as ApiObject], resourceVersion: 7 });
    const { items, metadata } = JSON.parse((await ask(LIST)).body);
    expect(Number(metadata.resourceVersion)).to.be.lessThan(200);
    expect(items).to.have.length(1);
    expect(items[0].metadata.uid).not.to.equal(before?.metadata.uid);
  });

  it('refuses everybody right after a start, and is not ready for as long again', async () => {
    await server.restart({ unauthorizedMs: 60 });
    expect((await ask(LIST)).status).to.equal(403);
    expect((await ask('GET /readyz')).status).to.equal(403);
    await new Promise((resolve) => setTimeout(resolve, 65));
    expect((await ask(LIST)).status).to.equal(200);
    expect((await ask('GET /readyz')).status).to.equal(500);
    await new Promise((resolve) => setTimeout(resolve, 65));
    expect((await ask('GET /readyz')).body).to.equal('ok');
  });

  it('announces its shutdown', async () => {
    server.announceShutdown();
    const { body, headers, status } = await ask(LIST);
    expect([status, headers['retry-after'], headers.connection]).to.deep.equal([429, '5', 'close']);
    expect(body).to.equal('The apiserver is shutting down, please try again later.\n');
  });

  it('waits for a client that does not read, and loses nothing of 20,000 objects', async () => {
    const open = await watch();
    open.pause();
    server.setMany(Array.from({ length: 20_000 }, (_, i) => service(`s-${i}`)));
    // The socket buffers are full long before the last event: the rest waits in the history.
    open.resume();
    await until(() => open.soFar().includes('"s-19999"'));
    open.abort();
    expect(events(open.soFar())).to.have.length(20_000);
    const { items } = JSON.parse((await ask(LIST)).body);
    expect(items).to.have.length(20_002);
  });

  it('holds and tells objects that no API server would let in', async () => {
    const open = await watch();
    const hostile: ApiObject = JSON.parse(
      '{"kind":"Service","metadata":{"name":"$(reboot); -j ACCEPT\\n","namespace":"../..","labels":7},"spec":{"__proto__":{"polluted":true},"ports":"none"}}',
    );
    server.set(hostile);
    server.inject('services', '{"type":"ADDED","object":\n');
    server.misbehave({ kind: 'extra-items', items: ['null', '{"metadata":[]}'], times: 1 });
    const { items } = JSON.parse((await ask(LIST)).body);
    expect(items.slice(-2)).to.deep.equal([null, { metadata: [] }]);
    server.endWatches({});
    const [event = '', broken] = (await open.response).body.split('\n');
    expect(event).to.include('"__proto__":{"polluted":true}');
    expect(broken).to.equal('{"type":"ADDED","object":');
  });

  it('takes a new token, and compresses only big lists for who can read it', async () => {
    server.changeToken('another');
    expect((await ask(LIST)).status).to.equal(200);
    expect(
      (await send(server, { line: LIST, authorization: 'Bearer old' }).response).status,
    ).to.equal(401);
    const gzip = { 'Accept-Encoding': 'gzip' };
    const small = await send(server, { line: LIST, headers: gzip }).response;
    expect(small.headers['content-encoding']).to.equal(undefined);
    server.setMany(Array.from({ length: 1000 }, (_, i) => service(`s-${i}`)));
    const big = await send(server, { line: LIST, headers: gzip }).response;
    expect([big.headers['content-encoding'], big.headers.vary]).to.deep.equal([
      'gzip',
      'Accept-Encoding',
    ]);
    expect(JSON.parse(big.body).items).to.have.length(1002);
    const stream = await send(server, { line: `${WATCH}&timeoutSeconds=0.05`, headers: gzip })
      .response;
    expect(stream.headers['content-encoding']).to.equal(undefined);
  });

  it('takes Events, and writes a kubeconfig', async () => {
    const line = 'POST /apis/events.k8s.io/v1/namespaces/default/events';
    const body = JSON.stringify({ kind: 'Event', metadata: { name: 'x' }, note: 'hello' });
    expect((await send(server, { line, body }).response).status).to.equal(201);
    expect(server.events()).to.deep.equal([JSON.parse(body)]);
    const folder = await mkdtemp(join(tmpdir(), 'vipc-api-'));
    try {
      await server.kubeconfig(join(folder, 'config'), { credentials: 'tokenFile' });
      expect(await readFile(join(folder, 'config.token'), 'utf8')).to.equal(server.token);
      const config = JSON.parse(await readFile(join(folder, 'config'), 'utf8'));
      expect(config.clusters[0].cluster.server).to.equal(server.url);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('cuts bytes as finely as wanted, and runs in a process of its own', async () => {
    const remote = await spawnApiServer({ objects: [service('ä')], chunkBytes: 7 });
    try {
      const open = send(remote, { line: `${WATCH}&timeoutSeconds=1` });
      const { body, chunks } = await open.response;
      expect(Math.max(...chunks.map((chunk) => Buffer.byteLength(chunk)))).to.be.at.most(9);
      expect(events(body)[0]).to.equal('ADDED ä');
      await remote.set(service('b'));
      expect(await remote.stats()).to.include({ objects: 2 });
      const failure = await remote.set({ ...service('b'), kind: 'Nope' }).catch((error) => error);
      expect(failure.message).to.equal('the fake API server has no kind Nope');
    } finally {
      await remote.close();
    }
  });
});
