/** A folder that is followed through links, mounts and what kubelet does to a ConfigMap. */

import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { requireKernel } from '../../support/kernels/kernel-tools.js';
import { Following, followedFolder, manifest, NEVER } from './followed-folder.js';

describe('agent/sources/folder-source, links and mounts', () => {
  const place = followedFolder();
  const { follow, put } = place;

  it('follows the switch of a mounted ConfigMap, by folder and by file, and reads it once', async () => {
    for (const [version, ip] of [
      ['..1', '10.96.0.1'],
      ['..2', '10.96.0.2'],
    ] as const) {
      await mkdir(join(place.root, version));
      await put(join(version, 'a.yaml'), manifest('a', ip));
    }
    await symlink('..1', join(place.root, '..data'));
    await symlink('..data/a.yaml', join(place.root, 'a.yaml'));
    const folder = follow([place.root], NEVER, true);
    const file = new Following([join(place.root, 'a.yaml')]);
    try {
      await folder.has('default/a');
      await file.has('default/a');
      await symlink('..2', join(place.root, '..data_tmp'));
      await rename(join(place.root, '..data_tmp'), join(place.root, '..data'));
      for (const source of [folder, file]) {
        await source.until(
          'the second version',
          () => source.snapshot?.services.get('default/a')?.spec.clusterIP === '10.96.0.2',
        );
        expect(source.noticed).to.deep.equal([]);
      }
    } finally {
      await file.stop();
    }
  });

  it('keeps everything when its folder is gone or empty, as behind a mount that went', async () => {
    const folder = join(place.root, 'mount');
    await mkdir(folder);
    await put('mount/a.yaml', manifest('a'));
    const source = follow([folder]);
    await source.has('default/a');
    source.changes.length = 0;
    await rename(folder, join(place.root, 'elsewhere'));
    await source.until('gone', () => source.status === 'stale');
    expect(source.statuses.at(-1)?.reason).to.match(/mount.*does not exist.*stays in use/);
    await mkdir(folder);
    await source.until('empty', () => /recognized/.test(source.statuses.at(-1)?.reason ?? ''));
    expect(source.services).to.equal('default/a');
    expect(source.changes).to.deep.equal([]);
    await put('mount/b.yaml', manifest('b'));
    await source.has('default/b');
  });

  it('keeps the files of a folder below that was a mount and is not any more', async function () {
    requireKernel(this, ['mount', 'umount']);
    await put('a.yaml', manifest('a'));
    await mkdir(join(place.root, 'sub'));
    // Mounts of a namespace of its own: nothing is left behind.
    const script = `
      import { execFileSync } from 'node:child_process';
      import { writeFileSync } from 'node:fs';
      import { KeptFiles } from ${JSON.stringify(new URL('../../../src/agent/sources/kept-files.ts', import.meta.url).href)};
      const sub = process.argv[1] + '/sub';
      execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', sub]);
      writeFileSync(sub + '/b.yaml', 'b: 1');
      const files = new KeptFiles([process.argv[1]], true, 0);
      const looks = [await files.look()];
      execFileSync('umount', [sub]);
      looks.push(await files.look());
      console.log(JSON.stringify(looks.map((look) => [look.sources.length, look.kept.length, look.changed])));
    `;
    const { stdout } = await execa('unshare', [
      ...[
        '-m',
        process.execPath,
        '--import',
        'tsx',
        '--input-type=module',
        '-e',
        script,
        place.root,
      ],
    ]);
    expect(JSON.parse(stdout)).to.deep.equal([
      [2, 0, true],
      // The folder and its file.
      [2, 2, false],
    ]);
  });

  it('follows links to elsewhere: the file is written or replaced, and so is a link or folder in between', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'vipc-elsewhere-'));
    try {
      for (const [i, name] of ['one', 'two'].entries()) {
        await mkdir(join(elsewhere, name));
        await writeFile(join(elsewhere, name, 'a.yaml'), manifest(name, `10.96.0.${i + 1}`));
      }
      await symlink('one', join(elsewhere, 'current'));
      await symlink(join(elsewhere, 'current/a.yaml'), join(place.root, 'a.yaml'));
      const source = follow([place.root]);
      await source.has('default/one');
      await writeFile(join(elsewhere, 'one/a.yaml'), manifest('written'));
      await source.has('default/written');
      await writeFile(join(elsewhere, 'one/b.tmp'), manifest('replaced'));
      await rename(join(elsewhere, 'one/b.tmp'), join(elsewhere, 'one/a.yaml'));
      await source.has('default/replaced');
      await symlink('two', join(elsewhere, 'next'));
      await rename(join(elsewhere, 'next'), join(elsewhere, 'current'));
      await source.has('default/two');
      await writeFile(join(elsewhere, 'two/a.yaml'), manifest('again'));
      await source.has('default/again');
      await mkdir(join(elsewhere, 'three'));
      await writeFile(join(elsewhere, 'three/a.yaml'), manifest('three'));
      await rename(join(elsewhere, 'two'), join(elsewhere, 'old'));
      await rename(join(elsewhere, 'three'), join(elsewhere, 'two'));
      await source.has('default/three');
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  it('follows a file that is itself a link', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'vipc-elsewhere-'));
    try {
      await writeFile(join(elsewhere, 'real.yaml'), manifest('a'));
      await symlink(join(elsewhere, 'real.yaml'), join(place.root, 'a.yaml'));
      const source = follow([join(place.root, 'a.yaml')]);
      await source.has('default/a');
      await writeFile(join(elsewhere, 'real.yaml'), manifest('b'));
      await source.has('default/b');
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });
});
