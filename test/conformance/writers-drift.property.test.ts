/**
 * Rules that were changed by hand, or of which two versions have written, are never taken for those
 * of a version that did not write them.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { type BackendName, print, type Ruleset, readRules } from '../../src/index.js';
import { PROFILES } from '../../src/profiles/table.js';
import type { Profile } from '../../src/profiles/types.js';
import { property } from '../support/arbitrary/property.js';
import { conformanceCases, loadCase } from '../support/cases/conformance-cases.js';

const CASES = /^(?:014|016|060|098|128|136|146|216|224|268)-/;
const cases = conformanceCases().filter(
  ({ name, recordedHere }) => recordedHere && CASES.test(name),
);
const MODES: readonly BackendName[] = ['iptables', 'nftables'];
const printed = new Map<string, string>();

function rulesetOf(found: (typeof cases)[number], mode: BackendName, { from }: Profile): Ruleset {
  return loadCase(found, mode, { profile: `1.${from.join('.')}` }).compile('IPv4').ruleset;
}

function textOf(found: (typeof cases)[number], mode: BackendName, profile: Profile): string {
  const key = `${found.name} ${mode} ${profile.name}`;
  const known = printed.get(key);
  if (known !== undefined) return known;
  const text = print(rulesetOf(found, mode, profile));
  printed.set(key, text);
  return text;
}

/** One change by hand, of a line that is chosen by a number. */
type Change = readonly [kind: 'remove' | 'repeat' | 'foreign' | 'flush', at: number];

const change: fc.Arbitrary<Change> = fc.tuple(
  fc.constantFrom('remove', 'repeat', 'foreign', 'flush'),
  fc.nat(10_000),
);
const RULE: Readonly<Record<BackendName, RegExp>> = {
  iptables: /^-A (?<chain>KUBE-\S+) /,
  nftables: /^add rule ip kube-proxy (?<chain>\S+) /,
};
const FOREIGN: Readonly<Record<BackendName, (chain: string) => string>> = {
  iptables: (chain) => `-A ${chain} -s 203.0.113.9/32 -j DROP`,
  nftables: (chain) => `add rule ip kube-proxy ${chain} ip saddr 203.0.113.9 counter drop`,
};

function changed(text: string, mode: BackendName, [kind, at]: Change): string {
  const lines = text.split('\n');
  const rules = lines.flatMap((line, i) => (RULE[mode].test(line) ? [i] : []));
  const index = rules[at % rules.length] ?? 0;
  const line = lines[index] ?? '';
  const chain = RULE[mode].exec(line)?.groups?.chain ?? '';
  const isOfChain = (one: string): boolean => RULE[mode].exec(one)?.groups?.chain === chain;
  switch (kind) {
    case 'remove':
      return lines.toSpliced(index, 1).join('\n');
    case 'repeat':
      return lines.toSpliced(index, 0, line).join('\n');
    case 'foreign':
      return lines.toSpliced(index, 0, FOREIGN[mode](chain)).join('\n');
    case 'flush':
      return lines.filter((one) => !isOfChain(one)).join('\n');
  }
}

for (const mode of MODES) {
  const profiles = PROFILES.filter(
    ({ nftables }) => mode === 'iptables' || typeof nftables !== 'string',
  );
  const table = fc.record({
    found: fc.constantFrom(...cases),
    writer: fc.constantFrom(...profiles),
    changes: fc.array(change, { maxLength: 8 }),
  });
  const writersOf = (text: string) => readRules(mode, text, { family: 'IPv4' }).writers();

  describe(`the writer of rules of mode ${mode}`, () => {
    it('is among those that are found, or none is, whatever was changed by hand', () => {
      property(
        fc.property(table, ({ found, writer, changes }) => {
          const text = changes.reduce(
            (now, one) => changed(now, mode, one),
            textOf(found, mode, writer),
          );
          const { profiles: writers, reason } = writersOf(text);
          const names = writers.map(({ name }) => name);
          expect(reason !== '' || names.includes(writer.name), `${writer.name}: ${names}`).to.equal(
            true,
          );
        }),
      );
    });
  });
}

describe('the writer of tables of mode nftables', () => {
  const profiles = PROFILES.filter(({ nftables }) => typeof nftables !== 'string');

  it('is found beside what another version left behind', () => {
    property(
      fc.property(
        fc.constantFrom(...cases),
        fc.constantFrom(...profiles),
        fc.constantFrom(...profiles),
        (found, writer, before) => {
          const text = textOf(found, 'nftables', writer);
          const left = leftBehind(textOf(found, 'nftables', before), text);
          const { profiles: writers, reason } = readRules('nftables', text + left, {
            family: 'IPv4',
          }).writers();
          expect([reason, writers.map(({ name }) => name)]).to.satisfy(
            ([why, names]: [string, string[]]) => why === '' && names.includes(writer.name),
            `${before.name} before ${writer.name}: ${reason}`,
          );
        },
      ),
    );
  });

  it('is nobody where two versions wrote the Services, and no third one writes all of that', () => {
    property(
      fc.property(
        fc.constantFrom(...cases.filter(({ name }) => /^(?:216|226|268)-/.test(name))),
        fc.constantFrom(...profiles),
        fc.constantFrom(...profiles),
        fc.infiniteStream(fc.boolean()),
        (found, one, two, draws) => {
          const texts = [one, two].map((profile) => textOf(found, 'nftables', profile));
          const mixed = mixture(texts[0] ?? '', texts[1] ?? '', () => draws.next().value === true);
          const { profiles: writers, reason } = readRules('nftables', mixed, {
            family: 'IPv4',
          }).writers();
          if (reason !== '') {
            expect(reason).to.include('two versions');
            expect(texts[0], `${one.name} ${two.name}`).not.to.equal(texts[1]);
            return;
          }
          // A gate makes no rules of Services, so its row stands for it.
          const rows = PROFILES.filter(({ from }) => writers.some((told) => told.from === from));
          const services = mixed.split('\n').filter(isServiceRule);
          const isWhole = rows.some((row) => {
            const own = new Set(textOf(found, 'nftables', row).split('\n'));
            return services.every((line) => own.has(line));
          });
          const names = writers.map(({ name }) => name);
          expect(isWhole, `${one.name} and ${two.name}: ${names}`).to.equal(true);
        },
      ),
      10,
    );
  });
});

const nameOf = (line: string): string => /^add \S+ ip kube-proxy (\S+)/.exec(line)?.[1] ?? '';
const isServiceRule = (line: string): boolean =>
  line.startsWith('add rule') && nameOf(line).includes('/');

/**
 * The table of one version in which chains of Services are those of another one, where a draw says
 * so; chains that only one of them has are there.
 */
function mixture(one: string, two: string, draws: () => boolean): string {
  const [lines, others] = [one.split('\n'), two.split('\n')];
  const chainsOf = (all: readonly string[]) =>
    new Set(all.filter((line) => line.startsWith('add chain')).map(nameOf));
  const there = chainsOf(lines);
  const replaced = new Set([...chainsOf(others)].filter((name) => there.has(name) && draws()));
  const added = others.filter((line) => {
    const name = nameOf(line);
    if (!name.includes('/')) return false;
    return there.has(name)
      ? isServiceRule(line) && replaced.has(name)
      : /^add (?:chain|rule)/.test(line);
  });
  const kept = lines.filter((line) => !(isServiceRule(line) && replaced.has(nameOf(line))));
  const isChain = (line: string): boolean => line.startsWith('add chain');
  const [made, rules] = [added.filter(isChain), added.filter((line) => !isChain(line))];
  const at = kept.findIndex((line) => line.startsWith('add rule'));
  return kept.toSpliced(at, 0, ...made, ...rules).join('\n');
}

/** What kube-proxy does not delete: units of every node that it does not know, with their rules. */
function leftBehind(before: string, after: string): string {
  const known = new Set(
    [...after.matchAll(/^add (?:chain|set|map) \S+ \S+ (\S+)/gm)].map(([, name = '']) => name),
  );
  const isLeft = (line: string): boolean => {
    const name = /^add (?:chain|set|map|rule|element) \S+ \S+ (\S+)/.exec(line)?.[1];
    return name !== undefined && !name.includes('/') && !known.has(name);
  };
  return before
    .split('\n')
    .filter(isLeft)
    .map((line) => `${line}\n`)
    .join('');
}
