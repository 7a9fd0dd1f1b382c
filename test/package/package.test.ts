/**
 * What users get: the packed files, their types, and that the package works from somewhere else.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { expect } from 'chai';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { type PackedPackage, packPackage, ROOT } from '../support/process/packed-package.js';
import { skipMissing } from '../support/skip-missing.js';

/**
 * Bytes of the package, as it is downloaded and as it lies on the disk: about twice what it has.
 */
const MAX_PACKED = 1_000_000;
const MAX_UNPACKED = 4_000_000;

interface Manifest {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, Entry>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
}

type Entry = string | { readonly [condition: string]: Entry };

function manifest(): Manifest {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
}

/** Every file that an entry of `exports` leads to. */
function filesOf(entry: Entry): readonly string[] {
  return typeof entry === 'string' ? [entry] : Object.values(entry).flatMap(filesOf);
}

/** README's example, with the objects in the code. */
const EXAMPLE = `
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' },
    spec: { clusterIP: '10.96.0.10', ports: [{ port: 80 }] } };
  const { snapshot } = loadSnapshot([{ name: 'web.json', text: JSON.stringify(service) }]);
  console.log(print(compileSnapshot(snapshot, 'IPv4').ruleset));
`;
const IMPORTED = `import { compileSnapshot, loadSnapshot, print } from 'vipc';${EXAMPLE}`;
const REQUIRED = `const { compileSnapshot, loadSnapshot, print } = require('vipc');${EXAMPLE}`;
/** A golden case of each mode. */
const GOLDEN = [
  {
    folder: join(ROOT, 'fixtures/golden/dual-stack'),
    expected: 'iptables.v4.rules',
    flags: ['--mode', 'iptables', '--family', 'ipv4'],
  },
  {
    folder: join(ROOT, 'fixtures/golden/nftables-dual-stack'),
    expected: 'nftables.nft',
    flags: ['--mode', 'nftables'],
  },
];
const EXPECTED =
  '-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m comment --comment "default/web has no endpoints"';

describe('package', () => {
  let built: PackedPackage;
  let packed: readonly string[] = [];

  before(() => {
    built = packPackage();
    packed = built.listing.files.map(({ path }) => path);
    for (const name of ['chai', '@types', '@vitest/expect', 'expect', 'ajv']) built.give(name);
  });
  after(() => built?.remove());

  it('holds code, a man page, templates, schemas, deploy/, docs/, README, CHANGELOG and LICENSE, and nothing else', () => {
    const wanted = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'deploy/vipc.service'];
    wanted.push('dist/vipc.1', 'docs/debug.md');
    wanted.push('schema/common.json', 'schema/differences.json');
    for (const name of ['frame', 'port']) wanted.push(`templates/iptables/kube-proxy/${name}.hbs`);
    expect(
      wanted.filter((path) => !packed.includes(path)),
      'missing',
    ).to.deep.equal([]);
    const others = packed.filter(
      (path) =>
        !/^dist\/(?:.*\.(?:js|d\.ts|cjs|d\.cts)|vipc\.1)$/.test(path) &&
        !/^templates\/(?:iptables|nftables)\/.*\.hbs$/.test(path) &&
        !/^schema\/[a-z]+\.json$/.test(path) &&
        !path.startsWith('deploy/') &&
        !/^docs\/(?:lint\/)?[A-Za-z0-9-]+\.md$/.test(path) &&
        !/^(?:bin\/vipc\.cjs|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(path),
    );
    expect(others).to.deep.equal([]);
  });

  it('holds every file that package.json points to', () => {
    const { bin, exports } = manifest();
    const entries = [...Object.values(bin), ...Object.values(exports).flatMap(filesOf)];
    expect(entries).to.have.length.greaterThan(16);
    for (const entry of entries) expect(packed, entry).to.include(entry.replace(/^\.\//, ''));
  });

  it('has a program of few files', () => {
    const imports = (file: string): readonly string[] =>
      [
        ...readFileSync(join(built.folder, 'dist/cli', file), 'utf8').matchAll(
          /from\s*"(\.[^"]+)"/g,
        ),
      ].map(([, path = '']) => path);
    expect(imports('main.js')).not.to.deep.equal([]);
    const chunks = packed.filter((path) => /^dist\/cli\/chunk-/.test(path));
    const files = ['main.js', ...chunks.map((path) => path.replace('dist/cli/', ''))];
    for (const path of files.flatMap(imports)) expect(path).to.match(/^\.\/chunk-[A-Z0-9]+\.js$/);
  });

  it('is small', () => {
    expect(built.listing.size).to.be.below(MAX_PACKED);
    expect(built.listing.unpackedSize).to.be.below(MAX_UNPACKED);
  });

  it('has no fault that publint finds', async () => {
    const { messages } = await publint({
      pkgDir: built.folder,
      pack: false,
      strict: true,
      level: 'warning',
    });
    expect(messages.map((message) => formatMessage(message, manifest()))).to.deep.equal([]);
  });

  it('has types that are right in every way to resolve them', async () => {
    const result = await checkPackage(createPackageFromTarballData(built.tarball));
    expect(result.types).to.not.equal(false);
    if (!('entrypoints' in result)) throw new Error('no types');
    expect(Object.keys(result.entrypoints)).to.have.members(Object.keys(manifest().exports));
    expect(result.problems).to.deep.equal([]);
  });

  it('pins everything it needs, and asks for chai only from those who test with it', () => {
    const { dependencies, devDependencies, peerDependenciesMeta } = manifest();
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      expect(version, name).to.match(/^\d+\.\d+\.\d+$/);
    expect(peerDependenciesMeta).to.deep.equal({ chai: { optional: true } });
  });

  it('compiles for somebody who imports or requires it', () => {
    expect(built.run('main.mjs', IMPORTED)).to.include(EXPECTED);
    expect(built.run('main.cjs', REQUIRED)).to.include(EXPECTED);
  });

  it('is the same for who imports and who requires it', () => {
    const text = built.run(
      'both.mjs',
      `import { createRequire } from 'node:module';
      import * as imported from 'vipc';
      const required = createRequire(import.meta.url)('vipc');
      console.log(Object.keys(imported).every((name) => imported[name] === required[name]));`,
    );
    expect(text).to.equal('true\n');
  });

  it('has types for projects of every kind, without skipLibCheck', () => {
    const uses = `import { compileSnapshot, loadSnapshot, nodeRules, print, readRules, trace, type FamilyPlan, type Snapshot, type TracedPacket } from 'vipc';
      import { customLayout } from 'vipc/custom-layout';
      import { goldenFiles, packets } from 'vipc/chai';
      import { goldenMatchers, packetMatchers, type PacketMatchers, unusedGoldens } from 'vipc/matchers';
      const snapshot: Snapshot = loadSnapshot([{ name: 'a', text: '' }]).snapshot;
      const { ruleset } = compileSnapshot(snapshot, 'IPv4');
      export const plan: FamilyPlan = readRules('iptables', print(ruleset)).plan(ruleset);
      export const found: TracedPacket = trace(nodeRules(ruleset), { from: '10.0.0.1', to: '10.96.0.1:53/udp' });
      export const check = (packet: PacketMatchers<void>, assertion: Chai.Assertion): Chai.Assertion => {
        packet.toReach({ '10.244.1.7:53': '1/2' });
        return assertion.from('pod', { inInterface: 'eth0' }).to('svc/web:80').to.reach(['10.244.1.7:53']).and.not.masquerade;
      };
      export const all: readonly unknown[] = [customLayout, goldenFiles, packets, goldenMatchers, packetMatchers, unusedGoldens];
      // @ts-expect-error There is no third family, so these are not types of anything.
      compileSnapshot(snapshot, 'IPv5');`;
    const names = ['uses.mts', 'uses.cts', 'uses.ts'];
    for (const name of names) writeFileSync(join(built.user, name), uses);
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const common = ['--noEmit', '--ignoreConfig', '--strict', '--lib', 'es2023,dom'];
    for (const options of [
      // Files that are required by their name or their package, and one that is imported.
      ['--module', 'node16', ...names],
      ['--module', 'preserve', '--moduleResolution', 'bundler', 'uses.ts'],
    ]) {
      const words = [tsc, ...common, ...options];
      const { stdout } = spawnSync(process.execPath, words, { cwd: built.user, encoding: 'utf8' });
      expect(stdout, options.join(' ')).to.equal('');
    }
  });

  it('compares golden files in chai', () => {
    writeFileSync(join(built.user, 'golden.txt'), 'right\n');
    const text = built.run(
      'chai.mjs',
      `import { expect, use } from 'chai';
      import { goldenFiles, unusedGoldens } from 'vipc/chai';
      use(goldenFiles);
      expect('right\\n').to.matchGolden('golden.txt');
      try { expect('wrong\\n').to.matchGolden('golden.txt'); } catch (error) { console.log(error.message); }
      console.log(unusedGoldens('.').includes('golden.txt'));`,
    );
    expect(text).to.match(/golden\.txt:1: .*expected "right", got "wrong"/);
    expect(text).to.match(/false\n$/);
  });

  // vitest's own `expect` is made of these parts of chai and @vitest/expect.
  const runners = {
    vitest: `import * as chai from 'chai';
      import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';
      for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);
      const { expect } = chai;
      const { extend } = expect;
      expect.extend = (matchers) => extend.call(expect, expect, matchers);`,
    jest: `import { expect } from 'expect';`,
  };
  for (const [runner, imports] of Object.entries(runners))
    it(`compares golden files in ${runner}`, () => {
      writeFileSync(join(built.user, 'golden.txt'), 'right\n');
      const said = built.run(
        `${runner}.mjs`,
        `${imports}
        import { goldenMatchers, unusedGoldens } from 'vipc/matchers';
        expect.extend(goldenMatchers);
        expect('right\\n').toMatchGolden('golden.txt');
        const said = (assertion) => {
          try { assertion(); return 'it holds'; } catch (error) { return error.message; }
        };
        console.log(JSON.stringify([
          said(() => expect('wrong\\n').toMatchGolden('golden.txt')),
          said(() => expect('wrong\\n').not.toMatchGolden('golden.txt')),
          said(() => expect('right\\n').not.toMatchGolden('golden.txt')),
          said(() => expect(1).toMatchGolden('golden.txt')),
          unusedGoldens('.').includes('golden.txt'),
        ]));`,
      );
      const [wrong, not, negated, number, unused] = JSON.parse(said) as readonly string[];
      expect(wrong).to.match(/golden\.txt:1: .*expected "right", got "wrong"/);
      for (const one of [not, negated]) expect(one).to.include('any text but one');
      expect(number).to.include('type number');
      expect(unused).to.equal(false);
    });

  for (const [runner, imports] of Object.entries(runners))
    it(`asks what becomes of packets in ${runner}`, () => {
      cpSync(join(ROOT, 'fixtures/behaviour'), join(built.user, 'example'), { recursive: true });
      const said = built.run(
        `${runner}-packets.mjs`,
        `${imports}
        import { readFileSync } from 'node:fs';
        import { compileSnapshot, loadSnapshot, nodeRules, trace } from 'vipc';
        import { packetMatchers } from 'vipc/matchers';
        expect.extend(packetMatchers);
        const sources = ['nodes', 'dns', 'shop'].map((name) =>
          ({ name, text: readFileSync('example/manifests/' + name + '.yaml', 'utf8') }));
        const { snapshot } = loadSnapshot(sources);
        const rules = nodeRules(compileSnapshot(snapshot, 'IPv4', { nodeName: 'worker-1' }), { snapshot });
        const packet = (from, to) => trace(rules, { from, to });
        const dns = packet('pod', '10.96.0.10:53/udp');
        expect(dns).toReach({ '10.244.1.7:53': '1/2', '10.244.2.9:53': '1/2' });
        expect(dns).toReach(['10.244.1.7:53', '10.244.2.9:53']);
        expect(dns).not.toReach(['10.244.2.8:53']);
        expect(dns).not.toBeRefused();
        expect(packet('10.244.1.7', '10.96.0.10:53/udp')).toMasquerade(['10.244.1.7:53']);
        expect(packet('pod', 'svc/shop/cart:80')).toBeRefused();
        expect(packet('pod', 'svc/shop/cart:80')).toBeRefused('port-unreachable');
        expect(packet('outside', '203.0.113.80:80')).toBeDropped();
        expect(packet('pod', '10.244.2.4:8080')).toBeUntouched();
        const said = (assertion) => {
          try { assertion(); return 'it holds'; } catch (error) { return error.message; }
        };
        console.log(JSON.stringify([
          said(() => expect(dns).toReach({ '10.244.1.7:53': 1 })),
          said(() => expect(dns).not.toReach()),
          said(() => expect(dns).toBeDropped()),
          said(() => expect(dns).toBeUntouched()),
          said(() => expect(dns).toMasquerade()),
          said(() => expect(dns).toBeRefused()),
          said(() => expect(rules).toReach()),
        ]));`,
      );
      const messages = JSON.parse(said) as readonly string[];
      const last = messages.at(-1);
      for (const message of messages.slice(0, -1)) {
        expect(message).to.match(
          /^expected udp \S+ -> 10\.96\.0\.10:53 (?:not )?to .*, but it reaches/,
        );
        expect(message).to.include('nat -A PREROUTING');
      }
      expect(last).to.include('about a packet');
    });

  it('runs the example of tests for mocha and for node:test', () => {
    cpSync(join(ROOT, 'fixtures/behaviour'), join(built.user, 'example'), { recursive: true });
    const run = (...words: readonly string[]): string => {
      const { stdout, stderr } = spawnSync(process.execPath, words, {
        cwd: built.user,
        encoding: 'utf8',
      });
      return stdout + stderr;
    };
    const mocha = join(ROOT, 'node_modules/mocha/bin/mocha.js');
    expect(run(mocha, 'example/mocha/dns.test.mjs')).to.include('4 passing');
    expect(run('--test', '--test-reporter=tap', 'example/node-test/shop.test.mjs')).to.include(
      '# pass 3',
    );
    // A Pod that is gone: both say it.
    const dns = join(built.user, 'example/manifests/dns.yaml');
    writeFileSync(dns, readFileSync(dns, 'utf8').replace('10.244.2.9', '10.244.2.8'));
    expect(run(mocha, 'example/mocha/dns.test.mjs')).to.include('2 failing');
    const shop = join(built.user, 'example/manifests/shop.yaml');
    writeFileSync(shop, readFileSync(shop, 'utf8').replace('10.244.1.4', '10.244.1.5'));
    const failed = run('--test', '--test-reporter=tap', 'example/node-test/shop.test.mjs');
    expect(failed).to.include('# fail 1').and.to.include('KUBE-SEP-');
  });

  it('has a command that runs from elsewhere', () => {
    const { bin, version } = manifest();
    const file = join(built.user, 'node_modules/vipc', bin.vipc!);
    // A script of a shell and of Node.
    for (const [program, ...words] of [[process.execPath, file], [file]] as const) {
      const all = [...words, '--version'];
      const printed = execFileSync(program, all, { cwd: built.user, encoding: 'utf8' });
      expect(printed, program).to.equal(`${version}\n`);
    }
  });

  /** What a command line prints, and every module that it loads. */
  function load(...words: readonly string[]): {
    readonly stdout: string;
    readonly loaded: ReadonlySet<string>;
  } {
    // Every module that is loaded is read, and the trace of the loader names it.
    const file = join(built.folder, manifest().bin.vipc!);
    const { stdout, stderr } = spawnSync(process.execPath, [file, ...words], {
      encoding: 'utf8',
      env: { ...process.env, NODE_DEBUG: 'esm,module' },
      maxBuffer: 100_000_000,
    });
    const found = stderr.matchAll(/[^\s"']+\.[cm]?js\b(?!on)/g);
    return {
      stdout,
      loaded: new Set(
        [...found].map(([path]) => relative(built.folder, path.replace('file://', ''))),
      ),
    };
  }

  it('loads no module and no package for --version', () => {
    const { stdout, loaded } = load('--version');
    expect(stdout).to.equal(`${manifest().version}\n`);
    expect([...loaded]).to.deep.equal(['bin/vipc.cjs']);
  });

  it('follows a packet through a dump without what reads objects, and from few files', () => {
    const rules = join(ROOT, 'fixtures/golden/dual-stack/expected/iptables.v4.rules');
    const { stdout, loaded } = load(
      ...['trace', '--rules', rules, '--from', '10.244.1.9', '--to', '10.96.0.10:80'],
    );
    expect(stdout).to.include('10.96.0.10:80');
    const paths = [...loaded];
    const own = paths.filter((path) => path.startsWith('dist/'));
    expect(own).to.include('dist/cli/main.js').and.to.have.length.below(50);
    expect(paths.filter((path) => /node_modules\/(?:js-yaml|execa)\//.test(path))).to.deep.equal(
      [],
    );
  });

  describe('on other releases of Node.js', () => {
    const folder = join(ROOT, '.ci/node-versions/node_modules');
    for (const name of ['node20', 'node22', 'node24'])
      it(`runs on ${name}`, function () {
        const node = join(folder, name, 'bin/node');
        if (!existsSync(node)) skipMissing(this, `other releases of Node.js need ${node}`);
        const major = execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' });
        expect(major).to.match(new RegExp(`^${name.slice(4)}\\.`));
        expect(built.run('main.mjs', IMPORTED, node)).to.include(EXPECTED);
        expect(built.run('main.cjs', REQUIRED, node)).to.include(EXPECTED);
        const vipc = (...words: readonly string[]): string =>
          execFileSync(node, [join(built.folder, manifest().bin.vipc!), ...words], {
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'ignore'],
          });
        expect(vipc('--version')).to.equal(`${manifest().version}\n`);
        expect(vipc('agent', '--help')).to.include('--healthz-bind-address');
        for (const { folder, expected, flags } of GOLDEN) {
          const file = join(folder, 'snapshot.yaml');
          const rules = vipc('compile', '-f', file, '--node-name', 'worker-1', ...flags);
          expect(rules).to.equal(readFileSync(join(folder, 'expected', expected), 'utf8'));
        }
      });
  });
});
