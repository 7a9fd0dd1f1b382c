import { expect } from 'chai';
import { lineDiff } from './line-diff.js';

describe('lineDiff', () => {
  it('is empty for equal texts only', () => {
    expect(lineDiff('a\nb\n', 'a\nb\n')).to.equal('');
    expect(lineDiff('a\nb', 'a\nb\n')).to.not.equal('');
  });

  it('shows missing and extra lines, also repeated ones', () => {
    expect(lineDiff('a\nc\nd\nd', 'a\nb\nd')).to.equal(
      '1 lines missing, 2 lines too many\n- b\n+ c\n+ d',
    );
  });

  it('shows where the order differs', () => {
    expect(lineDiff('a\nc\nb', 'a\nb\nc')).to.match(/another order, from line 2:\n- b\n\+ c$/);
  });

  it('limits the length of a report', () => {
    const text = (prefix: string) =>
      Array.from({ length: 1000 }, (_, i) => `${prefix}${i}`).join('\n');
    expect(lineDiff(text('a'), text('b')).split('\n')).to.have.length(41);
  });
});
