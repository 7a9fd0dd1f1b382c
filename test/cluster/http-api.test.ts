/** Requests over real connections: what a response means, and what happens without one. */

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Api, WatchEvent } from '../../src/cluster/api.js';
import type { Connection } from '../../src/cluster/connection.js';
import { openApi, type RequestObserver } from '../../src/cluster/http-api.js';
import { ClusterError, InterruptedError } from '../../src/errors.js';
import { until } from '../support/until.js';

const never = new AbortController().signal;

interface Fixture {
  readonly api: Api;
  readonly server: Server;
  readonly url: string;
  readonly refusals: () => number;
  /** What the observer was called with, but for times. */
  readonly observed: readonly unknown[];
}

interface ServingOptions {
  /** Path of the server's URL. */
  readonly path?: string;
  /** Milliseconds that a request may take; as long as in the agent if absent. */
  readonly timeout?: number;
}

/** Serves one listener for the time of the work. */
async function serving(
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

async function failureOf(promise: Promise<unknown>): Promise<ClusterError> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ClusterError)) throw error;
  return error;
}

async function eventsOf(
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

describe('cluster/http-api: requests', () => {
  it('reports requests to the observer when client-go would count them', async () => {
    const bodies = [gzipSync('{"a":"ü"}'), Buffer.from('{}'), Buffer.from('no')];
    await serving(
      (request, response) => {
        const isWatch = request.url?.startsWith('/w') ?? false;
        const status = request.url === '/none' ? 404 : 200;
        const headers = request.url === '/packed' ? { 'Content-Encoding': 'gzip' } : {};
        response.writeHead(status, headers);
        response.end(isWatch ? '' : bodies.shift());
      },
      async ({ api, server, url, observed }) => {
        const { host } = new URL(url);
        await api.get('/packed', {}, never);
        await api.post('/p', { b: 1 }, never);
        await failureOf(api.get('/none', {}, never));
        await eventsOf(api);
        server.close();
        server.closeAllConnections();
        await failureOf(api.get('/gone', {}, never));
        expect(observed).to.deep.equal([
          ['GET', host, 200],
          ['GET', host, { sent: 0, received: 10 }],
          ['POST', host, 200],
          ['POST', host, { sent: 7, received: 2 }],
          ['GET', host, 404],
          ['GET', host, { sent: 0, received: 2 }],
          // The watch: only its head counts.
          ['GET', host, 200],
          ['GET', host, undefined],
          ['GET', host, { sent: 0, received: undefined }],
        ]);
      },
    );
  });

  it('sends query, credentials and user agent, below the path of the server URL', async () => {
    const seen: unknown[] = [];
    await serving(
      ({ url, method, headers }, response) => {
        seen.push(method, url, headers.authorization, headers['user-agent'], headers.accept);
        response.end('{"a":1}');
      },
      async ({ api }) => {
        const query = { fieldSelector: 'spec.clusterIP!=None', limit: undefined, continue: '' };
        expect(await api.get('/api/v1/services', query, never)).to.deep.equal({ a: 1 });
      },
      { path: '/k8s/clusters/c-1' },
    );
    expect(seen).to.deep.equal([
      'GET',
      '/k8s/clusters/c-1/api/v1/services?fieldSelector=spec.clusterIP!%3DNone',
      'Bearer t',
      'vipc/9',
      'application/json',
    ]);
  });

  it('posts an object', async () => {
    await serving(
      (request, response) => {
        let body = '';
        request.on('data', (chunk) => {
          body += chunk;
        });
        request.on('end', () => {
          const type = request.headers['content-type'];
          response.statusCode = 201;
          response.end(JSON.stringify({ type, body, length: request.headers['content-length'] }));
        });
      },
      async ({ api }) => {
        expect(await api.post('/events', { note: 'ü' }, never)).to.deep.equal({
          type: 'application/json',
          body: '{"note":"ü"}',
          length: '13',
        });
      },
    );
  });

  it('requests gzip and decompresses it', async () => {
    await serving(
      ({ headers }, response) => {
        expect(headers['accept-encoding']).to.equal('gzip');
        response.setHeader('Content-Encoding', 'gzip');
        response.end(gzipSync('{"a":"ü"}'));
      },
      async ({ api }) => {
        expect(await api.get('/x', {}, never)).to.deep.equal({ a: 'ü' });
      },
    );
  });

  it('gives the message and the details of a Status', async () => {
    const body = JSON.stringify({
      kind: 'Status',
      message: 'Timeout: Too large resource version: 9, current: 6',
      reason: 'Timeout',
      details: { causes: [{ reason: 'ResourceVersionTooLarge' }], retryAfterSeconds: 1 },
      code: 504,
    });
    await serving(
      (_, response) => {
        response.statusCode = 504;
        response.end(body);
      },
      async ({ api, url }) => {
        const error = await failureOf(api.get('/x', {}, never));
        expect(error).to.include({ status: 504, reason: 'Timeout', retryAfter: 1_000 });
        expect(error.causes).to.deep.equal(['ResourceVersionTooLarge']);
        expect(error.message).to.equal(
          `GET ${url}/x: 504 Timeout: Timeout: Too large resource version: 9, current: 6`,
        );
      },
    );
  });

  it('gives the text of a plain response, and reads Retry-After', async () => {
    await serving(
      (_, response) => {
        response.writeHead(429, { 'Retry-After': '5' });
        response.end('The apiserver is shutting down, please try again later.\n');
      },
      async ({ api, url }) => {
        const error = await failureOf(api.get('/x', {}, never));
        expect(error).to.include({ status: 429, reason: '', retryAfter: 5_000 });
        expect(error.message).to.equal(
          `GET ${url}/x: 429: The apiserver is shutting down, please try again later.`,
        );
      },
    );
  });

  it('drops credentials after a 401, and has hints for 401 and 403', async () => {
    let status = 401;
    await serving(
      (_, response) => {
        response.statusCode = status;
        response.end();
      },
      async ({ api, refusals }) => {
        expect((await failureOf(api.get('/x', {}, never))).hint).to.match(/log in again/);
        expect(refusals()).to.equal(1);
        status = 403;
        expect((await failureOf(api.get('/x', {}, never))).hint).to.match(/list and watch/);
        expect(refusals()).to.equal(1);
      },
    );
  });

  const refused = (
    what: string,
    listener: RequestListener,
    message: RegExp,
    options?: ServingOptions,
  ): void => {
    it(`refuses ${what}`, () =>
      serving(
        listener,
        async ({ api, url }) => {
          const error = await failureOf(api.get('/x', {}, never));
          expect(error.message).to.match(message).and.to.include(`GET ${url}/x: `);
          expect(error.status).to.equal(0);
        },
        options,
      ));
  };
  refused('what is not JSON', (_, response) => response.end('<html>'), /not JSON/);
  refused(
    'a body that is no gzip',
    (_, response) => {
      response.setHeader('Content-Encoding', 'gzip');
      response.end('{}');
    },
    /cannot be decompressed/,
  );
  refused(
    'a response that is cut',
    (_, response) => {
      response.write('{"a":', () => response.destroy());
    },
    /connection was cut/,
  );
  refused(
    'a connection that is cut',
    (request) => void request.socket.destroy(),
    /connection was cut/,
  );
  // For the two tests that are about time; on a busy machine any answer may take longer.
  const timeout = 150;
  refused('no answer', () => undefined, /no response for 0.15 s/, { timeout });
  it('refuses a response that stops', () =>
    serving(
      (_, response) => void response.write('{"a":'),
      async ({ api }) => {
        // On a busy machine an answer may not have begun when the time is up.
        await until(async () => {
          const { message } = await failureOf(api.get('/x', {}, never));
          return message.includes('no data for 0.15 s');
        });
      },
      { timeout },
    ));

  it('names the connection that is refused', async () => {
    await serving(
      () => undefined,
      async ({ api, server }) => {
        await new Promise((resolve) => server.close(resolve));
        const error = await failureOf(api.get('/x', {}, never));
        expect(error).to.include({ reason: 'ECONNREFUSED' });
        expect(error.message).to.match(/connection refused$/);
      },
    );
  });

  it('retries once if a keep-alive connection turns out to be closed', async () => {
    const sockets = new Set<unknown>();
    let asked = 0;
    await serving(
      (request, response) => {
        sockets.add(request.socket);
        asked += 1;
        // The second request on the first connection meets a server that has just given it up.
        if (asked === 2) request.socket.destroy();
        else response.end('{}');
      },
      async ({ api }) => {
        await api.get('/x', {}, never);
        expect(await api.get('/x', {}, never)).to.deep.equal({});
      },
    );
    expect(asked).to.equal(3);
    expect(sockets.size).to.equal(2);
  });

  it('reuses connections', async () => {
    const sockets = new Set<unknown>();
    await serving(
      (request, response) => {
        sockets.add(request.socket);
        response.end('{}');
      },
      async ({ api }) => {
        for (let round = 0; round < 5; round++) await api.get('/x', {}, never);
      },
    );
    expect(sockets.size).to.equal(1);
  });

  it('ends with the signal: before it asks, while it waits, while it reads', async () => {
    await serving(
      ({ url }, response) => {
        if (url === '/begun') response.write('{');
      },
      async ({ api }) => {
        for (const [path, wait] of [
          ['/x', 0],
          ['/x', 30],
          ['/begun', 30],
        ] as const) {
          const stop = new AbortController();
          if (wait === 0) stop.abort();
          else setTimeout(() => stop.abort(), wait);
          const error: unknown = await api.get(path, {}, stop.signal).catch((thrown) => thrown);
          expect(error).to.be.instanceOf(InterruptedError);
        }
      },
    );
  });
});

describe('cluster/http-api: watches', () => {
  const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;

  it('gives events until the body ends, and does not request gzip', async () => {
    await serving(
      ({ url, headers }, response) => {
        expect(url).to.equal('/w?watch=true');
        expect(headers['accept-encoding']).to.equal(undefined);
        response.write(line('ADDED', { a: 1 }) + line('BOOKMARK', { b: 1 }).slice(0, 9));
        setTimeout(() => response.end(line('BOOKMARK', { b: 1 }).slice(9)), 10);
      },
      async ({ api }) => {
        const { events, error } = await eventsOf(api);
        expect(error).to.equal(undefined);
        expect(events).to.deep.equal([
          { type: 'ADDED', object: { a: 1 } },
          { type: 'BOOKMARK', object: { b: 1 } },
        ]);
      },
    );
  });

  it('turns an ERROR line into a failure with the code of its Status', async () => {
    const status = {
      kind: 'Status',
      message: 'too old resource version: 1 (9)',
      reason: 'Expired',
      code: 410,
    };
    await serving(
      (_, response) => response.end(line('ERROR', status)),
      async ({ api }) => {
        const { error } = await eventsOf(api);
        expect(error)
          .to.be.instanceOf(ClusterError)
          .and.to.include({ status: 410, reason: 'Expired' });
      },
    );
  });

  it('skips what is not a known event, with a notice', async () => {
    const odd = [
      '7',
      '{}',
      '{"type":"ADDED"}',
      '{"type":"ADDED","object":[]}',
      '{"type":"LATER","object":{}}',
    ];
    await serving(
      (_, response) => response.end(`${odd.join('\n')}\n${line('DELETED', {})}`),
      async ({ api }) => {
        const { events, notices } = await eventsOf(api);
        expect(events).to.deep.equal([{ type: 'DELETED', object: {} }]);
        expect(notices).to.have.length(odd.length);
      },
    );
  });

  for (const [what, listener, message, silence] of [
    ['a line that is no JSON', (_, response) => response.end('{"type":"ADDED",\n'), /not JSON/],
    ['an end inside a line', (_, response) => response.end('{"type":"ADDED",'), /within a line/],
    [
      'a cut',
      (_, response) => {
        response.write('{"type":', () => response.destroy());
      },
      /connection was cut/,
    ],
    ['silence', (_, response) => void response.write('\n'), /silent for 0.2 s/, 200],
  ] satisfies readonly (readonly [string, RequestListener, RegExp, number?])[]) {
    it(`fails for ${what}`, () =>
      serving(listener, async ({ api }) => {
        const { error } = await eventsOf(api, silence);
        expect(error).to.be.instanceOf(ClusterError);
        expect((error as ClusterError).message).to.match(message);
      }));
  }

  it('rejects where the watch is not accepted', async () => {
    await serving(
      (_, response) => {
        response.statusCode = 410;
        response.end('{"kind":"Status","code":410,"reason":"Expired","message":"m"}');
      },
      async ({ api }) => {
        expect(await failureOf(eventsOf(api))).to.include({ status: 410, reason: 'Expired' });
      },
    );
  });

  it('is not silent while bytes come, and can be closed while nobody reads', async () => {
    await serving(
      (_, response) => {
        let left = 8;
        const timer = setInterval(() => {
          if (left-- > 0) response.write('\n');
          else {
            clearInterval(timer);
            response.end();
          }
        }, 250);
      },
      async ({ api }) => {
        expect((await eventsOf(api, 1_500)).error).to.equal(undefined);
        const unread = await api.watch(
          '/w',
          {},
          { silence: 20, signal: never, onNotice: () => undefined },
        );
        await new Promise((resolve) => setTimeout(resolve, 60));
        unread.close();
      },
    );
  });
});
