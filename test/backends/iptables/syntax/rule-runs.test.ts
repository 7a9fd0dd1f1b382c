/** Rules that stand together are read as line by line: recorded dumps, and random lines. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { familiesOf } from '../../../../src/backends/iptables/documents.js';
import type { Dump } from '../../../../src/backends/iptables/syntax/dump.js';
import { DumpReader } from '../../../../src/backends/iptables/syntax/dump-reader.js';
import { parseDump } from '../../../../src/backends/iptables/syntax/parse.js';
import {
  namesOfEveryNode,
  passingRules,
} from '../../../../src/backends/iptables/syntax/text-chains.js';
import type { LongText } from '../../../../src/backends/long-text.js';
import { ParseError } from '../../../../src/errors.js';

const FOLDER = 'fixtures/dumps';

function lineByLine(text: string): Dump {
  const reader = new DumpReader({});
  const lines = text.split('\n');
  for (const line of lines.slice(0, lines.at(-1) === '' ? -1 : undefined)) reader.line(line);
  return reader.finish();
}

/** A text that is no string. */
function inParts(text: string): LongText {
  return {
    length: text.length,
    slice: (start, end) => text.slice(start, end),
    indexOf: (searched, from) => text.indexOf(searched, from),
  };
}

function outcome(read: () => Dump): unknown {
  try {
    return [...read().tables].map(([table, chains]) => [
      table,
      [...chains].map(([name, chain]) => ({
        ...{ name, policy: chain.policy, passing: passingRules(chain), rules: chain.rules },
        ...{ counter: chain.counter, ruleCounters: chain.ruleCounters },
      })),
    ]);
  } catch (error) {
    return [String(error), error instanceof ParseError && error.line];
  }
}

describe('rules that stand together', () => {
  it('are those that a reader of lines finds, in every recorded dump', () => {
    const paths = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.save'),
    );
    expect(paths).not.to.have.length(0);
    for (const path of paths) {
      const text = readFileSync(join(FOLDER, path), 'latin1');
      expect(
        outcome(() => parseDump(text)),
        path,
      ).to.deep.equal(outcome(() => lineByLine(text)));
    }
  });

  it('are those that a reader of lines finds, with quotes and line feeds anywhere', () => {
    const line = fc.constantFrom(
      ...['-A A -j B', '-A A -m comment --comment "a b" -j B', '-A B -j RETURN', ' -A A -j B'],
      ...['-A A -m comment --comment "a', 'b" -j B', '-A A -m comment --comment "\\" c" -j B'],
      ...['-A A -m comment --comment "\\', '-A INPUT -j A\r', '-A AB  -p 6 -j B', '-A A', '', '#"'],
      ...[':C - [0:0]', ':"C - [0:0]', ': - [0:0]', ':C ACCEPT [0:0]', ':C - [1:0]', ':A - [0:0]'],
      ...['-A X -j B', '-A C -j B', '[1:2] -A A -j B', '-A A -m string --string "x" "y" -j B'],
      ...[':KUBE-SVC-A - [0:0]', ':KUBE-SVC-B - [0:0]', '-A KUBE-SVC-B -j B', '-A KUBE-SVC-A -j C'],
      ...[':\u{100} - [0:0]', '-A \u{100} -j B', '-A A -m comment --comment "\u{201d}" -j B'],
      ...['COMMIT\n*nat', 'COMMIT\n*filter', 'COMMIT\n*nat\n:INPUT ACCEPT [0:0]', '*filter', 'x'],
      `-A A${' -m comment --comment "a"'.repeat(9)} -j B`,
    );
    const text = fc
      .array(line, { maxLength: 12 })
      .map((lines) =>
        ['*nat', ':A - [0:0]', ':AB - [0:0]', ':B - [0:0]', ...lines, 'COMMIT', ''].join('\n'),
      );
    fc.assert(
      fc.property(text, (one) => {
        expect(outcome(() => parseDump(one))).to.deep.equal(outcome(() => lineByLine(one)));
      }),
    );
    // The same of a text in parts, wherever one ends.
    fc.assert(
      fc.property(text, fc.nat(400), fc.nat(1), (one, place, times) => {
        const long = `#${'x'.repeat((1 << (16 + times)) - place)}\n${one}`;
        expect(outcome(() => parseDump(inParts(long)))).to.deep.equal(
          outcome(() => lineByLine(long)),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('are found in parts of a text where its comments, or its addresses, name two families', () => {
    const rules = (family: string, ip: string): string =>
      `${family}*nat\n:A - [0:0]\n-A A -d ${ip} -j RETURN\n${'-A A -j RETURN\n'.repeat(6000)}COMMIT\n`;
    const named = rules('# IPv4: load\n', '10.0.0.1/32') + rules('  # IPv6: load\n', 'fd00::1/128');
    const plain = rules('', '10.0.0.1/32') + rules('', 'fd00::1/128');
    for (const text of [named, plain])
      for (const family of ['IPv4', 'IPv6'] as const) {
        const found = outcome(() => parseDump(inParts(text), { family }));
        expect(found).to.deep.equal(outcome(() => parseDump(text, { family })));
        expect(familiesOf(inParts(text))).to.deep.equal(['IPv4', 'IPv6']);
      }
  });

  it('are of chains by name, those of one Service or endpoint apart', () => {
    const names = ['KUBE-SERVICES', 'KUBE-SVC-A', 'KUBE-SEP-B', 'KUBE-SV', 'KUBE-XLB-C'];
    const declared = names.map((name) => `:${name} - [0:0]\n`).join('');
    const chains = parseDump(`*nat\n:INPUT ACCEPT [0:0]\n${declared}COMMIT\n`).tables.get('nat');
    expect([...(chains?.keys() ?? [])]).to.deep.equal(['INPUT', ...names]);
    expect([...namesOfEveryNode(chains ?? new Map())]).to.deep.equal([
      'INPUT',
      ...['KUBE-SERVICES', 'KUBE-SV', 'KUBE-XLB-C'],
    ]);
    expect([...namesOfEveryNode(new Map([['A', 1]]))]).to.deep.equal(['A']);
  });

  it('are made anew for one use each, and kept where they are asked for as the chain has them', () => {
    const { tables } = parseDump('*nat\n:A - [0:0]\n-A A -j RETURN\nCOMMIT\n');
    const chain = tables.get('nat')?.get('A');
    if (chain === undefined) throw new Error('no chain A');
    expect(passingRules(chain)).to.deep.equal(['-A A -j RETURN']);
    expect(passingRules(chain)).to.not.equal(passingRules(chain));
    expect(chain.rules).to.equal(chain.rules);
    expect(passingRules(chain)).to.equal(chain.rules);
  });
});
