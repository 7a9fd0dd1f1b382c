/** Requests over real connections: what a response means, and what happens without one. */

import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { InterruptedError } from '../../src/errors.js';
import { until } from '../support/until.js';
import { eventsOf, failureOf, never, type ServingOptions, serving } from './served-api.js';

describe('cluster/http-api, requests', () => {
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
