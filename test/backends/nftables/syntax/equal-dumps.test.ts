/** What makes two dumps different, and what does not. */

import { expect } from 'chai';
import { equalDumps, parseDump } from '../../../../src/backends/nftables/syntax/parse.js';

describe('equalDumps', () => {
  const SCRIPT = [
    'add table ip t { comment "one" ; }',
    'add chain ip t c { comment "one" ; }',
    'add set ip t s { type mark ; }',
    'add element ip t s { 1, 2 }',
    'add rule ip t c drop',
    'add rule ip t c accept',
  ];
  const equal = (change: (lines: string[]) => void): boolean => {
    const lines = [...SCRIPT];
    change(lines);
    return equalDumps(parseDump(SCRIPT.join('\n')), parseDump(lines.join('\n')));
  };

  it('overlooks comments of tables and chains, and the order of elements', () => {
    expect(equal((lines) => lines.splice(0, 2, 'add table ip t', 'add chain ip t c'))).to.equal(
      true,
    );
    expect(equal((lines) => lines.splice(3, 1, 'add element ip t s { 2, 1 }'))).to.equal(true);
  });

  it('sees everything else', () => {
    expect(
      equal((lines) => lines.splice(4, 2, SCRIPT[5]!, SCRIPT[4]!)),
      'order',
    ).to.equal(false);
    expect(
      equal((lines) => lines.splice(4, 1)),
      'one rule fewer',
    ).to.equal(false);
    expect(
      equal((lines) => lines.push('add chain ip t d')),
      'a chain',
    ).to.equal(false);
    expect(
      equal((lines) => lines.push('add table ip6 t')),
      'a table',
    ).to.equal(false);
    expect(
      equal((lines) => lines.splice(3, 1, 'add element ip t s { 1, 3 }')),
      'element',
    ).to.equal(false);
    expect(
      equal((lines) => lines.splice(2, 1, 'add set ip t s { type mark ; flags interval ; }')),
      'flags',
    ).to.equal(false);
    expect(
      equal((lines) => lines.splice(5, 1, 'add rule ip t c accept comment "x"')),
      'comment',
    ).to.equal(false);
  });
});
