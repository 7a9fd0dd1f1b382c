/**
 * The fake API server against exchanges with a real one: the same requests on the same state, and
 * the answers compared.
 */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { until } from '../until.js';
import { type ApiObject, type ApiServer, startApiServer } from './index.js';
import { RESOURCES } from './resources.js';
import { send, type WireRequest, type WireResponse } from './wire.js';

interface Exchange {
  readonly name: string;
  readonly auth: 'token' | 'unknown' | 'none' | 'basic' | 'empty' | 'nobody';
  readonly request: WireRequest;
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

interface RecordedWatch {
  readonly name: string;
  readonly request: string;
  readonly lines: readonly string[];
}

function fixture<T>(name: string): T {
  const url = new URL(`../../../fixtures/api/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

const answers = fixture<readonly Exchange[]>('answers');
const lists = fixture<readonly Exchange[]>('lists');
const watches = fixture<readonly RecordedWatch[]>('watches');

const AUTHORIZATION = {
  unknown: 'Bearer no-such-token',
  none: '',
  basic: 'Basic YTpi',
  empty: 'Bearer ',
  nobody: 'Bearer nobody',
};

/** The headers that a recording keeps: exactly these must come, and no other of their kind. */
const COMPARED = [
  'content-type',
  'content-encoding',
  'retry-after',
  'vary',
  'warning',
  'x-content-type-options',
];

function ask(server: ApiServer, { auth, request }: Exchange): Promise<WireResponse> {
  const authorization = auth === 'token' ? undefined : AUTHORIZATION[auth];
  return send(server, {
    ...request,
    ...(authorization === undefined ? {} : { authorization }),
  }).response;
}

function expectSame(answer: WireResponse, { response }: Exchange): void {
  const wanted = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  expect(answer.body).to.equal(response.body);
  expect(answer.status).to.equal(response.status);
  for (const name of COMPARED) expect(answer.headers[name], name).to.equal(wanted[name]);
  const length = wanted['content-length'];
  if (length !== undefined) expect(answer.headers['content-length']).to.equal(length);
  expect(answer.complete).to.equal(true);
  expect(answer.headers['audit-id']).to.match(/^[0-9a-f-]{36}$/);
}

/** The objects of the recorded cluster, as its lists show them. */
function recordedState(): readonly ApiObject[] {
  return RESOURCES.flatMap(({ kind, name }) => {
    const list = lists.find((one) => one.name === name);
    const items = list === undefined ? [] : JSON.parse(list.response.body).items;
    return items.map((item: object) => ({ kind, ...item }));
  });
}

/** The resourceVersion at which the recorded server was: its list says so, or its error. */
function versionIn(body: string): number {
  const found = /current: (\d+)/.exec(body) ?? /"resourceVersion":"(\d+)"/.exec(body);
  return Number(found?.[1] ?? 700);
}

describe('fake API server, against recordings', () => {
  const objects = recordedState();
  let server: ApiServer;

  before(async () => {
    server = await startApiServer({ tooLargeWaitMs: 50 });
  });
  after(() => server.close());

  it('starts from a recorded state with objects of every kind', () => {
    expect(objects.length).to.be.greaterThan(25);
    expect(new Set(objects.map(({ kind }) => kind)).size).to.equal(4);
  });

  for (const exchange of answers)
    it(`answers as recorded: ${exchange.name}`, async () => {
      server.restore(objects, versionIn(exchange.response.body));
      expectSame(await ask(server, exchange), exchange);
    });

  for (const exchange of lists)
    it(`lists as recorded: ${exchange.name}`, async () => {
      const wanted = JSON.parse(exchange.response.body);
      const version = exchange.name.includes(' ') ? 617 : versionIn(exchange.response.body);
      server.restore(objects, Math.max(version, 613));
      const answer = await ask(server, exchange);
      if (typeof wanted.items?.[0] !== 'string') {
        expectSame(answer, exchange);
        return;
      }
      // Such a recording has the names of the items only; the objects are those of the whole list.
      const { items, ...rest } = JSON.parse(answer.body);
      expect({ ...rest, items: wanted.items }).to.deep.equal(wanted);
      const names = items.map(
        ({ metadata }: ApiObject) => `${metadata.namespace ?? ''}/${metadata.name}`,
      );
      expect(names).to.deep.equal(wanted.items);
      for (const item of items)
        expect(objects).to.deep.include({ kind: rest.kind.replace('List', ''), ...item });
    });

  it('sends the initial events in the chunks of a real server, cut inside lines', async () => {
    for (const { name, request, chunks } of fixture<
      readonly { name: string; request: string; chunks: readonly string[] }[]
    >('framing')) {
      const lines = chunks.join('').trim().split('\n');
      const events = lines.map((line): { type: string; object: ApiObject } => JSON.parse(line));
      const added = events.filter(({ type }) => type === 'ADDED').map(({ object }) => object);
      server.restore(added, Number(events.at(-1)?.object.metadata.resourceVersion));
      const watch = send(server, { line: request });
      await openWatches(server, 1);
      server.endWatches({});
      const answer = await watch.response;
      expect(answer.chunks.join('')).to.equal(chunks.join(''));
      expect(answer.complete).to.equal(true);
      const cut = (all: readonly string[]): boolean => all.some((text) => !text.endsWith('\n'));
      expect([name, cut(answer.chunks)]).to.deep.equal([name, true]);
      expect(answer.chunks[0]?.length).to.equal(chunks[0]?.length);
    }
  });

  for (const { name, kind } of [
    { name: 'services.selector', kind: 'services' },
    { name: 'nodes.field-selector', kind: 'nodes.field-selector' },
    { name: 'servicecidrs', kind: 'servicecidrs' },
  ])
    it(`sends a watch the events of a real server: ${name}`, async () => {
      // What was done to the recorded cluster is in the watch of everything; what this one must say
      // is in its own.
      const done = recordedWatch(kind).lines.map((line): Told => JSON.parse(line));
      const wanted = recordedWatch(name);
      const from = Number(new URLSearchParams(wanted.request.split('?')[1]).get('resourceVersion'));
      server.restore([], from);
      const live = send(server, { line: wanted.request });
      await openWatches(server, 1);
      for (const { type, object } of done) replay(server, type, object);
      const late = send(server, { line: wanted.request });
      await openWatches(server, 2);
      server.endWatches({});
      for (const { response } of [live, late]) {
        const { body, complete } = await response;
        const lines = body.split('\n').filter((line) => line !== '' && !isBookmark(line));
        expect(lines).to.deep.equal(wanted.lines.filter((line) => !isBookmark(line)));
        expect(lines.length).to.be.greaterThan(4);
        expect(complete).to.equal(true);
      }
    });

  it('sends bookmarks as recorded, for every kind', async () => {
    for (const name of [
      'services',
      'nodes.field-selector',
      'servicecidrs',
      'streaming-list.empty',
    ]) {
      const { request, lines } = recordedWatch(name);
      const line = lines.filter(isBookmark).at(-1) ?? '';
      server.restore([], versionIn(line));
      const watch = send(server, { line: request.replace(/&resourceVersion=\d+/, '') });
      await openWatches(server, 1);
      server.bookmark();
      server.endWatches({});
      const { body } = await watch.response;
      expect(body.split('\n'), name).to.include(line);
    }
  });
});

interface Told {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: ApiObject;
}

function recordedWatch(name: string): RecordedWatch {
  const found = watches.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no recording of ${name}`);
  return found;
}

function isBookmark(line: string): boolean {
  return line.startsWith('{"type":"BOOKMARK"');
}

/** Does to the fake server what was done to the real one, at the same resourceVersion. */
function replay(server: ApiServer, type: Told['type'], object: ApiObject): void {
  if (type === 'BOOKMARK') return;
  server.advance(Number(object.metadata.resourceVersion) - 1 - server.stats().resourceVersion);
  if (type === 'DELETED')
    expect(server.delete({ kind: object.kind, ...object.metadata })).to.equal(true);
  else server.set(object);
}

/** Returns once so many watches are open. */
async function openWatches(server: ApiServer, count: number): Promise<void> {
  await until(() => server.stats().openWatches === count);
}
