/** The folders below /run/vipc: one for each network namespace, removed after it. */

import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { namespaceFolder } from '../../src/host/namespace-folder.js';
import { removeStaleFolders } from '../../src/host/stale-folders.js';
import { SystemHost } from '../../src/host/system-host.js';

describe('host/namespace-folder', () => {
  let root = '';
  let boot = '';
  let own = '';

  before(async () => {
    boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).slice(0, 8);
    own = /\d+/.exec(await readlink('/proc/self/ns/net'))![0];
  });
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'vipc-folders-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('is named after the namespace and the boot', async () => {
    expect(await namespaceFolder(new SystemHost())).to.equal(`/run/vipc/ns-${own}-${boot}`);
  });

  it('ends with its namespace where that can be known, and with the boot everywhere', async () => {
    // Only root may look at the namespaces of all processes.
    const isVisible =
      (await readlink('/proc/self/ns/pid')) === 'pid:[4026531836]' && process.getuid?.() === 0;
    // The kernel numbers namespaces from 4026531840 on.
    const folders = [
      `ns-${own}-${boot}`,
      `ns-1-${boot}`,
      `ns-${own}-00000000`,
      'something',
      'ns-2',
    ];
    for (const name of folders) {
      await mkdir(join(root, name));
      await writeFile(join(root, name, 'settings.json'), '[]');
    }
    await removeStaleFolders(join(root, `ns-9-${boot}`), root);
    const gone = isVisible ? [`ns-1-${boot}`, `ns-${own}-00000000`] : [`ns-${own}-00000000`];
    const left = folders.filter((name) => !gone.includes(name));
    expect((await readdir(root)).sort()).to.deep.equal(left.sort());
  });

  it('of the own namespace stays, and a missing root is no fault', async () => {
    await mkdir(join(root, `ns-5-${boot}`));
    await removeStaleFolders(join(root, `ns-5-${boot}`), root);
    expect(await readdir(root)).to.deep.equal([`ns-5-${boot}`]);
    await removeStaleFolders(join(root, `ns-5-${boot}`), join(root, 'missing'));
  });
});
