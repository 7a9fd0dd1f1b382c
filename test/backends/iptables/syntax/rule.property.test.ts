/** Any rule of the types is printed and read again, and any text is a rule or an error. */

import { expect } from 'chai';
import fc from 'fast-check';
import { isKnown, parseRule, printRule } from '../../../../src/backends/iptables/syntax/rule.js';
import { ParseError } from '../../../../src/errors.js';
import { arbitraryRule } from '../../../support/arbitrary/rule.js';

describe('parseRule and printRule, of any rule', () => {
  it('are each other’s inverse on every rule that the types can hold', () => {
    fc.assert(
      fc.property(arbitraryRule(), (rule) => {
        expect(parseRule(printRule(rule))).to.deep.equal(rule);
        expect(isKnown(rule)).to.equal(true);
      }),
    );
  });

  it('neither throw anything else nor lose a word on arbitrary text', () => {
    const words = fc.array(
      fc.oneof(
        fc.constantFrom(
          '-m',
          '-j',
          '-g',
          '-p',
          '-s',
          '!',
          'tcp',
          'comment',
          '--comment',
          '--dport',
          '80',
          'mark',
          '--mark',
          '__proto__',
        ),
        fc.string(),
      ),
    );
    fc.assert(
      fc.property(words, (list) => {
        const line = `-A X ${list.join(' ')}`;
        let printed: string;
        try {
          printed = printRule(parseRule(line));
        } catch (error) {
          expect(error).to.be.instanceOf(ParseError);
          return;
        }
        expect(printRule(parseRule(printed))).to.equal(printed);
      }),
    );
  });
});
