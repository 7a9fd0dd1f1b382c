/** A profile makes of every recorded case what kube-proxy of that version made of it. */

import { expect } from 'chai';
import { type BackendName, type Family, print } from '../../src/index.js';
import { canonIptables } from '../support/canon/canon.js';
import { canonNft } from '../support/canon/canon-nft.js';
import { lineDiff } from '../support/canon/line-diff.js';
import {
  type ConformanceCase,
  conformanceCases,
  hasSharedCases,
  loadCase,
} from '../support/cases/conformance-cases.js';
import { versionRecordings } from '../support/cases/version-recordings.js';
import { VERSION_EXCEPTIONS } from './version-exceptions.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const cases = conformanceCases();

/** The last rules of each case, which most versions make alike, and their canonical form. */
const last = new Map<string, { readonly printed: string; readonly form: string }>();

function canonical(
  printed: string,
  { name }: ConformanceCase,
  mode: BackendName,
  family: Family,
): string {
  const key = `${name} ${mode} ${family}`;
  const known = last.get(key);
  if (known?.printed === printed) return known.form;
  const form =
    mode === 'iptables'
      ? canonIptables(printed)
      : canonNft(printed, family === 'IPv4' ? 'ip' : 'ip6');
  last.set(key, { printed, form });
  return form;
}

before(() => {
  if (!hasSharedCases())
    console.log('    (the rest of the recordings is not beside this checkout)');
});

for (const { version, mode, textsOf } of versionRecordings()) {
  describe(`profile ${version} of mode ${mode}`, () => {
    const recorded = cases.filter((found) => FAMILIES.some((one) => textsOf(found, one)));

    it('has cases', () => {
      expect(recorded.length).to.be.greaterThan(25);
    });

    for (const found of recorded)
      it(found.name, () => {
        const { compile } = loadCase(found, mode, { profile: version.replace(/-.*$/, '') });
        for (const family of FAMILIES) {
          const texts = textsOf(found, family);
          if (texts === undefined) continue;
          const ours = canonical(print(compile(family).ruleset), found, mode, family);
          const expected = VERSION_EXCEPTIONS.filter(({ cases: names }) =>
            names.test(found.name),
          ).reduce(
            (all, { expected: change }) => all.map((text) => change[mode](text)),
            [...texts],
          );
          if (!expected.includes(ours))
            expect(lineDiff(ours, expected[0] ?? ''), family).to.equal('');
        }
      });
  });
}
