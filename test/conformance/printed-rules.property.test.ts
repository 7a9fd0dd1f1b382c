/**
 * Every rule that a recorded case compiles to in mode iptables is understood, and printed as it
 * was.
 */

import { expect } from 'chai';
import { isKnown, parseRule, printRule } from '../../src/backends/iptables/syntax/rule.js';
import { type Family, print } from '../../src/index.js';
import { conformanceCases, loadCase } from '../support/cases/conformance-cases.js';
import { rawRules } from '../support/cases/dumps.js';

describe('printed rules', () => {
  for (const found of conformanceCases()) {
    it(`of ${found.name} are understood whole and print themselves again`, () => {
      for (const family of ['IPv4', 'IPv6'] satisfies Family[]) {
        const printed = print(loadCase(found).compile(family).ruleset);
        for (const line of rawRules(printed)) {
          const rule = parseRule(line, family);
          expect(isKnown(rule), line).to.equal(true);
          expect(printRule(rule)).to.equal(line);
        }
      }
    });
  }
});
