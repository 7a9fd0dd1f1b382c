/**
 * The Debian package and the single executable on minimal installations of each Debian that they
 * are for, fetched from the mirror of this machine: installed with what they depend on, run,
 * upgraded from an older version that the same scripts built, under systemd, removed and purged.
 * Takes minutes: with VIPC_FULL=1 alone.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { VERSION } from '../../scripts/deploy-documents.js';
import { linesOf, needCleanRoot, runInDebian } from '../support/process/clean-root.js';
import { writeImageSteps } from '../support/process/image-steps.js';
import { OLDER, olderCheckout } from '../support/process/older-checkout.js';
import { ROOT } from '../support/process/packed-package.js';
import { skipMissing } from '../support/skip-missing.js';
import { DEBIAN_STEPS } from './debian-steps.js';

/** Releases with what `VERSION_ID` of /etc/os-release says. */
const RELEASES = [
  ['bookworm', '12'],
  ['trixie', '13'],
] as const;

const WEB = '10.96.0.10 . tcp . 80';
const API = '10.96.0.11 . tcp . 80';
const NEEDS_NFT = [
  'error: the program nft is not installed or does not answer',
  '  hint: install nftables, or use --mode iptables',
  'code 2',
];
const service = (name: string, address: string): string => `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {clusterIP: ${address}, ports: [{port: 80}]}
`;

for (const [release, id] of process.env.VIPC_FULL === '1' ? RELEASES : [])
  describe(`Debian ${id}`, () => {
    let folder = '';
    let done: ReadonlyMap<string, string> = new Map();
    const lines = (step: string): readonly string[] => linesOf(done, step);

    before(function () {
      // What the mirror and a busy machine may take.
      this.timeout(1_800_000);
      needCleanRoot(this);
      if (spawnSync('mmdebstrap', ['--version']).status !== 0)
        skipMissing(this, 'minimal Debians need mmdebstrap');
      folder = mkdtempSync(join(tmpdir(), 'vipc-debian-'));
      const packages = join(folder, 'packages');
      mkdirSync(packages);
      buildBoth(ROOT, packages, { deb: 'newer.deb', executable: 'vipc' });
      const older = join(folder, 'checkout');
      olderCheckout(older);
      buildBoth(older, packages, { deb: 'older.deb', executable: 'older' });
      writeImageSteps(packages, 'newer.deb');
      writeFileSync(join(packages, 'web.yaml'), service('web', '10.96.0.10'));
      writeFileSync(join(packages, 'api.yaml'), service('api', '10.96.0.11'));
      done = runInDebian(release, join(folder, 'place'), packages, DEBIAN_STEPS);
    });
    after(() => {
      if (folder !== '') rmSync(folder, { recursive: true });
    });

    it('has neither Node.js nor vipc to begin with', () => {
      expect(lines('before')).to.deep.equal([id, 'no node']);
    });

    it('runs the executable, and names what it needs of Debian', () => {
      expect(lines('executable')).to.deep.equal([OLDER, VERSION, ...NEEDS_NFT]);
    });

    it('needs no other package for the package, and has nothing left when it is purged', () => {
      expect(lines('bare')).to.deep.equal(['vipc', OLDER, '1', ...NEEDS_NFT]);
      expect(lines('purged-bare')).to.deep.equal([]);
    });

    it('is what the steps of deploy/Containerfile make of debian:13-slim', () => {
      expect(lines('image')).to.deep.equal([
        ...[VERSION, 'nft', 'iptables-nft', 'ip6tables-nft', 'conntrack', 'nfacct'],
      ]);
    });

    for (const what of ['executable', 'package'])
      it(`compiles, applies and cleans up with the ${what}, in both modes`, () => {
        expect(lines(`try-${what}`)).to.deep.equal(['1', WEB, '-d 10.96.0.10/32']);
      });

    it('has a man page and completions', () => {
      const [, name] = lines('manual');
      expect(name?.trim()).to.match(/^vipc (?:-|\u2013) compile /);
      expect(lines('completion').map((line) => line.split('\t')[0])).to.deep.equal([
        ...['complete -F _vipc vipc', '_vipc', 'compile', 'completion'],
      ]);
    });

    it('keeps the rules up to date as a unit of systemd, with one capability', () => {
      expect(lines('started')).to.deep.equal(['active', WEB]);
      // CAP_NET_ADMIN is number 12.
      expect(lines('confined')).to.deep.equal(['another user', '0000000000001000']);
      expect(lines('followed')).to.deep.equal([API]);
    });

    it('is started again when it is killed, and when it is upgraded', () => {
      expect(lines('killed')).to.deep.equal(['active']);
      expect(lines('upgraded')).to.deep.equal([OLDER, VERSION, 'restarted']);
    });

    it('leaves the rules when it is stopped, and nothing when it is purged', () => {
      expect(lines('stopped')).to.deep.equal([WEB, API]);
      expect(lines('removed').filter((line) => !/not-found|No such/.test(line))).to.deep.equal([
        ...['inactive', 'config.yaml', 'services'],
      ]);
      expect(lines('purged')).to.deep.equal([]);
    });
  });

/** Builds package and executable of a checkout, and calls them so. */
function buildBoth(
  checkout: string,
  packages: string,
  names: { readonly deb: string; readonly executable: string },
): void {
  const build = (script: string, words: readonly string[]): string => {
    const printed = execFileSync(join(checkout, 'scripts', script), ['--out', packages, ...words], {
      encoding: 'utf8',
    });
    return printed.trim().split('\n').at(-1) ?? '';
  };
  const words = ['--compression', 'none', '--maintainer', 'Jo Doe <jo@example.org>'];
  renameSync(build('deb', words), join(packages, names.deb));
  renameSync(build('executable', []), join(packages, names.executable));
}
