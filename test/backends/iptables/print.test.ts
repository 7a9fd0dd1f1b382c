import { expect } from 'chai';
import { print } from '../../../src/backends/iptables/print.js';
import type { Ruleset } from '../../../src/ruleset/types.js';

const FRAME = `*filter
:KUBE-FORWARD - [0:0]
-A FORWARD -j KUBE-FORWARD
-A KUBE-FORWARD -j ACCEPT
*nat
:KUBE-SERVICES - [0:0]
-A OUTPUT -j KUBE-SERVICES
`;
const TAIL = '*nat\n-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS\n';
const SHARED = '*nat\n:KUBE-NODE - [0:0]\n-A KUBE-SERVICES -j KUBE-NODE\n';

function ruleset(frame: string, ...ports: readonly string[]): Ruleset {
  return {
    backend: 'iptables',
    family: 'IPv4',
    frame: { origin: '', text: frame },
    ports: ports.map((text, i) => ({ origin: `${i}`, text })),
    shared: [],
    tail: { origin: '', text: '' },
  };
}

describe('print', () => {
  it('gives tables in the order of commits, chains before rules, Services in order, the tail last', () => {
    const text = print({
      ...ruleset(
        FRAME,
        '*filter\n-A KUBE-FORWARD -j DROP\n*nat\n:KUBE-SVC-B - [0:0]\n-A KUBE-SERVICES -j KUBE-SVC-B\n-A KUBE-SVC-B -j ACCEPT\n',
        '*nat\n:KUBE-SVC-A - [0:0]\n-A KUBE-SERVICES -j KUBE-SVC-A\n',
      ),
      shared: [{ origin: '', text: SHARED }],
      tail: { origin: '', text: TAIL },
    });
    expect(text).to.equal(`*mangle
COMMIT
*filter
:KUBE-FORWARD - [0:0]
-A FORWARD -j KUBE-FORWARD
-A KUBE-FORWARD -j ACCEPT
-A KUBE-FORWARD -j DROP
COMMIT
*nat
:KUBE-SERVICES - [0:0]
:KUBE-NODE - [0:0]
:KUBE-SVC-B - [0:0]
:KUBE-SVC-A - [0:0]
-A OUTPUT -j KUBE-SERVICES
-A KUBE-SERVICES -j KUBE-NODE
-A KUBE-SERVICES -j KUBE-SVC-B
-A KUBE-SVC-B -j ACCEPT
-A KUBE-SERVICES -j KUBE-SVC-A
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
COMMIT
`);
  });

  it('without jumps leaves out the rules of built-in chains and no other', () => {
    const lines = print(ruleset(FRAME)).split('\n');
    const left = print(ruleset(FRAME), { jumps: false }).split('\n');
    expect(lines.filter((line) => !left.includes(line))).to.deep.equal([
      '-A FORWARD -j KUBE-FORWARD',
      '-A OUTPUT -j KUBE-SERVICES',
    ]);
    expect(print(ruleset(FRAME), { jumps: true })).to.equal(print(ruleset(FRAME)));
  });

  it('takes a table that occurs twice', () => {
    const text = print(ruleset('*nat\n:A - [0:0]\n*filter\n*nat\n:B - [0:0]\n-A B -j DROP\n'));
    expect(text).to.equal(
      '*mangle\nCOMMIT\n*filter\nCOMMIT\n*nat\n:A - [0:0]\n:B - [0:0]\n-A B -j DROP\nCOMMIT\n',
    );
  });

  it('takes declarations among rules', () => {
    expect(print(ruleset('*nat\n:A - [0:0]\n-A A -j B\n:B - [0:0]\n-A B -j DROP\n'))).to.equal(
      '*mangle\nCOMMIT\n*filter\nCOMMIT\n*nat\n:A - [0:0]\n:B - [0:0]\n-A A -j B\n-A B -j DROP\nCOMMIT\n',
    );
  });

  it('takes a fragment that ends without a line feed, or has only chains, or nothing', () => {
    const text = print(
      ruleset(
        '*nat\n:KUBE-SERVICES - [0:0]\n',
        '*nat\n:A - [0:0]',
        '',
        '*nat\n-A A -j DROP',
        '*nat\n',
      ),
    );
    expect(text).to.equal(
      '*mangle\nCOMMIT\n*filter\nCOMMIT\n*nat\n:KUBE-SERVICES - [0:0]\n:A - [0:0]\n-A A -j DROP\nCOMMIT\n',
    );
  });
});
