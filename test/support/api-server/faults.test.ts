/** Each way in which the fake API server's answers can go wrong, seen from the wire. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { until } from '../until.js';
import { type ApiObject, type ApiServer, startApiServer } from './index.js';
import { send, type WireExchange, type WireResponse } from './wire.js';
import { events, LIST, openWatch, service, WATCH } from './wire-case.js';

interface Recorded {
  readonly name: string;
  readonly request: { readonly line: string };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

function recorded(name: string): Recorded {
  const url = new URL('../../../fixtures/api/faults.json', import.meta.url);
  const all: readonly Recorded[] = JSON.parse(readFileSync(url, 'utf8'));
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no recording of ${name}`);
  return found;
}

describe('fake API server, misbehaving', () => {
  let server: ApiServer;
  const ask = (line: string): Promise<WireResponse> => send(server, { line }).response;
  const watch = (): Promise<WireExchange> => openWatch(server);

  beforeEach(async () => {
    server = await startApiServer({ objects: [service('a'), service('b')], tooLargeWaitMs: 20 });
  });
  afterEach(() => server.close());

  it('answers as recorded from a server in trouble', async () => {
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

  it('fails the given number of requests, of the given verbs and resources', async () => {
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

  it('fails for a time, and until it recovers', async () => {
    server.misbehave({ kind: 'status', status: 403, forMs: 1500 });
    expect((await ask(LIST)).status).to.equal(403);
    await until(async () => (await ask(LIST)).status === 200);
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

  it('sends 410 inside the stream: as a fault, and for compacted versions', async () => {
    server.misbehave({ kind: 'error-event', times: 1 });
    const received = await ask(WATCH);
    expect([received.status, received.complete]).to.deep.equal([200, true]);
    expect(JSON.parse(received.body).object).to.include({ code: 410, reason: 'Expired' });
    server.advance(10);
    server.compact();
    const old = JSON.parse((await ask(`${WATCH}&resourceVersion=205`)).body);
    expect(old.object.message).to.equal('too old resource version: 205 (210)');
    const open = await watch();
    server.endWatches({ errorCode: 410 });
    expect(JSON.parse((await open.response).body)).to.include({ type: 'ERROR' });
  });

  it('lets a continue token expire, and lists the rest with the new token', async () => {
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

  it('pages show the state of the first page', async () => {
    const first = JSON.parse((await ask(`${LIST}?limit=1`)).body);
    server.delete({ kind: 'Service', namespace: 'shop', name: 'b' });
    server.set(service('c'));
    const rest = await ask(`${LIST}?continue=${first.metadata.continue}`);
    const { items, metadata } = JSON.parse(rest.body);
    expect(items.map((item: ApiObject) => item.metadata.name)).to.deep.equal(['b']);
    expect(metadata.resourceVersion).to.equal(first.metadata.resourceVersion);
  });

  it('is silent with the connection open, and sends everything once it recovers', async () => {
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

  it('drops, duplicates, reorders and empties events', async () => {
    const received = async (
      how: Parameters<ApiServer['misbehave']>[0],
    ): Promise<readonly string[]> => {
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
    expect(await received({ kind: 'bookmarks-only' })).to.deep.equal(['BOOKMARK']);
    expect(await received({ kind: 'duplicate-events', times: 1 })).to.deep.equal([
      'ADDED x',
      'ADDED x',
      'ADDED y',
      'BOOKMARK',
    ]);
    expect(await received({ kind: 'reorder-events' })).to.deep.equal([
      'ADDED y',
      'ADDED x',
      'BOOKMARK',
    ]);
    expect(await received({ kind: 'empty-events', times: 1 })).to.deep.equal([
      '{"type":"MODIFIED","object":{}}',
      'ADDED x',
      'ADDED y',
      'BOOKMARK',
    ]);
  });

  it('sends nothing to a watch from the future, not even a bookmark, and refuses a list', async () => {
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
});
