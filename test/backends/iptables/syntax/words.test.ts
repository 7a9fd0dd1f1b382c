import { expect } from 'chai';
import {
  hasOpenQuote,
  quoteWord,
  splitWords,
} from '../../../../src/backends/iptables/syntax/words.js';
import { ParseError } from '../../../../src/errors.js';

describe('words of a rule line', () => {
  it('are split at blanks outside quotes and keep their quotes', () => {
    expect(splitWords('-A X  -m comment --comment "a  \\"b\\" c"\t-j Y')).to.deep.equal([
      '-A',
      'X',
      '-m',
      'comment',
      '--comment',
      '"a  \\"b\\" c"',
      '-j',
      'Y',
    ]);
    expect(splitWords('--comment ""')).to.deep.equal(['--comment', '""']);
    expect(splitWords('')).to.deep.equal([]);
  });

  it('are refused where a quote stays open', () => {
    expect(() => splitWords('-A X -m comment --comment "abc')).to.throw(ParseError, 'not closed');
    expect(() => splitWords('--comment "abc\\"')).to.throw(ParseError, 'not closed');
  });

  it('are quoted as iptables-save does', () => {
    expect(quoteWord('simple_word-1')).to.equal('simple_word-1');
    expect(quoteWord('')).to.equal('""');
    expect(quoteWord('a.b')).to.equal('"a.b"');
    expect(quoteWord('it\'s "so" \\')).to.equal('"it\\\'s \\"so\\" \\\\"');
    expect(quoteWord('Grüße')).to.equal('"Grüße"');
  });

  it('are known to go on in the next line', () => {
    expect(hasOpenQuote('-A X -j Y')).to.equal(false);
    expect(hasOpenQuote('--comment "a" --comment "b')).to.equal(true);
    expect(hasOpenQuote('--comment "a\\"')).to.equal(true);
    expect(hasOpenQuote('--comment "a\\\\"')).to.equal(false);
    expect(hasOpenQuote('--comment "a\\"b"')).to.equal(false);
  });
});
