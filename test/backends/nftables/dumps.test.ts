/**
 * What four versions of nft printed for the same tables reads as the same lines, and those are
 * kube-proxy's own.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { kernelRulesOf } from '../../../src/backends/nftables/kernel-rules.js';
import {
  contentLines,
  type Dump,
  equalDumps,
  parseDump,
  unitLine,
} from '../../../src/backends/nftables/syntax/parse.js';
import { isKnown, parseRule, printRule } from '../../../src/backends/nftables/syntax/rule.js';
import { ParseError } from '../../../src/errors.js';
import { print } from '../../../src/index.js';
import { conformanceCases, loadCase } from '../../support/cases/conformance-cases.js';
import { dumpText } from '../../support/cases/dumps.js';
import { plainTables } from '../../support/kernels/nft-tables.js';

const ROOT = new URL('../../../fixtures/dumps/', import.meta.url);
const VERSIONS = ['0.9.8', '1.0.6', '1.1.3', '1.1.7'];
const CASES = [
  '006-clusterip-sctp',
  '102-source-ranges-dual-stack',
  '132-session-affinity-local-policies',
  '190-ipv6-everything',
  '226-detect-local-interface-prefix',
  '244-long-names',
  '268-kitchen-sink',
  '394-random',
];

function files(folder: string): readonly string[] {
  return readdirSync(new URL(`${folder}/`, ROOT));
}

/** Not latin1, as for iptables: JSON is UTF-8. */
function read(path: string): Dump {
  return parseDump(readFileSync(new URL(path, ROOT), 'utf8'), { name: path });
}

function rulesOf(dump: Dump): readonly string[] {
  return [...dump.tables.values()].flatMap(({ units }) =>
    [...units.values()].flatMap(({ rules }) => rules),
  );
}

/** How often a kind of object stands in a listing. */
function count(path: string, kind: string): number {
  const { nftables }: { nftables: readonly object[] } = JSON.parse(dumpText(path));
  return nftables.filter((object) => kind in object).length;
}

describe('recorded listings of nft', () => {
  it('read the same where nft prints numbers instead of names', () => {
    for (const file of ['132-session-affinity-local-policies.v4', '190-ipv6-everything.v6']) {
      const named = read(`nft-1.0.6/${file}.json`);
      const numeric = read(`nft-1.0.6/numeric.${file}.json`);
      expect(equalDumps(named, numeric)).to.equal(true);
      expect(rulesOf(numeric).filter((line) => !isKnown(parseRule(line)))).to.deep.equal([]);
    }
    const rule = (expr: object): string => {
      const at = { family: 'ip', table: 't' };
      const nftables = [
        { table: { family: 'ip', name: 't' } },
        { chain: { ...at, name: 'c' } },
        { rule: { ...at, chain: 'c', expr: [expr] } },
      ];
      return rulesOf(parseDump(JSON.stringify({ nftables })))
        .join()
        .replace('add rule ip t c ', '');
    };
    const state = { op: 'in', left: { ct: { key: 'state' } }, right: [1, 2, 4, 8, 64] };
    expect(rule({ match: state })).to.equal('ct state invalid,established,related,new,untracked');
    const reject = (type: string, expr: number): object => ({ reject: { type, expr } });
    expect(rule(reject('icmp', 3))).to.equal('reject');
    expect(rule(reject('icmp', 13))).to.equal('reject with icmp admin-prohibited');
    expect(rule(reject('icmpv6', 3))).to.equal('reject with icmpv6 addr-unreachable');
    expect(rule(reject('icmp', 77))).to.equal('reject with icmp 77');
  });

  it('compare rules without keys that a later nft may say of them, and name these', () => {
    const text = dumpText('nft-1.1.7/006-clusterip-sctp.v4.json');
    const later = JSON.parse(text);
    for (const object of later.nftables) if ('rule' in object) object.rule.born = 'today';
    const dump = parseDump(JSON.stringify(later));
    expect(equalDumps(dump, parseDump(text))).to.equal(true);
    const [remark] = kernelRulesOf(dump).remarks('node.json');
    expect(remark?.message).to.match(/^node\.json prints parts of rules .*: "born"; rules are/);
    expect(kernelRulesOf(parseDump(text)).remarks('node.json')).to.deep.equal([]);
  });

  it('name the keys of later versions that may change what a rule does, as a warning', () => {
    const later = JSON.parse(dumpText('nft-1.1.7/006-clusterip-sctp.v4.json'));
    for (const object of later.nftables)
      for (const statement of object.rule?.expr ?? [])
        if ('dnat' in statement) statement.dnat.later = 1;
    const found = kernelRulesOf(parseDump(JSON.stringify(later))).remarks('node.json');
    expect(found.map(({ code, severity, message }) => [code, severity, message])).to.deep.equal([
      [
        'unknown-rule-part',
        'warning',
        'node.json prints what this version of vipc does not know: "dnat.later"; what has it cannot be compared, and counts as different',
      ],
    ]);
  });

  it('are of four versions and eight cases', () => {
    for (const version of VERSIONS) {
      const cases = files(`nft-${version}`).flatMap(
        (file) => /^(\d.*)\.v4\.json$/.exec(file)?.[1] ?? [],
      );
      expect(cases).to.deep.equal(CASES);
    }
  });

  for (const name of CASES) {
    for (const family of ['IPv4', 'IPv6'] as const) {
      const path = (version: string): string => `nft-${version}/${name}.v${family.slice(3)}.json`;
      const there = VERSIONS.filter((version) =>
        files(`nft-${version}`).includes(path(version).split('/')[1]!),
      );
      if (there.length === 0) continue;

      it(`${name}, ${family}: every version lists the same, and all of it is understood`, () => {
        expect(there).to.deep.equal(VERSIONS);
        const first = read(path(VERSIONS[0]!));
        for (const version of VERSIONS) {
          const dump = read(path(version));
          expect(dump.version).to.equal(version);
          expect(rulesOf(dump)).to.have.length(count(path(version), 'rule'));
          for (const line of rulesOf(dump)) {
            const rule = parseRule(line);
            expect(isKnown(rule), line).to.equal(true);
            expect(printRule(rule)).to.equal(line);
          }
          expect(plainTables(dump)).to.deep.equal(plainTables(first));
          expect(equalDumps(dump, first)).to.equal(true);
        }
      });

      it(`${name}, ${family}: that is what we compile`, () => {
        const found = conformanceCases().find((candidate) => candidate.name === name)!;
        const printed = print(loadCase(found, 'nftables').compile(family).ruleset);
        expect(plainTables(parseDump(printed))).to.deep.equal(plainTables(read(path('1.1.7'))));
      });

      it(`${name}, ${family}: a difference is seen`, () => {
        const text = dumpText(path('1.0.6'));
        const dump = parseDump(text);
        for (const [from, to] of [
          [/"(10|fd00:10)([.:])/, '"11$2'],
          [/\{"drop": null\}\]\}\}/, '{"accept": null}]}}'],
          [/"prio": -110/, '"prio": -111'],
          [/, \{"rule": .*?\}\]\}\}(?=, )/, ''],
        ] as const) {
          const other = text.replace(from, to);
          expect(other, String(from)).to.not.equal(text);
          expect(equalDumps(parseDump(other), dump), String(from)).to.equal(false);
        }
      });
    }
  }

  for (const file of files('input').filter((name) => name.endsWith('.nft'))) {
    it(`kube-proxy's own script ${file} reads as what nft lists of it`, () => {
      const script = read(`input/${file}`);
      for (const [table, version] of [
        ['ip kube-proxy', 'v4'],
        ['ip6 kube-proxy', 'v6'],
      ] as const) {
        const listing = file.replace('.nft', `.${version}.json`);
        if (!files('nft-1.1.7').includes(listing)) continue;
        const listed = read(`nft-1.1.7/${listing}`);
        expect(plainTables(script)[table]).to.deep.equal(plainTables(listed)[table]);
      }
    });
  }

  for (const [name, family, version] of [
    ['394-random', 'IPv4', '1.0.6'],
    ['394-random', 'IPv4', '1.1.3'],
    ['394-random', 'IPv4', '1.1.7'],
    ['190-ipv6-everything', 'IPv6', '1.0.6'],
    ['190-ipv6-everything', 'IPv6', '1.1.3'],
    ['190-ipv6-everything', 'IPv6', '1.1.7'],
  ] as const)
    it(`${name}, ${family}, in layout fast: nft ${version} lists what we compile`, () => {
      const found = conformanceCases().find((candidate) => candidate.name === name)!;
      const printed = print(
        loadCase(found, 'nftables', { layout: 'fast' }).compile(family).ruleset,
      );
      const listed = read(`nft-${version}/fast.${name}.v${family.slice(3)}.json`);
      expect(plainTables(listed)).to.deep.equal(plainTables(parseDump(printed)));
      for (const line of rulesOf(listed)) expect(isKnown(parseRule(line)), line).to.equal(true);
    });

  it('have the comments of tables and chains from 1.1 on', () => {
    const comments = (version: string): readonly string[] => {
      const table = read(`nft-${version}/006-clusterip-sctp.v4.json`).tables.get('ip kube-proxy')!;
      return [table.comment, table.units.get('chain reject-chain')!.comment];
    };
    const expected = [
      'rules for kube-proxy',
      'helper for @no-endpoint-services / @no-endpoint-nodeports',
    ];
    expect(comments('0.9.8')).to.deep.equal(['', '']);
    expect(comments('1.0.6')).to.deep.equal(['', '']);
    expect(comments('1.1.3')).to.deep.equal(expected);
    expect(comments('1.1.7')).to.deep.equal(expected);
  });
});

/** Every text inside a JSON value. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Operators that nft leaves out, and the rejection that is the default. */
const UNSAID = ['==', 'in', 'icmp', 'icmpv6', 'icmpx', 'port-unreachable'];

describe('listings of nft with foreign tables', () => {
  for (const version of VERSIONS) {
    for (const file of files(`nft-${version}`).filter((name) => /^foreign-.*\.json$/.test(name))) {
      it(`${version} ${file}: every table, rule, set and map is kept`, () => {
        const path = `nft-${version}/${file}`;
        const dump = read(path);
        expect(dump.unreadable).to.deep.equal([]);
        expect(dump.tables.size).to.equal(count(path, 'table'));
        expect(rulesOf(dump)).to.have.length(count(path, 'rule'));
        const { nftables }: { nftables: readonly { rule?: { expr: unknown } }[] } = JSON.parse(
          readFileSync(new URL(path, ROOT), 'utf8'),
        );
        const lines = rulesOf(dump).join('\n');
        for (const { rule } of nftables)
          for (const text of textsIn(rule?.expr).filter((word) => !UNSAID.includes(word)))
            expect(lines).to.include(JSON.stringify(text).slice(1, -1));
        const units = [...dump.tables.values()].flatMap(({ units: some }) => [...some.values()]);
        for (const kind of ['chain', 'set', 'map'] as const)
          expect(units.filter(({ declaration }) => declaration.kind === kind)).to.have.length(
            count(path, kind),
          );
        for (const unit of units)
          expect([unitLine('t', unit), ...contentLines('t', unit)].join('\n')).to.not.match(
            /undefined|NaN|\[object/,
          );
      });
    }

    for (const file of files(`nft-${version}`).filter((name) => name.startsWith('ruleset-with'))) {
      it(`${version} ${file}: tables of iptables are named and not read`, () => {
        const dump = read(`nft-${version}/${file}`);
        expect(dump.unreadable.toSorted()).to.deep.equal([
          'ip filter',
          'ip nat',
          'ip6 filter',
          'ip6 nat',
        ]);
        expect(dump.tables.has('ip nat')).to.equal(false);
        expect(dump.tables.has('ip docker-bridges')).to.equal(true);
      });
    }

    it(`${version}: each construct alone is read, or refused as broken`, () => {
      const sections = readFileSync(new URL(`nft-${version}/features.txt`, ROOT), 'utf8')
        .split(/^##### /m)
        .slice(1);
      const broken: string[] = [];
      let good = 0;
      for (const section of sections) {
        const [title = ''] = section.split('\n');
        const json = /^--- json\n(.+)$/m.exec(section)?.[1];
        if (json === undefined) continue;
        try {
          parseDump(json);
          good++;
        } catch (error) {
          expect(error).to.be.instanceOf(ParseError);
          broken.push(title);
        }
      }
      expect(good).to.be.greaterThan(60);
      expect(broken).to.deep.equal(version < '1.1' ? ['dormant table'] : []);
    });
  }
});
