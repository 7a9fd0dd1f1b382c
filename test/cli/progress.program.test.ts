/** What takes long is said where a person waits: on a terminal that `script` makes. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { service } from '../support/cluster/small-cluster.js';
import { PROGRAM } from '../support/process/program.js';

const run = promisify(execFile);

describe('cli/progress', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-progress-'));
    const items = [service('web', '10.96.0.1')];
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items, note: 'x'.repeat(6e6) });
    writeFileSync(join(folder, 'large.json'), text);
  });
  after(() => rmSync(folder, { recursive: true }));

  /** What a terminal gets of `vipc hosts -f large.json`, with more behind it. */
  async function shown(more: string): Promise<string> {
    const words = PROGRAM.map((word) => `'${word}'`).join(' ');
    const line = `stty rows 24 cols 80; ${words} hosts -f ${folder}/large.json ${more}`;
    const { stdout } = await run('script', ['-qec', line, '/dev/null'], {
      env: { ...process.env, NO_COLOR: '1', SHELL: '/bin/sh' },
    });
    return stdout.replaceAll('\r\n', '\n');
  }

  const RESULT = '10.96.0.1 web.default.svc.cluster.local web.default.svc web.default\n';

  it('in one line, of which nothing stays', async () => {
    expect(await shown('')).to.equal(`\r\u001b[Kreading 6 MB of objects\r\u001b[K${RESULT}`);
  });

  it('not with -q, and not where standard error is no terminal', async () => {
    expect(await shown('-q')).to.equal(RESULT);
    expect(await shown('2>/dev/null')).to.equal(RESULT);
  });
});
