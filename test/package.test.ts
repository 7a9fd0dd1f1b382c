/** What users get: the packed files, and that the built package works from somewhere else. */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Bytes of the package, as it is downloaded and as it lies on the disk: about twice what it has. */
const MAX_PACKED = 1_000_000;
const MAX_UNPACKED = 4_000_000;

interface Manifest {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
}

/** What `npm pack` tells of the package. */
interface Listing {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

function manifest(): Manifest {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
}

/** Every file that package.json says there is. */
function entryPoints({ bin, exports }: Manifest): readonly string[] {
  const targets = Object.values(exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  return [...Object.values(bin), ...targets];
}

describe('package', () => {
  /** A copy of the package as it is before packing, built; and beside it somebody else's project. */
  let folder = '';
  let copy = '';
  let listing: Listing;
  let packed: readonly string[] = [];

  before(function build() {
    this.timeout(120_000);
    folder = mkdtempSync(join(tmpdir(), 'vipc-package-'));
    copy = join(folder, 'vipc');
    mkdirSync(copy);
    for (const name of [
      'package.json',
      'tsconfig.json',
      'tsconfig.build.json',
      'src',
      'templates',
      'deploy',
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
      '.npmrc',
      'test',
      'scripts',
      'fixtures/golden',
    ])
      if (existsSync(join(ROOT, name)))
        cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const built = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
      cwd: copy,
      encoding: 'utf8',
    });
    expect(built.stdout, 'what the compiler says').to.equal('');
    expect(built.status).to.equal(0);
    const listed: unknown = JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
        cwd: copy,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
    [listing] = listed as readonly [Listing];
    packed = listing.files.map(({ path }) => path);
    mkdirSync(join(folder, 'user/node_modules'), { recursive: true });
    symlinkSync(copy, join(folder, 'user/node_modules/vipc'));
    symlinkSync(join(ROOT, 'node_modules/chai'), join(folder, 'user/node_modules/chai'));
    writeFileSync(join(folder, 'user/package.json'), '{"type": "module"}');
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** What a module of somebody else's project prints; whether this run updates golden files is not its business. */
  function runModule(code: string): string {
    const { UPDATE_GOLDEN: _, ...env } = process.env;
    const file = join(folder, 'user/main.mjs');
    writeFileSync(file, code);
    return execFileSync(process.execPath, [file], {
      cwd: join(folder, 'user'),
      env,
      encoding: 'utf8',
    });
  }

  it('holds code, templates, deploy/, README, CHANGELOG and LICENSE, and nothing else', () => {
    const wanted = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'deploy/vipc.service'];
    for (const name of ['frame', 'port']) wanted.push(`templates/iptables/kube-proxy/${name}.hbs`);
    expect(
      wanted.filter((path) => !packed.includes(path)),
      'missing',
    ).to.deep.equal([]);
    const others = packed.filter(
      (path) =>
        !/^dist\/.*\.(?:js|d\.ts)$/.test(path) &&
        !/^templates\/(?:iptables|nftables)\/.*\.hbs$/.test(path) &&
        !path.startsWith('deploy/') &&
        !/^(?:package\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(path),
    );
    expect(others).to.deep.equal([]);
  });

  it('holds every file that package.json points to', () => {
    const entries = entryPoints(manifest());
    expect(entries).to.have.length.greaterThan(4);
    for (const entry of entries) {
      expect(packed.includes(entry.replace(/^\.\//, '')), entry).to.equal(true);
      expect(existsSync(join(copy, entry)), entry).to.equal(true);
    }
  });

  it('is small', () => {
    expect(listing.size).to.be.below(MAX_PACKED);
    expect(listing.unpackedSize).to.be.below(MAX_UNPACKED);
  });

  it('has no fault that publint finds', async () => {
    const { messages } = await publint({
      pkgDir: copy,
      pack: false,
      strict: true,
      level: 'warning',
    });
    expect(messages.map((message) => formatMessage(message, manifest()))).to.deep.equal([]);
  });

  it('pins everything it needs, and asks for chai only from those who test with it', () => {
    const { dependencies, devDependencies, peerDependenciesMeta } = manifest();
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      expect(version, name).to.match(/^\d+\.\d+\.\d+$/);
    expect(peerDependenciesMeta).to.deep.equal({ chai: { optional: true } });
  });

  it('compiles for somebody who imports it elsewhere', () => {
    const text = runModule(`
      import { compileSnapshot, loadSnapshot, print } from 'vipc';
      const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' },
        spec: { clusterIP: '10.96.0.10', ports: [{ port: 80 }] } };
      const { snapshot } = loadSnapshot([{ name: 'web.json', text: JSON.stringify(service) }]);
      console.log(print(compileSnapshot(snapshot, 'IPv4').ruleset));
    `);
    expect(text).to.include(
      '-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m comment --comment "default/web has no endpoints"',
    );
  });

  it('compares golden files for somebody who imports vipc/chai elsewhere', () => {
    writeFileSync(join(folder, 'user/golden.txt'), 'right\n');
    const text = runModule(`
      import { expect, use } from 'chai';
      import { goldenFiles, unusedGoldens } from 'vipc/chai';
      use(goldenFiles);
      expect('right\\n').to.matchGolden('golden.txt');
      try { expect('wrong\\n').to.matchGolden('golden.txt'); } catch (error) { console.log(error.message); }
      console.log(unusedGoldens('.').includes('golden.txt'));
    `);
    expect(text).to.match(/golden\.txt:1: .*expected "right", got "wrong"/);
    expect(text).to.match(/false\n$/);
  });

  it('has a command that runs from elsewhere', () => {
    const { bin, version } = manifest();
    const file = join(folder, 'user/node_modules/vipc', bin.vipc!);
    expect(readFileSync(file, 'utf8')).to.match(/^#!\/usr\/bin\/env node\n/);
    const printed = execFileSync(process.execPath, [file, '--version'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(printed).to.equal(`${version}\n`);
  });
});
