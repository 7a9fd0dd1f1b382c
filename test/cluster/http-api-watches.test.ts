/** Watches over real connections: events, ends, silence. */

import type { RequestListener } from 'node:http';
import { expect } from 'chai';
import { ClusterError } from '../../src/errors.js';
import { eventsOf, failureOf, never, serving } from './served-api.js';

describe('cluster/http-api, watches', () => {
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
