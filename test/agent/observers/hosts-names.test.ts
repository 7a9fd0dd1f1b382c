/** The hosts file that an agent keeps. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { HostsNames } from '../../../src/agent/observers/hosts-names.js';
import type { Diagnostic } from '../../../src/diagnostics.js';
import { loadSnapshot } from '../../../src/snapshot/load.js';
import type { Snapshot } from '../../../src/snapshot/types.js';
import { service } from '../../support/cluster/small-cluster.js';
import { until } from '../../support/until.js';

function load(...names: readonly string[]): Snapshot {
  const items = names.map((name, i) => service(name, `10.96.0.${i + 1}`));
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  return loadSnapshot([{ name: 'x', text }]).snapshot;
}

describe('agent/observers/hosts-names', () => {
  let folder: string;
  let path: string;
  let said: Diagnostic[];
  const open = (): HostsNames =>
    new HostsNames({
      ...{ path, domain: 'cluster.local', families: ['IPv4'], every: 1 },
      noticed: (diagnostics) => said.push(...diagnostics),
    });
  const text = (): Promise<string> => readFile(path, 'utf8');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vipc-hosts-'));
    path = join(folder, 'hosts');
    said = [];
    await writeFile(path, '127.0.0.1 localhost\n');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('follows what is applied, and keeps lines of incomplete Services', async () => {
    const names = open();
    names.applied({ snapshot: load('web', 'db'), incomplete: new Set() });
    await until(async () => (await text()).includes('10.96.0.2 db.default.svc.cluster.local'));
    names.applied({ snapshot: load('api'), incomplete: new Set(['default/db']) });
    await until(async () => (await text()).includes('api.default.svc'));
    expect(await text())
      .to.include('127.0.0.1 localhost\n')
      .and.include(' db.default.svc ')
      .and.not.include('web');
    await names.close();
  });

  it('writes the last state at its end, and leaves it there', async () => {
    const names = open();
    names.applied({ snapshot: load('web'), incomplete: new Set() });
    await names.close();
    expect(await text()).to.include(' web.default\n');
    names.applied({ snapshot: load('late'), incomplete: new Set() });
    await names.close();
    expect(await text()).to.include(' late.default\n');
  });

  it('says a fault once, and tries again until it is gone', async () => {
    await rm(path);
    const names = open();
    names.applied({ snapshot: load('web'), incomplete: new Set() });
    await until(() => said.length > 0);
    await writeFile(path, '');
    await until(async () => (await text()).includes(' web.default\n'));
    expect(said.map(({ code }) => code)).to.deep.equal(['hosts-file-not-written']);
    expect(said[0]?.message).to.include(path);
    await names.close();
  });
});
