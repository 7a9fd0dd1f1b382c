/**
 * The reflector against a scripted server and a fake clock: every end that a watch can have, and
 * the requests after it.
 */

import { expect } from 'chai';
import { type ReflectorStatus, reflect } from '../../src/cluster/reflector.js';
import {
  listBody,
  type Script,
  ScriptedApi,
  VirtualClock,
} from '../support/cluster/scripted-api.js';
import {
  bookmark,
  CIDRS,
  CUT,
  event,
  failed,
  follow,
  HOUR,
  item,
  SERVICES,
  SILENCE,
  TOO_LARGE,
} from './followed-script.js';

const states = (statuses: readonly ReflectorStatus[]): string =>
  statuses.map(({ state }) => state).join(' ');

describe('cluster/reflector', () => {
  it('lists every page before it reports anything, and watches from there with kube-proxy’s selectors', async () => {
    const pages = [listBody('9', [item('a', '3')], 'T1'), listBody('9', [item('b', '4')])];
    let page = 0;
    const { calls, api, lines, statuses, seen } = await follow(
      { list: () => pages[page++], watch: () => ({ livesFor: HOUR }) },
      { requests: 4 },
    );
    expect(calls).to.deep.equal(['= a b']);
    expect(lines).to.deep.equal(['list', 'list T1', 'watch 9', 'list probe 9']);
    expect(api.requests[0]!.query).to.include({
      fieldSelector: 'spec.clusterIP!=None',
      labelSelector: '!service.kubernetes.io/service-proxy-name',
      limit: '500',
    });
    expect(api.requests[2]!.query).to.include({
      fieldSelector: 'spec.clusterIP!=None',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '300',
    });
    expect(states(statuses)).to.equal('listing following');
    expect(seen[0]).to.include({ apiVersion: 'v1', kind: 'Service' });
  });

  it('watches from the first page’s resourceVersion: from a later one, changes of the first page would be lost', async () => {
    const { lines } = await follow(
      {
        list: ({ query }) =>
          query.continue === undefined ? listBody('9', [], 'T') : listBody('12', []),
        watch: () => ({ livesFor: HOUR }),
      },
      { requests: 3 },
    );
    expect(lines).to.deep.equal(['list', 'list T', 'watch 9']);
  });

  it('refuses pages that never end', async () => {
    const { calls, statuses } = await follow(
      { list: () => listBody('9', [], 'T'), watch: () => ({}) },
      { requests: 6 },
    );
    expect(calls).to.deep.equal([]);
    expect(statuses.at(-1)?.reason).to.match(/same page/);
  });

  it('continues from the last event or bookmark after a clean end, at once and without a notice', async () => {
    const { lines, calls, statuses, seen } = await follow(
      {
        list: () => listBody('9', []),
        watch: ({ query }) => ({
          events:
            query.resourceVersion === '9'
              ? [event('ADDED', 'a', '10'), event('MODIFIED', 'a', '11'), bookmark('40')]
              : [bookmark('40')],
          livesFor: 100_000,
        }),
      },
      { requests: 4 },
    );
    expect(lines).to.deep.equal(['list', 'watch 9', 'watch 40', 'watch 40']);
    expect(calls).to.deep.equal(['=', '+ a', '+ a']);
    expect(states(statuses)).to.equal('listing following');
    expect(seen.every((raw) => 'name' in (raw.metadata as object))).to.equal(true);
  });

  it('reports a deleted object and its replacement, and accepts duplicates', async () => {
    const { calls, known } = await follow(
      {
        list: () => listBody('9', [item('a', '3', 'old')]),
        watch: () => ({
          events: [
            event('DELETED', 'a', '10', 'old'),
            event('ADDED', 'a', '11', 'new'),
            event('ADDED', 'a', '11', 'new'),
          ],
          livesFor: HOUR,
        }),
      },
      { requests: 3 },
    );
    expect(calls).to.deep.equal(['= a', '- a', '+ a', '+ a']);
    expect(known.get('a')?.metadata).to.include({ uid: 'new' });
  });

  for (const [what, error] of [
    ['an ERROR line with 410', failed(410, 'Expired')],
    ['an ERROR line with a future resourceVersion', TOO_LARGE],
  ] as const) {
    it(`lists again after ${what}, and drops what is missing then`, async () => {
      const lists = [
        listBody('9', [item('a', '3'), item('b', '4')]),
        listBody('20', [item('b', '4')]),
      ];
      let list = 0;
      const { lines, calls, statuses } = await follow(
        { list: () => lists[list++], watch: () => (list === 1 ? { error } : { livesFor: HOUR }) },
        { requests: 5 },
      );
      expect(lines.slice(0, 4)).to.deep.equal(['list', 'watch 9', 'list', 'watch 20']);
      expect(calls).to.deep.equal(['= a b', '= b']);
      expect(states(statuses)).to.equal('listing following stale following');
      expect(statuses[2]!.reason).to.equal(error.message);
    });
  }

  for (const status of [410, 400, 404, 422]) {
    it(`lists again if a watch is refused with ${status}`, async () => {
      let refused = false;
      const { lines } = await follow(
        {
          list: () => listBody('9', []),
          watch: () => {
            if (refused) return { livesFor: HOUR };
            refused = true;
            throw failed(status);
          },
        },
        { requests: 4 },
      );
      expect(lines).to.deep.equal(['list', 'watch 9', 'list', 'watch 9']);
    });
  }

  it('continues from the last event after a cut, once a probe has shown that etcd was not restored', async () => {
    let cuts = 0;
    const { lines, calls } = await follow(
      {
        list: () => listBody('9', [item('a', '3')]),
        watch: () =>
          cuts++ === 0
            ? { events: [event('MODIFIED', 'a', '12')], error: CUT }
            : { livesFor: HOUR },
      },
      { requests: 4 },
    );
    expect(lines).to.deep.equal(['list', 'watch 9', 'list probe 12', 'watch 12']);
    expect(calls).to.deep.equal(['= a', '+ a']);
  });

  it('lists again if etcd was restored while the connection was cut', async () => {
    let wiped = false;
    const { lines, calls, notices } = await follow(
      {
        list: ({ query }) => {
          if (query.resourceVersion !== undefined) throw TOO_LARGE;
          return wiped ? listBody('5', []) : listBody('9', [item('a', '3')]);
        },
        watch: () => {
          if (wiped) return { livesFor: HOUR };
          wiped = true;
          return { error: CUT };
        },
      },
      { requests: 5 },
    );
    expect(lines.slice(0, 5)).to.deep.equal(['list', 'watch 9', 'list probe 9', 'list', 'watch 5']);
    expect(calls).to.deep.equal(['= a', '=']);
    expect(notices).to.have.length(1);
  });

  it('detects by silence that a watch starts at a future resourceVersion, though it was accepted', async () => {
    let wiped = false;
    const { lines, calls, api } = await follow(
      {
        list: ({ query }) => {
          if (query.resourceVersion !== undefined) throw TOO_LARGE;
          return wiped ? listBody('5', []) : listBody('9', [item('a', '3')]);
        },
        watch: ({ query }) => {
          if (query.resourceVersion === '5') return { livesFor: HOUR };
          wiped = true;
          return { livesFor: 150_000, error: SILENCE };
        },
      },
      { requests: 5 },
    );
    expect(lines.slice(0, 5)).to.deep.equal(['list', 'watch 9', 'list probe 9', 'list', 'watch 5']);
    expect(calls).to.deep.equal(['= a', '=']);
    expect(api.requests[4]!.at).to.equal(150_000);
    expect(api.silences[0]).to.equal(150_000);
  });

  it('detects it also if something closes every silent watch early', async () => {
    const { lines } = await follow(
      { list: () => listBody('9', []), watch: () => ({ livesFor: 60_000 }) },
      { requests: 6 },
    );
    expect(lines).to.deep.equal([
      'list',
      'watch 9',
      'watch 9',
      'watch 9',
      'list probe 9',
      'watch 9',
    ]);
  });

  it('asks a quiet server without bookmarks for one object in 150 s, never for the list', async () => {
    const { lines, statuses, calls } = await follow(
      { list: () => listBody('9', []), watch: () => ({ livesFor: 150_000, error: SILENCE }) },
      { until: HOUR },
    );
    expect(lines.filter((line) => line === 'list')).to.have.length(1);
    expect(lines.length).to.be.within(48, 52);
    expect(calls).to.deep.equal(['=']);
    expect(states(statuses)).to.equal('listing following');
  });

  it('finds lost events within hours by listing again, which is not a failure', async () => {
    let lists = 0;
    const { lines, calls, statuses } = await follow(
      {
        list: ({ query }) =>
          query.limit === '500' && lists++ > 0
            ? listBody('9', [item('lost', '5')])
            : listBody('9', []),
        watch: () => ({ events: [bookmark('9')], livesFor: 60_000 }),
      },
      { until: 20 * HOUR },
    );
    expect(calls).to.deep.equal(['=', '= lost', '= lost', '= lost']);
    expect(lines.filter((line) => line === 'list')).to.have.length(4);
    expect(states(statuses)).to.equal('listing following');
  });

  for (const [what, events] of [
    ['an event', [event('ADDED', 'a', '12'), event('DELETED', 'b', '11')]],
    ['a bookmark', [event('ADDED', 'a', '12'), bookmark('11')]],
  ] as const) {
    it(`lists again if ${what} is older than the one before it`, async () => {
      let list = 0;
      const { lines } = await follow(
        {
          list: () => listBody(list++ === 0 ? '9' : '30', []),
          watch: () => (list === 1 ? { events } : { livesFor: HOUR }),
        },
        { requests: 4 },
      );
      expect(lines).to.deep.equal(['list', 'watch 9', 'list', 'watch 30']);
    });
  }

  it('does not compare resourceVersions that are not numbers', async () => {
    const { calls } = await follow(
      {
        list: () => listBody('x9', []),
        watch: () => ({
          events: [event('ADDED', 'a', 'x2'), event('ADDED', 'b', 'x1')],
          livesFor: HOUR,
        }),
      },
      { requests: 3 },
    );
    expect(calls).to.deep.equal(['=', '+ a', '+ b']);
  });

  it('starts over if a page’s token has expired, and asks for everything at once the third time', async () => {
    const { lines, calls, notices, api } = await follow(
      {
        list: ({ query }) => {
          if (query.continue !== undefined) throw failed(410, 'Expired');
          return query.limit === undefined
            ? listBody('11', [item('a', '3'), item('b', '4')])
            : listBody('9', [item('a', '3')], 'T');
        },
        watch: () => ({ livesFor: HOUR }),
      },
      { requests: 6 },
    );
    expect(lines).to.deep.equal(['list', 'list T', 'list', 'list T', 'list', 'watch 11']);
    expect(api.requests[4]!.query.limit).to.equal(undefined);
    expect(calls).to.deep.equal(['= a b']);
    expect(notices).to.have.length(2);
  });

  it('treats a kind that the server does not know as empty, and tries again every 10 minutes', async () => {
    const { calls, statuses, api } = await follow(
      {
        list: () => {
          throw failed(404);
        },
        watch: () => ({}),
      },
      { until: HOUR },
      CIDRS!,
    );
    expect(calls).to.deep.equal(['=']);
    expect(states(statuses)).to.equal('listing following');
    expect(api.requests.map(({ at }) => at)).to.deep.equal(
      [0, 1, 2, 3, 4, 5, 6].map((n) => n * 600_000),
    );
  });

  it('treats an optional kind as empty while it is forbidden, with a notice, and keeps trying', async () => {
    let allowed = false;
    const script: Script = {
      list: ({ at }) => {
        if (at < 120_000) throw failed(403, 'Forbidden');
        allowed = true;
        return listBody('9', [item('kubernetes', '3')]);
      },
      watch: () => ({ livesFor: HOUR }),
    };
    const { calls, statuses, notices } = await follow(script, { until: HOUR }, CIDRS!);
    expect(allowed).to.equal(true);
    expect(calls).to.deep.equal(['=', '= kubernetes']);
    expect(states(statuses)).to.equal('listing listing stale following');
    expect(notices).to.have.length(1);
    expect((await follow(script, { until: 100_000 })).calls, 'Services').to.deep.equal([]);
  });

  it('stays at "listing" with the reason until a list is whole', async () => {
    const { statuses, calls } = await follow(
      {
        list: ({ query, at }) => {
          if (query.continue !== undefined && at < 10_000) throw failed(500, 'InternalError');
          return query.continue === undefined
            ? listBody('9', [item('a', '1')], 'T')
            : listBody('9', []);
        },
        watch: () => ({ livesFor: HOUR }),
      },
      { until: HOUR },
    );
    expect(calls).to.deep.equal(['= a']);
    expect(statuses.slice(0, 3)).to.deep.equal([
      { state: 'listing', reason: '' },
      { state: 'listing', reason: '500 InternalError' },
      { state: 'following', reason: '' },
    ]);
  });

  it('waits as long as the server asks, but no longer than a minute', async () => {
    for (const [asked, waited] of [
      [5_000, 5_000],
      [10 * HOUR, 60_000],
    ] as const) {
      const { api } = await follow(
        {
          list: () => {
            throw failed(429, '', asked);
          },
          watch: () => ({}),
        },
        { requests: 2 },
      );
      expect(api.requests[1]!.at).to.equal(waited);
    }
  });

  it('rejects if the caller throws', async () => {
    const clock = new VirtualClock();
    const api = new ScriptedApi(clock, {
      list: () => listBody('9', [item('a', '1')]),
      watch: () => ({}),
    });
    const broken = reflect({
      api,
      resource: SERVICES!,
      signal: new AbortController().signal,
      clock,
      accept: () => {
        throw new RangeError('mine');
      },
      onReplace: () => undefined,
      onSet: () => undefined,
      onDelete: () => undefined,
      onStatus: () => undefined,
      onNotice: () => undefined,
    });
    expect(await broken.catch((error: unknown) => error)).to.be.instanceOf(RangeError);
  });
});
