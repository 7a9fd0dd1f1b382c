/**
 * A node that kube-proxy programmed from the same objects has no differences, whatever iptables
 * printed its rules.
 */

import { expect } from 'chai';
import { planFromDump } from '../../src/backends/iptables/plan.js';
import { restoreInput } from '../../src/backends/iptables/restore-input.js';
import { parseDump } from '../../src/backends/iptables/syntax/parse.js';
import { type Dump, ParseError } from '../../src/index.js';
import { caseRuleset } from '../support/cases/case-ruleset.js';
import { dumpText, type RecordedDump, recordedDumps } from '../support/cases/dumps.js';

const whole = recordedDumps().filter(
  (dump) => dump.case !== 'foreign' && (dump.form === 'save' || dump.form === 'save-c'),
);

function read({ text, path }: RecordedDump): Dump {
  return parseDump(text, { name: path });
}

describe('plans from recorded dumps', () => {
  it('there are eight cases of four versions in two variants', () => {
    const names = (key: (dump: RecordedDump) => string) => new Set(whole.map(key)).size;
    expect(names((dump) => dump.case)).to.equal(8);
    expect(names((dump) => dump.version)).to.equal(4);
    expect(names((dump) => dump.variant)).to.equal(2);
    expect(whole.filter(({ form }) => form === 'save-c')).to.have.length.greaterThan(5);
  });

  for (const recorded of whole) {
    it(`${recorded.path}: no differences`, () => {
      const plan = planFromDump(read(recorded), caseRuleset(recorded.case, recorded.family));
      expect(plan.changes).to.deep.equal([]);
      expect(plan.leftovers).to.deep.equal([]);
      expect(plan.comments).to.deep.equal([]);
      expect(plan.pinned).to.deep.equal([]);
      expect(restoreInput(plan, { variant: 'nf_tables' })).to.equal('');
    });
  }

  it('a dump by an iptables that is too old for the rules is refused, not compared', () => {
    const name = 'iptables-nft.268-kitchen-sink.v4.made-by-1.8.13.printed-by-1.8.7.save';
    expect(() => parseDump(dumpText(`cross/${name}`))).to.throw(ParseError, 'older');
  });

  it('every line counts: without any one of them there is a difference', () => {
    const recorded = whole.find(
      ({ path }) => path === 'iptables-1.8.9/nft.268-kitchen-sink.v4.save',
    )!;
    const ruleset = caseRuleset(recorded.case, recorded.family);
    const lines = recorded.text.split('\n');
    let removed = 0;
    for (const [i, line] of lines.entries()) {
      if (!line.startsWith('-A ')) continue;
      const dump = parseDump(lines.toSpliced(i, 1).join('\n'));
      expect(planFromDump(dump, ruleset).changes, line).to.have.length(1);
      removed++;
    }
    expect(removed).to.be.greaterThan(50);
  });

  it('the same rules in another case are many differences', () => {
    const recorded = whole.find(({ case: name }) => name === '006-clusterip-sctp')!;
    const plan = planFromDump(read(recorded), caseRuleset('102-source-ranges-dual-stack', 'IPv4'));
    expect(plan.changes.length).to.be.greaterThan(5);
  });
});
