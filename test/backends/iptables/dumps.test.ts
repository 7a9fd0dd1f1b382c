/**
 * What four versions and both variants of iptables printed for the same rules reads as the same
 * rules.
 */

import { expect } from 'chai';
import { normaliseLine } from '../../../src/backends/iptables/syntax/normalise.js';
import { type Dump, equalDumps, parseDump } from '../../../src/backends/iptables/syntax/parse.js';
import { isKnown, parseRule, printRule } from '../../../src/backends/iptables/syntax/rule.js';
import { ParseError } from '../../../src/errors.js';
import type { Family } from '../../../src/net/ip.js';
import {
  dumpText,
  kubeTables,
  type RecordedDump,
  rawRules,
  recordedDumps,
  specialCases,
} from '../../support/cases/dumps.js';
import { toTables } from '../../support/kernels/iptables-tables.js';

const VERSIONS = ['1.8.7', '1.8.9', '1.8.11', '1.8.13'];
const KUBE_CASES = [
  '006-clusterip-sctp',
  '102-source-ranges-dual-stack',
  '132-session-affinity-local-policies',
  '190-ipv6-everything',
  '226-detect-local-interface-prefix',
  '244-long-names',
  '268-kitchen-sink',
  '394-random',
];

const dumps = recordedDumps();

function parse(dump: RecordedDump): Dump {
  return parseDump(
    dump.text,
    dump.form === 'nat-S' ? { name: dump.path, table: 'nat' } : { name: dump.path },
  );
}

function rules(dump: Dump): string[] {
  return [...dump.tables.values()].flatMap((chains) =>
    [...chains.values()].flatMap((chain) => chain.rules),
  );
}

describe('recorded dumps', () => {
  it('are of four versions and both variants', () => {
    const seen = new Set(dumps.map((dump) => `${dump.version} ${dump.variant}`));
    expect([...seen].sort()).to.deep.equal(
      VERSIONS.flatMap((v) => [`${v} legacy`, `${v} nft`]).sort(),
    );
    expect(new Set(dumps.map((dump) => dump.case))).to.deep.equal(
      new Set([...KUBE_CASES, 'foreign']),
    );
  });

  for (const dump of dumps) {
    it(`${dump.path}: every rule is kept, in its place, and means what it prints`, () => {
      const parsed = parse(dump);
      const raw = rawRules(dump.text);
      expect(raw).to.have.length.greaterThan(0);
      expect(rules(parsed)).to.deep.equal(raw.map(normaliseLine));
      for (const line of rules(parsed)) {
        const rule = parseRule(line, dump.family);
        expect(printRule(rule)).to.equal(line);
        if (dump.case !== 'foreign') expect(isKnown(rule), line).to.equal(true);
      }
      if (dump.form !== 'nat-S') expect(parsed.tool?.version).to.equal(dump.version);
    });
  }

  for (const name of KUBE_CASES) {
    for (const family of ['IPv4', 'IPv6'] satisfies Family[]) {
      const same = dumps.filter(
        (dump) => dump.case === name && dump.family === family && dump.form !== 'nat-S',
      );
      if (same.length === 0) continue;
      it(`${name} ${family}: is the same in all ${same.length} dumps`, () => {
        expect(same.length).to.be.at.least(8);
        const expected = kubeTables(parse(same[0]!));
        expect(Object.keys(expected)).to.include.members(['filter', 'nat']);
        for (const dump of same.slice(1))
          expect(kubeTables(parse(dump)), dump.path).to.deep.equal(expected);
      });

      it(`${name} ${family}: what kube-proxy wrote means what the kernel prints`, () => {
        const saved = same.find((dump) => dump.version === '1.8.9' && dump.variant === 'nft');
        const written = parseDump(dumpText(`input/${name}.v${family.slice(3)}.restore`));
        const printed = Object.fromEntries(
          Object.entries(toTables(written)).map(([table, chains]) => [
            table,
            Object.fromEntries(
              Object.entries(chains).map(([chain, lines]) => [
                chain,
                lines.map((line) => printRule(parseRule(line, family))),
              ]),
            ),
          ]),
        );
        expect(printed).to.deep.equal(kubeTables(parse(saved!)));
      });
    }
  }

  it('with counters give the counters and the same rules as without', () => {
    const counted = dumps.filter((dump) => dump.form === 'save-c');
    expect(counted).to.have.length.greaterThan(4);
    for (const dump of counted) {
      const plain = dumps.find(
        (other) =>
          other.form === 'save' &&
          other.case === dump.case &&
          other.version === dump.version &&
          other.variant === dump.variant &&
          other.family === dump.family &&
          !other.path.includes('no-etc-protocols'),
      );
      const parsed = parse(dump);
      expect(equalDumps(parsed, parse(plain!)), dump.path).to.equal(true);
      for (const chains of parsed.tables.values()) {
        for (const chain of chains.values())
          expect(chain.ruleCounters ?? []).to.have.length(chain.rules.length);
      }
    }
  });

  it('of one table by -S give the chains of that table', () => {
    const listings = dumps.filter((dump) => dump.form === 'nat-S');
    expect(listings).to.have.length(2);
    for (const dump of listings) {
      const saved = dumps.find((other) => other.path === dump.path.replace(/nat-S$/, 'save'));
      expect(toTables(parse(dump)).nat).to.deep.equal(toTables(parse(saved!)).nat);
    }
  });

  it('of foreign rules keep their bytes, policies and counters', () => {
    const dump = parse(dumps.find((other) => other.path === 'iptables-1.8.9/nft.foreign.v4.save')!);
    expect([...dump.tables.keys()]).to.deep.equal(['mangle', 'security', 'raw', 'filter', 'nat']);
    const filter = dump.tables.get('filter')!;
    expect(filter.get('OUTPUT')).to.deep.include({
      policy: 'ACCEPT',
      counter: { packets: 99999999n, bytes: 123456789012n },
    });
    expect(
      filter.get('misc-quoting')?.rules.map((line) => Buffer.from(line, 'latin1').toString()),
    ).to.include.members([
      '-A misc-quoting -m comment --comment "Grüße – 日本 ☃" -j ACCEPT',
      '-A misc-quoting -m comment --comment "tab\there" -j ACCEPT',
      '-A misc-quoting -m comment --comment " leading and trailing " -j ACCEPT',
      '-A misc-quoting -j LOG --log-prefix "q\\"uote\\\\ it\\\'s"',
    ]);
  });
});

describe('rules that another version printed than loaded', () => {
  for (const family of ['v4', 'v6']) {
    it(`are refused where conditions were lost (${family})`, () => {
      const text = dumpText(
        `cross/iptables-nft.268-kitchen-sink.${family}.made-by-1.8.13.printed-by-1.8.7.save`,
      );
      expect(() => parseDump(text)).to.throw(
        ParseError,
        /table (?:filter|nat): the rule ".*" has lost a condition/,
      );
    });
  }

  it('are refused where the older version says that it cannot print a table', () => {
    const text = dumpText('cross/iptables-nft.foreign.v4.made-by-1.8.13.printed-by-1.8.7.save');
    expect(() => parseDump(text)).to.throw(ParseError, 'table filter is not (wholly) in the dump');
  });

  it('are read where the newer version printed them', () => {
    const text = dumpText('cross/iptables-nft.foreign.v4.made-by-1.8.7.printed-by-1.8.13.save');
    expect(rules(parseDump(text))).to.deep.equal(rawRules(text).map(normaliseLine));
  });
});

describe('tables that nft touched', () => {
  for (const version of VERSIONS) {
    for (const [title, section] of specialCases(version)) {
      const saved =
        /^--- iptables-save: exit status (-?\d+)\n([\s\S]*?)(?=^---|^stderr: |(?![\s\S]))/m.exec(
          section,
        );
      if (saved === null) continue;
      const [, status, text = ''] = saved;
      const incomplete = /^# Table `(\w+)' (?:is|contains) incompatible/m.exec(text)?.[1];
      const open = text.match(/^\*\w+$/gm)?.length !== text.match(/^COMMIT$/gm)?.length;
      if (incomplete !== undefined || open) {
        it(`${version}, ${title}: refused, naming the table`, () => {
          expect(() => parseDump(text)).to.throw(ParseError, `table ${incomplete ?? 'filter'}`);
        });
      } else if (status === '0') {
        it(`${version}, ${title}: read`, () => {
          expect(rules(parseDump(text))).to.deep.equal(rawRules(text).map(normaliseLine));
        });
      }
    }

    it(`${version}: a comment over two lines and one that is not UTF-8 are kept`, () => {
      const sections = [...specialCases(version)].filter(([title]) =>
        title.startsWith('a comment and a log prefix'),
      );
      expect(sections).to.have.length(2);
      for (const [, section] of sections) {
        const text = section.slice(0, section.indexOf('read back by'));
        expect(rules(parseDump(text)).slice(0, 2)).to.deep.equal([
          '-A INPUT -m comment --comment "line one\nline two -j \\"x\\"" -j ACCEPT',
          text
            .split('\n')
            .find((line) => line.includes('"bad '))!
            .trimEnd(),
        ]);
      }
    });
  }
});
