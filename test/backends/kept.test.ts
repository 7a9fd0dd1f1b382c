/** Services that were not understood keep what the kernel has for them; nobody else does. */

import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import type { Family } from '../../src/net/ip.js';
import { compileSnapshot, print } from '../../src/pipeline.js';
import type { BackendName, Ruleset } from '../../src/ruleset/types.js';
import { EVERY_OTHER_SERVICE, type KubernetesObject } from '../../src/snapshot/types.js';
import { snapshotOf } from '../model/support.js';
import { shop } from '../support/cases/apply-case.js';
import { TESTED_BACKENDS } from '../support/cases/backends.js';

const FAMILY: Family = 'IPv4';

for (const { mode } of TESTED_BACKENDS) keptSuite(mode);

function keptSuite(mode: BackendName): void {
  function rules(...objects: readonly KubernetesObject[]): Ruleset {
    return compileSnapshot(snapshotOf(...objects), FAMILY, { mode }).ruleset;
  }

  describe(`backends/${mode}/kept`, () => {
    const kernel = BACKENDS[mode].read(
      print(rules(...shop('a', 1, 2), ...shop('b', 2, 2), ...shop('ab', 3, 2))),
    );

    function changedServices(wanted: Ruleset): ReadonlySet<string> {
      const { changes } = kernel.plan(wanted);
      const origins = changes.flatMap(({ rules }) => rules.map(({ origin }) => origin));
      return new Set(origins.map((origin) => origin.replace(/[: ].*/, '')));
    }

    it('leaves a Service alone that the rules do not know', () => {
      const wanted = rules(...shop('b', 2, 2), ...shop('ab', 3, 2));
      expect([...changedServices(wanted)]).to.deep.equal(['shop/a']);
      const kept = kernel.keepServices(wanted, new Set(['shop/a']));
      expect([...changedServices(kept)]).to.deep.equal([]);
    });

    it('leaves a Service alone that the rules know in part, and changes the others', () => {
      const wanted = rules(...shop('a', 1, 1), ...shop('b', 2, 1), ...shop('ab', 3, 2));
      const kept = kernel.keepServices(wanted, new Set(['shop/a']));
      expect([...changedServices(kept)]).to.deep.equal(['shop/b']);
    });

    it('leaves every Service alone that the rules do not name, and changes the others', () => {
      const wanted = rules(...shop('b', 2, 1));
      const kept = kernel.keepServices(wanted, new Set([EVERY_OTHER_SERVICE]));
      expect([...changedServices(kept)]).to.deep.equal(['shop/b']);
    });

    it('takes a Service out that the kernel does not have', () => {
      const wanted = rules(
        ...shop('a', 1, 2),
        ...shop('b', 2, 2),
        ...shop('ab', 3, 2),
        ...shop('new', 4, 1),
      );
      const kept = kernel.keepServices(wanted, new Set(['shop/new']));
      expect([...changedServices(kept)]).to.deep.equal([]);
    });
  });
}
