/**
 * What holds of every fixture, recorded or golden: see checkDocument, and that recompiling equals
 * compiling.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { loadHostFacts } from '../../src/config/host-facts.js';
import { loadConfig } from '../../src/config/load.js';
import type { Family } from '../../src/net/ip.js';
import { type CompileOptions, compileSnapshot, print } from '../../src/pipeline.js';
import { loadSnapshot } from '../../src/snapshot/load.js';
import { objectRef, type Snapshot } from '../../src/snapshot/types.js';
import { type SnapshotChange, updateSnapshot } from '../../src/snapshot/update.js';
import { TESTED_BACKENDS } from '../support/cases/backends.js';
import { conformanceCases } from '../support/cases/conformance-cases.js';
import { goldenCases } from '../support/cases/golden-cases.js';

const FIXTURES: readonly { readonly name: string; readonly folder: string }[] = [
  ...goldenCases(),
  ...conformanceCases().map(({ name, url }) => ({ name, folder: fileURLToPath(url) })),
];

function read(folder: string): { readonly snapshot: Snapshot; readonly given: CompileOptions } {
  const text = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const has = (file: string): boolean => existsSync(join(folder, file));
  return {
    snapshot: loadSnapshot([{ name: 'snapshot.yaml', text: text('snapshot.yaml') }]).snapshot,
    given: {
      ...(has('config.yaml')
        ? { config: loadConfig(text('config.yaml'), 'config.yaml').config }
        : {}),
      ...(has('host.yaml') ? { host: loadHostFacts(text('host.yaml'), 'host.yaml') } : {}),
    },
  };
}

/**
 * What happens to a cluster: a Service goes, one loses an endpoint, one gets another port number.
 */
function changes({ services, slices, nodes }: Snapshot): readonly SnapshotChange[] {
  const all = [...services.values()];
  const middle = all[all.length >> 1];
  const last = all.at(-1);
  const slice = [...slices.values()].flat().find(({ endpoints }) => endpoints.length > 0);
  const ports = last?.spec.ports?.map((port, i) => ({ ...port, port: 60_000 + i }));
  return [
    ...(middle === undefined ? [] : [{ delete: [objectRef(middle)] }]),
    ...(slice === undefined ? [] : [{ set: [{ ...slice, endpoints: slice.endpoints.slice(1) }] }]),
    ...(last === undefined || ports === undefined
      ? []
      : [{ set: [{ ...last, spec: { ...last.spec, ports } }] }]),
    ...[...nodes.values()].slice(0, 1).map((node) => ({ delete: [objectRef(node)] })),
    ...(middle === undefined ? [] : [{ set: [middle] }]),
  ];
}

describe('every fixture', () => {
  it('is there', () => {
    expect(FIXTURES.length).to.be.greaterThan(140);
  });

  for (const { mode, check } of TESTED_BACKENDS) {
    describe(`in mode ${mode}`, () => {
      for (const { name, folder } of FIXTURES) {
        it(`${name}: rules are understood, jumps lead somewhere, shares are fair, recompiling equals compiling`, () => {
          const { snapshot, given } = read(folder);
          const options = { ...given, mode };
          for (const family of ['IPv4', 'IPv6'] satisfies Family[]) {
            let before = snapshot;
            let compiled = compileSnapshot(snapshot, family, options);
            const text = print(compiled.ruleset);
            check(text, family);
            expect(print(compiled.ruleset, { jumps: false }), 'without jumps').to.not.equal(text);
            for (const change of changes(snapshot)) {
              const after = updateSnapshot(before, change);
              const again = compileSnapshot(after, family, options, compiled);
              const fresh = compileSnapshot(after, family, options);
              expect(
                print(again.ruleset) === print(fresh.ruleset),
                JSON.stringify(change).slice(0, 200),
              ).to.equal(true);
              expect(again.diagnostics).to.deep.equal(fresh.diagnostics);
              before = after;
              compiled = again;
            }
          }
        });
      }
    });
  }
});
