/** Rows of which nothing was recorded differ from their recorded neighbours as their sources do. */

import { expect } from 'chai';
import { type BackendName, print } from '../../src/index.js';
import { profileOf, withGates } from '../../src/profiles/profiles.js';
import { conformanceCases, loadCase } from '../support/cases/conformance-cases.js';

/** With node ports, a detector by interface, several Services, and conntrack that is liberal. */
const CASES = /^(?:060|224|226|228|268)-/;
const cases = conformanceCases().filter(
  ({ name, recordedHere }) => recordedHere && CASES.test(name),
);

interface Row {
  readonly what: string;
  readonly mode: BackendName;
  /** The row, and the recorded version that it is compared with. */
  readonly profile: string;
  readonly recorded: string;
  /** Changes the lines of the row into those of the recorded version. */
  readonly change: (line: string) => readonly string[];
}

const INVALID = '-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP';
const same = (line: string): readonly string[] => [line];
const without =
  (words: string) =>
  (line: string): readonly string[] =>
    line.includes(words) ? [] : [line];

const ROWS: readonly Row[] = [
  {
    ...{ what: 'drops INVALID packets always', mode: 'iptables', profile: '1.28' },
    ...{ recorded: '1.29', change: without(INVALID) },
  },
  { what: 'is 1.31', mode: 'iptables', profile: '1.32', recorded: '1.31', change: same },
  { what: 'is 1.36', mode: 'iptables', profile: '1.37', recorded: '1.36', change: same },
  { what: 'is 1.36', mode: 'iptables', profile: '1.38', recorded: '1.36', change: same },
  { what: 'is 1.31', mode: 'nftables', profile: '1.32', recorded: '1.31', change: same },
  {
    ...{ what: 'drops what is for unallocated addresses', mode: 'nftables', profile: '1.33.5' },
    ...{ recorded: '1.31', change: without('Drop traffic to unallocated ClusterIPs') },
  },
  {
    ...{ what: 'finds interfaces by number', mode: 'nftables', profile: '1.34.1' },
    ...{ recorded: '1.34.9', change: (line) => [line.replace(' iif ', ' iifname ')] },
  },
  {
    ...{ what: 'has maps, chains and counters for loopback addresses', mode: 'nftables' },
    ...{ profile: '1.38', recorded: '1.37', change: without('localhost-nodeport-reject') },
  },
];

for (const { what, mode, profile, recorded, change } of ROWS)
  describe(`profile ${profile} of mode ${mode}, against ${recorded}`, () => {
    const rulesOf = (found: (typeof cases)[number], version: string): readonly string[] =>
      print(loadCase(found, mode, { profile: version }).compile('IPv4').ruleset).split('\n');
    it(what, () => {
      let differing = 0;
      for (const found of cases) {
        const [ours, expected] = [rulesOf(found, profile), rulesOf(found, recorded)];
        const changed = ours.flatMap((line) =>
          // Where conntrack is not liberal, 1.29 drops INVALID packets too.
          expected.includes(line) ? [line] : change(line),
        );
        expect(changed, found.name).to.deep.equal(expected);
        if (ours.join('\n') !== expected.join('\n')) differing += 1;
      }
      expect(differing > 0).to.equal(change !== same);
    });
  });

describe('gate MultiCIDRServiceAllocator', () => {
  const hasRule = (version: string, on: boolean): boolean => {
    const { nftables } = withGates(profileOf(version)!, { MultiCIDRServiceAllocator: on });
    return typeof nftables !== 'string' && nftables.unallocatedDrop;
  };

  it('decides in 1.31 and 1.32 whether there is a rule for unallocated addresses', () => {
    expect([hasRule('1.31', true), hasRule('1.31', false)]).to.deep.equal([true, false]);
    expect([hasRule('1.32', true), hasRule('1.32', false)]).to.deep.equal([true, false]);
    expect(hasRule('1.33', false)).to.equal(true);
  });
});
