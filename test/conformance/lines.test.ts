/** What we print is not only equivalent: it is the very line that iptables-save prints. */

import { expect } from 'chai';
import { parseDump } from '../../src/backends/iptables/syntax/parse.js';
import { print } from '../../src/index.js';
import { conformanceCases, loadCase } from '../support/cases/conformance-cases.js';
import { kubeTables, rawRules, recordedDumps } from '../support/cases/dumps.js';

/** Filled Service by Service in random order by kube-proxy; ours are in Service order. */
const UNORDERED = [
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-PROXY-FIREWALL',
];
const LAST_RULE = 'this must be the last rule in this chain';

type Tables = ReturnType<typeof kubeTables>;

/**
 * The same tables with the rules of the unordered chains sorted, but for the last rule where it
 * must be last.
 */
function comparable(tables: Tables): Tables {
  return Object.fromEntries(
    Object.entries(tables).map(([table, chains]) => [
      table,
      Object.fromEntries(
        Object.entries(chains).map(([chain, lines]) => {
          if (!UNORDERED.includes(chain)) return [chain, lines];
          const end = lines.at(-1)?.includes(LAST_RULE) === true ? -1 : lines.length;
          return [chain, [...lines.slice(0, end).sort(), ...lines.slice(end)]];
        }),
      ),
    ]),
  );
}

describe('printed lines', () => {
  const dumps = recordedDumps().filter(
    (dump) =>
      dump.version === '1.8.9' &&
      dump.variant === 'nft' &&
      dump.form === 'save' &&
      dump.case !== 'foreign',
  );

  it('are compared in eight cases', () => {
    expect(new Set(dumps.map((dump) => dump.case)).size).to.equal(8);
  });

  for (const dump of dumps) {
    it(`of ${dump.case}, ${dump.family}, are those of iptables-save`, () => {
      const found = conformanceCases().find(({ name }) => name === dump.case)!;
      const printed = print(loadCase(found).compile(dump.family).ruleset);
      const parsed = parseDump(printed);
      expect(comparable(kubeTables(parsed))).to.deep.equal(
        comparable(kubeTables(parseDump(dump.text))),
      );
      const read = [...parsed.tables.values()].flatMap((chains) =>
        [...chains.values()].flatMap(({ rules }) => rules),
      );
      expect(read.sort(), 'parse had something to normalise').to.deep.equal(
        rawRules(printed).sort(),
      );
    });
  }
});
