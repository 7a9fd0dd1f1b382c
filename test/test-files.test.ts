/** `scripts/test` runs every file of tests, and none twice. */

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { expect } from 'chai';

/** What mocha makes of patterns: it runs a file as often as one of them names it. */
const collectFiles = createRequire(import.meta.url)(
  'mocha/lib/cli/collect-files.cjs',
) as (options: {
  readonly spec: readonly string[];
  readonly extension: readonly string[];
  readonly ignore: readonly string[];
  readonly file: readonly string[];
}) => { readonly files: readonly string[] };

describe('scripts/test', () => {
  it('names every file of tests once', () => {
    const script = readFileSync('scripts/test', 'utf8');
    const spec = [...script.matchAll(/'(test\/\S+\.test\.ts)'/g)].map(
      ([, pattern = '']) => pattern,
    );
    const { files } = collectFiles({ spec, extension: ['ts'], ignore: [], file: [] });
    const all = readdirSync('test', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => resolve('test', name));
    expect(files.toSorted()).to.deep.equal(all.toSorted());
  });
});
