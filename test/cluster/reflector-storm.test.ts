/** However a server fails, the reflector asks it no more than a few times a minute. */

import { expect } from 'chai';
import type { RawObject } from '../../src/cluster/api.js';
import { listBody, mostPerMinute, type Script } from '../support/cluster/scripted-api.js';
import { CUT, event, failed, follow, HOUR, TOO_LARGE } from './followed-script.js';

describe('cluster/reflector, no storm', () => {
  const empty = (): RawObject => listBody('9', []);
  const refuse = (error: Error) => (): never => {
    throw error;
  };
  /** Failure modes: the script, and whether an attempt begins with this request. */
  const modes: Readonly<Record<string, Script>> = {
    'connections are refused': { list: refuse(CUT), watch: refuse(CUT) },
    'lists are refused with 500': { list: refuse(failed(500)), watch: () => ({}) },
    'lists are refused with 403': { list: refuse(failed(403)), watch: () => ({}) },
    'lists are refused with 429': { list: refuse(failed(429, '', 1_000)), watch: () => ({}) },
    'watches are refused with 500': { list: empty, watch: refuse(failed(500)) },
    'watches are refused with 410': { list: empty, watch: refuse(failed(410)) },
    'watches end cleanly at once': { list: empty, watch: () => ({}) },
    'watches are cut at once': { list: empty, watch: () => ({ error: CUT }) },
    'watches are too old at once': { list: empty, watch: () => ({ error: failed(410) }) },
    'the server lags behind forever': {
      list: ({ query }) => {
        if (query.resourceVersion !== undefined) throw TOO_LARGE;
        return empty();
      },
      watch: () => ({ error: CUT }),
    },
    'answers are no lists': { list: () => 'hello', watch: () => ({}) },
    'events come out of order': {
      list: empty,
      watch: () => ({ events: [event('ADDED', 'a', '3')] }),
    },
    'watches are cut after 29 s': { list: empty, watch: () => ({ livesFor: 29_000, error: CUT }) },
    'watches are cut after 30 s': { list: empty, watch: () => ({ livesFor: 30_000, error: CUT }) },
    'watches end cleanly after 30 s': { list: empty, watch: () => ({ livesFor: 30_000 }) },
  };
  for (const [mode, script] of Object.entries(modes)) {
    it(`7 attempts in the first minute and 3 in a later one: ${mode}`, async () => {
      const { api } = await follow(script, { until: HOUR });
      // An attempt is what is asked at one moment of this clock: a probe, a list, a watch.
      const attempts = [...new Set(api.requests.map(({ at }) => at))];
      expect(mostPerMinute(attempts)).to.be.at.most(7);
      expect(mostPerMinute(attempts.filter((at) => at > 60_000))).to.be.at.most(3);
      expect(mostPerMinute(api.requests.map(({ at }) => at))).to.be.at.most(3 * 7);
    });
  }

  it('13 attempts in any minute of a failure that comes and goes', async () => {
    for (const failures of [1, 2, 3, 4]) {
      let watches = 0;
      const { api } = await follow(
        {
          list: empty,
          watch: () =>
            watches++ % (failures + 1) === 0 ? { livesFor: 30_000, error: CUT } : { error: CUT },
        },
        { until: HOUR },
      );
      const attempts = api.requests.filter(({ verb }) => verb === 'watch').map(({ at }) => at);
      expect(mostPerMinute(attempts)).to.be.at.most(13);
    }
  });
});
