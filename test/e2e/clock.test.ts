/**
 * Time is read in one place, and what an agent waits for and counts is measured by the clock that
 * nobody sets: the wall clock is shown to people, names something, or stands beside times of
 * others.
 */

import { expect } from 'chai';
import { sourceFiles } from '../support/source-files.js';

const TIME = /\b(?:Date\.now|performance|setTimeout|setInterval|hrtime)\b|\bnew Date\(\)/;
/** Sockets have a method of the same name, which Node's HTTP server calls. */
const SOCKETS = ['agent/serving/pieces.ts', 'agent/serving/port.ts'];
const SOCKET_TIMEOUT = /\.setTimeout\(|\bsetTimeout\(milliseconds: number\): this/g;
const WALL = /\bwall\b/;

/** Files that read the wall clock, each with what it is for. */
const READ_IT: Readonly<Record<string, string>> = {
  'agent/observers/events.ts': 'times and names of Events',
  'agent/observers/log-writer.ts': 'times of log lines',
  'agent/serving/answer.ts': 'the header Date',
  'agent/serving/health-server.ts': 'times in answers',
  'agent/serving/metrics-server.ts': 'the start in answers',
  'agent/serving/node-report.ts': 'the time of a report',
  'agent/serving/own-metrics.ts': 'metrics that are times',
  'agent/serving/proxy-health.ts': 'the time of the last sync in answers',
  'agent/serving/recent.ts': 'times of what happened lately',
  'agent/serving/sync-metrics.ts': 'metrics that are times, and times that an API server gives',
  'agent/serving/zpages.ts': 'the uptime that is shown',
  'agent/sources/kept-files.ts':
    'compared with the time in a file; a time in the future says nothing',
  'apply/failed-input.ts': 'part of a file name',
  'cli/commands/get.ts': 'ages of objects',
  'cli/commands/lint.ts': 'the day on which a suppression ends',
  'cli/commands/report.ts': 'the time of a report',
  'cluster/exec-plugin.ts': "compared with the time at which a plugin's credentials expire",
  'cluster/oidc.ts': 'compared with the time at which an identity token expires',
};

describe('e2e: time', () => {
  it('is read by the clock alone', () => {
    const found = sourceFiles().filter(({ path, code }) =>
      TIME.test(SOCKETS.includes(path) ? code.replaceAll(SOCKET_TIMEOUT, '') : code),
    );
    expect(found.map(({ path }) => path)).to.deep.equal(['host/clock.ts']);
  });

  it('decides about nothing where the wall clock is read', () => {
    const found = sourceFiles().filter(
      ({ path, code }) => path !== 'host/clock.ts' && WALL.test(code),
    );
    expect(found.map(({ path }) => path)).to.deep.equal(Object.keys(READ_IT));
  });
});
