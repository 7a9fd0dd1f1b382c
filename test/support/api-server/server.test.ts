/**
 * The fake API server as a whole: how it ends and begins, what it holds, and how fast it lets
 * itself be read.
 */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { until } from '../until.js';
import { type ApiObject, type ApiServer, spawnApiServer, startApiServer } from './index.js';
import { send, type WireExchange, type WireResponse } from './wire.js';
import { events, LIST, openWatch, service, WATCH } from './wire-case.js';

describe('fake API server, as a whole', () => {
  let server: ApiServer;
  let now = 0;
  const ask = (line: string): Promise<WireResponse> => send(server, { line }).response;
  const watch = (): Promise<WireExchange> => openWatch(server);

  beforeEach(async () => {
    const objects = [service('a'), service('b')];
    server = await startApiServer({ objects, tooLargeWaitMs: 20 }, () => now);
  });
  afterEach(() => server.close());

  it('sends no event without a change, and gives a recreated object another uid', async () => {
    const open = await openWatch(server);
    const uid = (): unknown =>
      server.get({ kind: 'Service', namespace: 'shop', name: 'a' })?.metadata.uid;
    const [first, version] = [uid(), server.stats().resourceVersion];
    expect(server.set(service('a'))).to.equal(version);
    server.set(service('a', 81));
    expect(uid()).to.equal(first);
    expect(server.delete({ kind: 'Service', namespace: 'shop', name: 'a' })).to.equal(true);
    expect(server.delete({ kind: 'Service', namespace: 'shop', name: 'a' })).to.equal(false);
    server.set(service('a', 81));
    expect(uid()).to.be.a('string').and.not.equal(first);
    server.endWatches({});
    const { body } = await open.response;
    expect(events(body)).to.deep.equal(['MODIFIED a', 'DELETED a', 'ADDED a']);
  });

  it('ends as on SIGTERM and as on SIGKILL, and versions from before a start are too old', async () => {
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

  it('restarts from an etcd backup with small resourceVersions and new uids', async () => {
    const before = server.get({ kind: 'Service', namespace: 'shop', name: 'a' });
    server.set(service('gone'));
    server.delete({ kind: 'Service', namespace: 'shop', name: 'b' });
    await server.restart({ restored: [before as ApiObject], resourceVersion: 7 });
    const { items, metadata } = JSON.parse((await ask(LIST)).body);
    expect(Number(metadata.resourceVersion)).to.be.lessThan(200);
    expect(items).to.have.length(1);
    expect(items[0].metadata.uid).not.to.equal(before?.metadata.uid);
  });

  it('refuses all requests right after a start, and then is not ready for as long', async () => {
    await server.restart({ unauthorizedMs: 60 });
    expect((await ask(LIST)).status).to.equal(403);
    expect((await ask('GET /readyz')).status).to.equal(403);
    now += 60;
    expect((await ask(LIST)).status).to.equal(200);
    expect((await ask('GET /readyz')).status).to.equal(500);
    now += 60;
    expect((await ask('GET /readyz')).body).to.equal('ok');
  });

  it('announces its shutdown', async () => {
    server.announceShutdown();
    const { body, headers, status } = await ask(LIST);
    expect([status, headers['retry-after'], headers.connection]).to.deep.equal([429, '5', 'close']);
    expect(body).to.equal('The apiserver is shutting down, please try again later.\n');
  });

  /** 2,000 Services of 10 kB: more than the buffers of any kernel. */
  const flood = (): void => {
    const annotations = { padding: 'x'.repeat(10_000) };
    const many = Array.from({ length: 2000 }, (_, i) => service(`s-${i}`));
    server.setMany(many.map((one) => ({ ...one, metadata: { ...one.metadata, annotations } })));
  };

  it('waits for a client that does not read, and loses nothing of 2,000 objects', async () => {
    const open = await watch();
    open.pause();
    flood();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.stats().unsentBytes).to.be.lessThan(1_000_000);
    open.resume();
    // A bookmark goes out behind the last event only.
    await until(() => server.bookmark() === 1);
    server.endWatches({});
    const { body, complete } = await open.response;
    expect(complete).to.equal(true);
    expect(events(body)).to.have.length(2001);
    expect(JSON.parse((await ask(LIST)).body).items).to.have.length(2002);
  });

  it('ends the watch of a client that is too slow for the watch cache', async () => {
    await server.close();
    server = await startApiServer({ historyLimit: 100 });
    const open = await watch();
    open.pause();
    flood();
    open.resume();
    const { body, complete } = await open.response;
    expect(complete).to.equal(true);
    expect(events(body).length).to.be.lessThan(2000);
  });

  it('stores and sends objects that a real API server would refuse', async () => {
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

  it('accepts a new token, and compresses only large lists, for clients that accept it', async () => {
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

  it('accepts Events, and writes a kubeconfig', async () => {
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

  it('splits responses into chunks of any size, and runs in its own process', async () => {
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
