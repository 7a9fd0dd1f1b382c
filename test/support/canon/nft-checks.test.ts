/** The checks themselves can fail: each is given a script with the one fault that it looks for. */

import { expect } from 'chai';
import { checkScript } from './nft-checks.js';

const GOOD = `add table ip kube-proxy
delete table ip kube-proxy
add table ip kube-proxy { comment "rules for kube-proxy" ; }
add chain ip kube-proxy a
add chain ip kube-proxy b
add chain ip kube-proxy c
add set ip kube-proxy s { type ipv4_addr ; }
add map ip kube-proxy m { type inet_proto . inet_service : verdict ; comment "a map" ; }
add element ip kube-proxy s { 10.0.0.1 }
add element ip kube-proxy m { tcp . 80 : goto a }
add rule ip kube-proxy a ip saddr @s jump b comment "a rule"
add rule ip kube-proxy a meta l4proto . th dport vmap @m
add rule ip kube-proxy a numgen random mod 2 vmap { 0 : goto b, 1 : goto c }
add rule ip kube-proxy b meta l4proto tcp dnat ip addr . port to numgen random mod 2 map { 0 : 10.0.0.1 . 80, 1 : 10.0.0.2 . 80 }
`;

describe('checks of printed scripts', () => {
  it('accept a valid one', () => {
    checkScript(GOOD, 'IPv4');
  });

  const faults: readonly (readonly [what: string, from: string, to: string, said: RegExp])[] = [
    ['an unknown statement', 'jump b comment', 'quota 1 bytes comment', /not understood/],
    ['another spelling', 'ip saddr @s', 'mark and 0x004 != 0', /read and written/],
    ['two blanks', 'ip saddr @s', 'ip  saddr @s', /no line/],
    ['a control character', 'a rule', 'a\x07rule', /no line/],
    ['the other family', 'add chain ip kube-proxy c', 'add chain ip6 kube-proxy c', /no line/],
    ['a comment that is too long', 'a rule', 'x'.repeat(129), /does not take/],
    ['a jump to nowhere', 'jump b', 'jump d', /chain d is not made/],
    ['an element to nowhere', '80 : goto a', '80 : goto d', /chain d is not made/],
    ['a choice of nowhere', '1 : goto c', '1 : goto d', /chain d is not made/],
    ['a missing set', '@s', '@t', /set t is not made/],
    ['a missing map', '@m', '@t', /map t is not made/],
    ['a set for a map', '@m', '@s', /map s is not made/],
    ['a chain that is made twice', 'kube-proxy c\n', 'kube-proxy b\n', /read and written|once/],
    ['a name that is too long', 'kube-proxy c\n', `kube-proxy ${'c'.repeat(256)}\n`, /too long/],
    ['an endpoint given twice', '1 : 10.0.0.2', '1 : 10.0.0.1', /each endpoint once/],
    ['a rule before its set', 'add set', 'add rule ip kube-proxy a drop\nadd set', /order/],
  ];
  for (const [what, from, to, said] of faults) {
    it(`refuse ${what}`, () => {
      const bad = GOOD.replace(from, to);
      expect(bad).to.not.equal(GOOD);
      expect(() => checkScript(bad, 'IPv4')).to.throw(said);
    });
  }

  it('accept an element of a set that two Services share, refuse one of a map', () => {
    const set = 'add element ip kube-proxy s { 10.0.0.1 }\n';
    checkScript(GOOD.replace(set, set + set), 'IPv4');
    const map = 'add element ip kube-proxy m { tcp . 80 : goto a }\n';
    expect(() => checkScript(GOOD.replace(map, map + map), 'IPv4')).to.throw(/read and written/);
    const other = map.replace('goto a', 'goto b');
    expect(() => checkScript(GOOD.replace(map, map + other), 'IPv4')).to.throw(/read and written/);
  });

  it('refuse a script of the other family', () => {
    expect(() => checkScript(GOOD, 'IPv6')).to.throw();
  });
});
