/** Every recorded cluster is read as it stands there. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { loadAll } from 'js-yaml';
import { loadSnapshot } from '../../src/snapshot/load.js';
import { conformanceCases, hasSharedCases } from '../support/cases/conformance-cases.js';

interface Raw {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Readonly<Record<string, unknown>>;
}

describe('snapshot/load, of recorded clusters', () => {
  it(`reads every conformance case without a diagnostic${hasSharedCases() ? '' : ' (only the fixtures: the whole set is not there)'}`, () => {
    for (const { name, url } of conformanceCases()) {
      const text = readFileSync(new URL('snapshot.yaml', url), 'utf8');
      const { snapshot, diagnostics } = loadSnapshot([{ name, text }]);
      expect(diagnostics, name).to.deep.equal([]);
      const raw = loadAll(text).filter((one): one is Raw => one !== null && one !== undefined);
      for (const object of raw.filter(({ kind }) => kind === 'Service')) {
        const key = `${object.metadata.namespace}/${object.metadata.name}`;
        const kept = snapshot.services.get(key);
        const { loadBalancerClass, ...read } = object.spec ?? {};
        expect(kept?.spec, `${name} ${key}`).to.deep.equal(read);
      }
      expect(snapshot.nodes.size, name).to.equal(raw.filter(({ kind }) => kind === 'Node').length);
    }
  });
});
