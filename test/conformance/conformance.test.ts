/** Every recorded case compiles to what kube-proxy 1.36.2 made of it, in both families. */

import { expect } from 'chai';
import { type Compiled, type Family, print } from '../../src/index.js';
import { canonIptables } from '../support/canon.js';
import {
  type ConformanceCase,
  conformanceCases,
  hasSharedCases,
  loadCase,
  readCaseFile,
} from '../support/conformance-cases.js';
import { lineDiff } from '../support/line-diff.js';
import { EXCEPTIONS } from './exceptions.js';

const cases = conformanceCases();

function compileCase(found: ConformanceCase): (family: Family) => Compiled {
  const { diagnostics, compile } = loadCase(found);
  const legacy = found.name.endsWith('-legacy');
  if (!legacy) expect(diagnostics.filter((d) => d.severity === 'error')).to.deep.equal([]);
  return compile;
}

describe('conformance', () => {
  before(() => {
    if (!hasSharedCases())
      console.log(
        '    (random and large cases are not beside this checkout: only the fixtures are compared)',
      );
  });

  it('has the fixtures to compare', () => {
    expect(cases.filter((found) => found.recordedHere)).to.have.length.greaterThan(130);
  });

  it('has a case for every exception', () => {
    for (const { cases: names, reason } of EXCEPTIONS) {
      expect(
        cases.some(({ name }) => names.test(name)),
        reason,
      ).to.equal(true);
    }
  });

  for (const found of cases) {
    it(found.name, () => {
      const compile = compileCase(found);
      const exception = EXCEPTIONS.find(({ cases: names }) => names.test(found.name));
      for (const family of ['IPv4', 'IPv6'] satisfies Family[]) {
        const recorded = readCaseFile(found, `expected.iptables.v${family.slice(3)}`);
        const expected = exception === undefined ? recorded : exception.expected(recorded);
        const compiled = compile(family);
        expect(lineDiff(canonIptables(print(compiled.ruleset)), expected), family).to.equal('');
        if (exception === undefined) continue;
        expect(expected, exception.reason).to.not.equal(recorded);
        expect(compiled.diagnostics.map(({ code }) => code)).to.include(exception.diagnostic);
      }
    });
  }
});
