/** What the log of an agent looks like to people, to parsers of klog, and to parsers of JSON. */

import { expect } from 'chai';
import { logObserver } from '../../../src/agent/observers/log.js';
import {
  durationText,
  type Log,
  openLog,
  textLine,
} from '../../../src/agent/observers/log-writer.js';
import type { Diagnostic } from '../../../src/diagnostics.js';
import { LoadError, ToolError } from '../../../src/errors.js';
import { driftReport, syncReport } from '../reports.js';

async function lines(
  format: 'json' | 'text',
  act: (log: Log) => void,
  verbosity = 0,
): Promise<string[]> {
  let text = '';
  const sink = {
    write: (line: string): void => {
      text += line;
    },
  };
  act(await openLog({ format, verbosity, sink }));
  expect(text === '' || text.endsWith('\n')).to.equal(true);
  return text.split('\n').slice(0, -1);
}

/** The lines without date, time and process. */
async function said(act: (log: Log) => void, verbosity = 0): Promise<string[]> {
  const all = await lines('text', act, verbosity);
  return all.map((line) => line.replace(/^(.)\d{4} [\d:.]+ +\d+ /, '$1 '));
}

const doubt: Diagnostic = { code: 'c', severity: 'warning', message: 'doubt', hint: 'look' };

describe('agent/log', () => {
  it('writes lines as klog does', () => {
    const at = new Date(2026, 10, 20, 9, 4, 5, 67);
    const fields = { ipFamily: 'IPv4', count: 3, none: undefined, empty: '', list: ['a'] };
    expect(
      textLine({ letter: 'W', part: 'sync', message: 'it "is"', fields, at, pid: 42 }),
    ).to.equal(
      'W1120 09:04:05.067000      42 sync:1] "it \\"is\\"" ipFamily="IPv4" count=3 list=["a"]\n',
    );
    expect(
      textLine({
        letter: 'I',
        part: 'sync',
        message: 'm',
        fields: { seconds: 0.047698 },
        at,
        pid: 1234567,
      }),
    ).to.equal('I1120 09:04:05.067000 1234567 sync:1] "m" elapsed="47.698ms"\n');
    expect([0, 0.0000123, 0.0012, 1, 61.5].map(durationText)).to.deep.equal([
      ...['0µs', '12.3µs', '1.2ms', '1s', '61.5s'],
    ]);
  });

  it('keeps an event on one line of bounded length, whatever is in it', async () => {
    const hostile = { err: `a\nI1120 x\u001b[2J\u202e\u2028${'y'.repeat(1e6)}`, list: ['\u009b'] };
    for (const format of ['text', 'json'] as const) {
      const all = await lines(format, (log) => log.error('sync', 'failed', hostile));
      expect(all).to.have.length(1);
      expect(all[0]!.length).to.be.lessThan(3000);
      expect(all[0]).to.not.include('\u001b');
    }
    const [text] = await lines('text', (log) => log.error('sync', 'failed', hostile));
    expect(text).to.not.match(/[\p{Cc}\p{Cf}\u2028]/u);
  });

  it('writes one JSON object per line', async () => {
    const [line] = await lines('json', (log) =>
      logObserver(log).failed({
        family: 'IPv6',
        kind: 'partial',
        seconds: 0.5,
        retryAfter: 30_000,
        error: new LoadError(
          'refused',
          { reason: 'r', line: '-A X', file: '' },
          { hint: 'do this' },
        ),
      }),
    );
    const { time, pid, ...rest } = JSON.parse(line ?? '');
    expect(pid).to.equal(process.pid);
    expect(Math.abs(Date.parse(time) - Date.now())).to.be.lessThan(60_000);
    expect(rest).to.deep.equal({
      level: 'error',
      part: 'sync',
      ipFamily: 'IPv6',
      seconds: 0.5,
      kind: 'partial',
      error: 'LoadError',
      err: 'refused',
      hint: 'do this',
      line: '-A X',
      retryAfter: '30s',
      msg: 'SyncProxyRules failed',
    });
  });

  it('logs which removals are delayed, and the outcome', async () => {
    const services = ['shop/a', 'shop/b'];
    const all = await lines('json', (log) => {
      const { removals } = logObserver(log);
      for (const outcome of ['held', 'removed', 'restored'] as const)
        removals({ outcome, services, gracePeriod: 30_000 });
    });
    const logged = all.map((line) => JSON.parse(line));
    expect(logged.map(({ level, msg }) => `${level} ${msg}`)).to.deep.equal([
      'warn Most Services are missing, and keep their rules for now',
      'warn Missing Services are removed',
      'info Missing Services are back',
    ]);
    expect(logged[0]).to.deep.include({ count: 2, services, gracePeriod: '30s' });
    expect(logged[0].hint).to.include('--removal-grace-period 0');
  });
});

describe('agent/log-observer', () => {
  it('writes one line per sync, with counts and times, in the words of kube-proxy', async () => {
    const report = syncReport();
    const found = await said((log) => logObserver(log).synced(report));
    expect(found).to.deep.equal([
      'I sync:1] "SyncProxyRules complete" ipFamily="IPv4" elapsed="12ms" kind="full" from="kernel" ' +
        'numServices=1 numEndpoints=3 chainsCreated=1 chainsChanged=2 chainsDeleted=1 rulesAdded=2 ' +
        'rulesRemoved=1 bytesSent=5 verified=true refused=["shop/bad:http TCP"]',
    ]);
  });

  it('logs a diagnostic again only after it was gone', async () => {
    const other = { ...doubt, message: 'another' };
    const found = await said((log) => {
      const { synced, noticed, source } = logObserver(log);
      for (const diagnostics of [[doubt], [doubt], [doubt, other], [other], [doubt]])
        synced({ ...syncReport(), diagnostics });
      noticed([other, other]);
      noticed([other]);
      source({ kind: 'Service', state: 'stale', reason: 'gone' });
      source({ kind: 'Service', state: 'stale', reason: 'gone' });
      source({ kind: 'Service', state: 'following', reason: '' });
      noticed([other]);
    });
    expect(found.filter((line) => !line.includes('SyncProxyRules'))).to.deep.equal([
      'W input:1] "doubt" ipFamily="IPv4" code="c" hint="look"',
      'W input:1] "another" ipFamily="IPv4" code="c" hint="look"',
      'W input:1] "doubt" ipFamily="IPv4" code="c" hint="look"',
      'W input:1] "another" code="c" hint="look"',
      'W source:1] "Objects are not followed" kind="Service" reason="gone"',
      'I source:1] "Caches are synced" kind="Service"',
      'W input:1] "another" code="c" hint="look"',
    ]);
  });

  it('bounds the lines about one event', async () => {
    const many = Array.from({ length: 5000 }, (_, i) => ({ ...doubt, message: `doubt ${i}` }));
    const found = await said((log) => logObserver(log).noticed(many));
    expect(found).to.have.length(101);
    expect(found[100]).to.match(/"More diagnostics are left out" count=4900/);
  });

  it('names Service and rule of what drifted, and is silent about looks that found nothing', async () => {
    const found = await said((log) => {
      logObserver(log).drift(driftReport());
      logObserver(log).drift({ ...driftReport(), findings: [], count: 0 });
    });
    expect(found).to.deep.equal([
      'W drift:1] "The kernel does not hold what was loaded" ipFamily="IPv4" check="quick" elapsed="3ms" count=2 repair=true',
      'W drift:1] "Drift" ipFamily="IPv4" kind="rule" table="nat" chain="KUBE-SVC-X" service="shop/web:http TCP" rule="- -A KUBE-SVC-X -j KUBE-SEP-Y"',
      'W drift:1] "Drift" ipFamily="IPv4" kind="chain" table="nat" chain="KUBE-SERVICES"',
    ]);
  });

  it('logs once that rules cannot be compared, and once that they can again', async () => {
    const error = new ToolError('nft does not answer', 'nft', { hint: 'install nftables' });
    const found = await said((log) => {
      const observer = logObserver(log);
      const clean = { ...driftReport(), findings: [], count: 0 };
      observer.driftFailed({ family: 'IPv4', check: 'quick', error });
      observer.driftFailed({ family: 'IPv4', check: 'watch', error });
      observer.drift({ ...clean, check: 'full' });
      observer.drift(clean);
      observer.drift(clean);
    });
    expect(found).to.deep.equal([
      'W drift:1] "The rules cannot be compared" ipFamily="IPv4" check="quick" reason="nft does not answer" hint="install nftables"',
      'I drift:1] "The rules can be compared again" ipFamily="IPv4" check="quick"',
    ]);
  });

  it('logs details with -v=4 only', async () => {
    const act = (log: Log): void => {
      const observer = logObserver(log);
      observer.changed([{ kind: 'Service', service: 'a/b' }, { kind: 'Node' }]);
      observer.queued(['IPv4', 'IPv6']);
      observer.started('IPv4');
      observer.drift({ ...driftReport(), findings: [], count: 0 });
      observer.noticed([{ ...doubt, severity: 'note' }]);
      observer.flows({ family: 'IPv4', seconds: 1, deleted: 0, diagnostics: [] });
    };
    expect(await said(act, 3)).to.deep.equal([]);
    expect(await said(act, 4)).to.deep.equal([
      'I source:1] "Objects changed" objects=2 services=["a/b"]',
      'I sync:1] "Sync queued" ipFamilies=["IPv4","IPv6"]',
      'I sync:1] "Syncing proxy rules" ipFamily="IPv4"',
      'I drift:1] "No drift" ipFamily="IPv4" check="quick" elapsed="3ms" count=0',
      'I input:1] "doubt" code="c" hint="look"',
      'I conntrack:1] "Finished reconciling conntrack entries" ipFamily="IPv4" elapsed="1s" entriesDeleted=0',
    ]);
  });

  it('shows where a defect was, and what a node lost', async () => {
    const found = await said((log) => {
      const observer = logObserver(log);
      const error = new TypeError('x');
      error.stack = 'TypeError: x at y';
      observer.failed({ family: 'IPv4', kind: 'full', seconds: 1, error, retryAfter: 1500 });
      observer.node('tainted');
      observer.node('eligible');
      observer.flows({ family: 'IPv6', seconds: 0.002, deleted: 4, diagnostics: [doubt] });
    });
    expect(found).to.deep.equal([
      'E sync:1] "SyncProxyRules failed" ipFamily="IPv4" elapsed="1s" kind="full" error="TypeError" err="x" stack="TypeError: x at y" retryAfter="1.5s"',
      'W node:1] "Node is not eligible for traffic" reason="tainted"',
      'I node:1] "Node is eligible for traffic"',
      'I conntrack:1] "Finished reconciling conntrack entries" ipFamily="IPv6" elapsed="2ms" entriesDeleted=4',
      'W input:1] "doubt" ipFamily="IPv6" code="c" hint="look"',
    ]);
  });
});
