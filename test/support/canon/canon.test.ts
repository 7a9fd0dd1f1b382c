import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { conformanceCases } from '../cases/conformance-cases.js';
import { dumpText, recordedDumps } from '../cases/dumps.js';
import { canonIptables } from './canon.js';
import { lineDiff } from './line-diff.js';

const recorded = conformanceCases().filter((found) => found.recordedHere);

/** The expected text of the case, or `undefined` where it is not among the fixtures. */
function expectedOf(name: string, family: string): string | undefined {
  const found = recorded.find((candidate) => candidate.name === name);
  return found && readFileSync(new URL(`expected.iptables.v${family.slice(3)}`, found.url), 'utf8');
}

describe('the canonical form', () => {
  // Numbers for protocol names are the business of parse, not of this reader.
  const named = recordedDumps().filter((dump) => !dump.path.includes('no-etc-protocols'));
  for (const dump of named.filter(
    ({ case: name, form }) => name !== 'foreign' && form !== 'nat-S',
  )) {
    it(`of ${dump.path} is the expected text of the case`, () => {
      const expected = expectedOf(dump.case, dump.family);
      expect(expected).to.be.a('string');
      expect(lineDiff(canonIptables(dump.text), expected!)).to.equal('');
    });
  }

  for (const name of ['268-kitchen-sink', '102-source-ranges-dual-stack']) {
    it(`of kube-proxy's input for ${name} is the expected text as well`, () => {
      expect(
        lineDiff(canonIptables(dumpText(`input/${name}.v4.restore`)), expectedOf(name, 'IPv4')!),
      ).to.equal('');
    });
  }

  it('of a canonical text is the same text', () => {
    for (const { url } of recorded) {
      for (const family of ['v4', 'v6']) {
        const text = readFileSync(new URL(`expected.iptables.${family}`, url), 'utf8');
        expect(lineDiff(canonIptables(text), text), `${url}`).to.equal('');
      }
    }
  });

  it('leaves out the jumps if asked', () => {
    const text = '*nat\n:KUBE-A\n-A OUTPUT -j KUBE-A\n-A KUBE-A -j RETURN\nCOMMIT\n';
    expect(canonIptables(text, { jumps: false })).to.equal('*nat\n:KUBE-A\n-A KUBE-A -j RETURN\n');
  });

  const differences: readonly (readonly [why: string, line: string, other: string])[] = [
    [
      'a port',
      '-A KUBE-X -p tcp -m tcp --dport 1 -j DROP',
      '-A KUBE-X -p tcp -m tcp --dport 2 -j DROP',
    ],
    ['a negation', '-A KUBE-X ! -s 10.0.0.1/32 -j DROP', '-A KUBE-X -s 10.0.0.1/32 -j DROP'],
    ['a mark', '-A KUBE-X -j MARK --set-xmark 0x1/0x1', '-A KUBE-X -j MARK --set-xmark 0x1/0x0'],
    ['a target', '-A KUBE-X -j DROP', '-A KUBE-X -j REJECT --reject-with icmp-port-unreachable'],
    ['a missing target', '-A KUBE-X -j DROP', '-A KUBE-X'],
    [
      'a comment',
      '-A KUBE-X -m comment --comment "a b" -j DROP',
      '-A KUBE-X -m comment --comment "a c" -j DROP',
    ],
    [
      'a probability',
      '-A KUBE-X -m statistic --mode random --probability 0.5 -j DROP',
      '-A KUBE-X -m statistic --mode random --probability 0.50000000093 -j DROP',
    ],
    [
      'the order of rules',
      '-A KUBE-X -j DROP\n-A KUBE-X -j RETURN',
      '-A KUBE-X -j RETURN\n-A KUBE-X -j DROP',
    ],
    [
      'a match moved across one that remembers',
      '-A KUBE-X -m mark --mark 0x1 -m recent --set --name A -j DROP',
      '-A KUBE-X -m recent --set --name A -m mark --mark 0x1 -j DROP',
    ],
  ];
  for (const [why, line, other] of differences) {
    it(`shows ${why}`, () => {
      const document = (rule: string) => `*nat\n:KUBE-X - [0:0]\n${rule}\nCOMMIT\n`;
      expect(canonIptables(document(line))).to.not.equal(canonIptables(document(other)));
    });
  }
});
