/** An exported name of src/ means one thing. */

import { expect } from 'chai';
import { type SourceFile, sourceFile, sourceFiles } from './support/source-files.js';

/**
 * Names that several files outside the backends may declare, each with the reason. Both backends,
 * and the layouts of one, export the same interface.
 */
const SHARED_NAMES: Readonly<Record<string, string>> = {
  define: 'every command declares itself by this function',
  print: 'the library prints with the backend of the rules',
  sha256: 'Node.js and browsers',
  sha256Hex: 'Node.js and browsers',
};

/** The files that declare each exported type or value, by its name; re-exports declare nothing. */
function declarations(files: readonly SourceFile[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  const declaration =
    /^export (?:declare )?(?:abstract )?(?:async )?(?:interface|type|class|function\*?|const) (\w+)/gm;
  for (const { path, code } of files)
    for (const [, name = ''] of code.matchAll(declaration))
      found.set(name, (found.get(name) ?? new Set()).add(path));
  return new Map([...found].map(([name, paths]) => [name, [...paths]]));
}

/** Whether files declare the same thing: one in each backend, or in each of its layouts. */
function areCounterparts(paths: readonly string[]): boolean {
  const places = paths.map((path) => /^(backends\/\w+\/)(layouts\/[^/]+\/)?/.exec(path));
  return places.every((place, i) => {
    if (place === null) return false;
    const [whole, backend, layout] = place;
    const same = places.filter((other, j) => j !== i && other?.[1] === backend);
    return layout === undefined
      ? same.length === 0
      : same.every((other) => other?.[2] !== undefined && other[0] !== whole);
  });
}

/** Names that stand for several things, with the files that declare them. */
function ambiguous(files: readonly SourceFile[]): readonly string[] {
  return [...declarations(files)]
    .filter(
      ([name, paths]) => paths.length > 1 && !(name in SHARED_NAMES || areCounterparts(paths)),
    )
    .map(([name, paths]) => `${name}: ${paths.join(', ')}`);
}

describe('exported names', () => {
  it('an exported name means one thing', () => {
    const files = sourceFiles();
    expect(ambiguous(files)).to.deep.equal([]);
    const shared = Object.keys(SHARED_NAMES);
    expect(shared.filter((name) => (declarations(files).get(name)?.length ?? 0) < 2)).to.deep.equal(
      [],
    );
  });

  it('distinguishes counterparts from two meanings of a name', () => {
    const declaring = (...paths: readonly string[]): readonly string[] =>
      ambiguous(paths.map((path) => sourceFile(path, 'export interface Dump {}')));
    expect(declaring('plan/x.ts', 'plan/y.ts')).to.deep.equal(['Dump: plan/x.ts, plan/y.ts']);
    expect(declaring('plan/x.ts', 'backends/nftables/x.ts')).to.have.length(1);
    expect(declaring('backends/nftables/x.ts', 'backends/nftables/y.ts')).to.have.length(1);
    expect(declaring('backends/iptables/x.ts', 'backends/nftables/y.ts')).to.have.length(0);
    const layouts = 'backends/nftables/layouts';
    expect(declaring(`${layouts}/a/x.ts`, `${layouts}/a/y.ts`)).to.have.length(1);
    expect(
      declaring(`${layouts}/a/x.ts`, `${layouts}/b/x.ts`, 'backends/iptables/layouts/a/x.ts'),
    ).to.have.length(0);
    expect(declaring(`${layouts}/a/x.ts`, 'backends/nftables/x.ts')).to.have.length(1);
  });
});
