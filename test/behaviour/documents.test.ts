/** The example of docs/ci-goldens.md for tests of packets holds for the example node. */

import { expect, use } from 'chai';
import { packets } from '../../src/chai.js';
import type { Compiled } from '../../src/index.js';
import { exampleRules } from '../support/cases/example-node.js';
import { allDocuments } from '../support/documents.js';

const ASSERTIONS = [...allDocuments().matchAll(/^(expect\(rules\)\.from\(.*);$/gm)].map(
  ([, text = '']) => text,
);

describe('behaviour: the example of docs/ci-goldens.md', () => {
  use(packets);
  for (const mode of ['iptables', 'nftables'] as const)
    it(`holds in mode ${mode}`, () => {
      expect(ASSERTIONS).to.have.length(5);
      for (const text of ASSERTIONS) {
        const run = new Function('expect', 'rules', text) as (
          given: typeof expect,
          rules: Compiled,
        ) => void;
        run(expect, exampleRules(mode));
      }
    });
});
