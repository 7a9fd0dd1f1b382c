/** The library in a bundle: for Node.js, and for a browser, where there is nothing of Node.js. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { expect } from 'chai';
import { type BuildOptions, type BuildResult, build } from 'esbuild';

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url));

/** README's example, with the objects in the code. */
const EXAMPLE = `
  import { compileSnapshot, loadSnapshot, print } from 'vipc';
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' },
    spec: { clusterIP: '10.96.0.10', ports: [{ port: 80 }] } });
  const { snapshot } = loadSnapshot([{ name: 'web.json', text }]);
  for (const mode of ['iptables', 'nftables'])
    console.log(print(compileSnapshot(snapshot, 'IPv4', { mode }).ruleset));
`;
const EXPECTED = [
  '-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m comment --comment "default/web has no endpoints"',
  'add element ip kube-proxy no-endpoint-services { 10.96.0.10 . tcp . 80',
];

/** The packages that README's example needs. */
const PACKAGES: readonly string[] = ['@noble/hashes', 'js-yaml'];

/** The bundle of code that imports vipc, as package.json lets a bundler see it. */
async function bundle(code: string, options: BuildOptions): Promise<string> {
  return (await bundled(code, options)).outputFiles?.[0]?.text ?? '';
}

async function bundled(code: string, options: BuildOptions): Promise<BuildResult> {
  return build({
    stdin: { contents: code, resolveDir: SOURCE },
    alias: { vipc: join(SOURCE, 'index.ts') },
    bundle: true,
    write: false,
    logLevel: 'silent',
    ...options,
  });
}

/** What esbuild does by itself with the field `browser`, whose paths are those of what is built. */
const IN_BROWSER: BuildOptions = {
  platform: 'browser',
  format: 'iife',
  plugins: [
    {
      name: 'browser',
      setup: ({ onResolve }) =>
        onResolve({ filter: /\/sha256\.js$/ }, () => ({
          path: join(SOURCE, 'backends/sha256-browser.ts'),
        })),
    },
  ],
};

describe('bundles of the library', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-bundle-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  for (const [format, file] of [
    ['esm', 'main.mjs'],
    ['cjs', 'main.cjs'],
  ] as const)
    it(`run on Node.js as ${format}`, async () => {
      const path = join(folder, file);
      writeFileSync(path, await bundle(EXAMPLE, { platform: 'node', format }));
      const text = execFileSync(process.execPath, [path], { cwd: folder, encoding: 'utf8' });
      for (const line of EXPECTED) expect(text).to.include(line);
    });

  it('run in a browser', async () => {
    const code = await bundle(EXAMPLE, IN_BROWSER);
    expect(code).to.not.match(/require\("node:|from "node:/);
    const printed: string[] = [];
    const log = (text: string): void => void printed.push(text);
    // A context has what ECMAScript defines; these are of every browser.
    const context = createContext({ console: { log }, TextEncoder, TextDecoder, URL });
    runInContext(code, context);
    for (const line of EXPECTED) expect(printed.join('\n')).to.include(line);
  });

  it('hold these packages: another parser of YAML or checker of schemas would be seen', async () => {
    const { metafile } = await bundled(EXAMPLE, { ...IN_BROWSER, minify: true, metafile: true });
    const files = Object.entries(Object.values(metafile?.outputs ?? {})[0]?.inputs ?? {});
    const bytes = new Map<string, number>();
    for (const [file, { bytesInOutput }] of files) {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
      if (name !== undefined) bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
    }
    expect([...bytes.keys()]).to.have.members(PACKAGES);
    // Of each only what is needed: Handlebars without its compiler, one hash.
    expect([...bytes.values()].reduce((sum, one) => sum + one, 0)).to.be.below(210_000);
  });

  it('hold what is used alone', async () => {
    const code = `import { parseIp } from 'vipc'; console.log(parseIp('192.0.2.1'));`;
    const text = await bundle(code, { platform: 'node', format: 'esm', minify: true });
    expect(text.length).to.be.below(3000);
  });
});
