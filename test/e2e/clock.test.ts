/** What an agent waits for and counts is measured by a clock that nobody sets: where the wall clock is read, it is shown to people or names something. */

import { expect } from 'chai';
import { sourceFiles } from '../support/source-files.js';

const WALL = /\bDate\.now\b|\bnew Date\(\)/;

/** Files that read the wall clock, each with what it is for. */
const READ_IT: Readonly<Record<string, string>> = {
  'agent/observers/events.ts': 'times and names of Events',
  'agent/observers/log-writer.ts': 'times of log lines',
  'agent/serving/answer.ts': 'the header Date',
  'cluster/exec-plugin.ts': "compared with the time at which a plugin's credentials expire",
  'cluster/oidc.ts': 'compared with the time at which an identity token expires',
  'agent/sources/kept-files.ts':
    'compared with the time in a file; a time in the future says nothing',
};

describe('e2e: the wall clock', () => {
  it('decides about nothing in the folders of the agent', () => {
    const found = sourceFiles().filter(
      ({ path, code }) => /^(?:agent|cluster|drift)\//.test(path) && WALL.test(code),
    );
    expect(found.map(({ path }) => path).sort()).to.deep.equal(Object.keys(READ_IT).sort());
  });
});
