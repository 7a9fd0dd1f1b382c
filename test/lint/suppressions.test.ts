/** Findings to live with: the file, which findings it is about, and until when. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ConfigError } from '../../src/errors.js';
import type { LintFinding } from '../../src/lint/rule.js';
import { loadSuppressions } from '../../src/lint/suppression-file.js';
import { matches, suppress } from '../../src/lint/suppressions.js';

import { runIn } from '../support/process/run-in.js';

const CODES = ['external-ip-overlap', 'mode-unset', 'second-address'];

const load = (text: string): ReturnType<typeof loadSuppressions> =>
  loadSuppressions(text, 's.yaml', CODES);

function found(code: string, namespace = '', name = '', kind = 'Service'): LintFinding {
  const object = name === '' ? {} : { object: { kind, namespace, name } };
  return { code, severity: 'warning', message: 'm', ...object };
}

/** What is left of these findings, and the reasons of the others. */
function sift(
  text: string,
  findings: readonly LintFinding[],
  today = '2026-11-20',
): { readonly left: readonly string[]; readonly reasons: readonly string[] } {
  const sifted = suppress(findings, load(text).suppressions, today);
  return {
    left: sifted.findings.map(({ code, object }) => `${code} ${object?.name ?? ''}`.trim()),
    reasons: sifted.suppressed.map(({ finding, reason }) => `${finding.object?.name}: ${reason}`),
  };
}

describe('lint/suppressions', () => {
  it('are about one object, a pattern of them, or every finding of a code', () => {
    const findings = [
      found('second-address', 'shop', 'a'),
      found('second-address', 'shop', 'b'),
      found('second-address', 'other', 'c'),
      found('second-address', '', 'n1', 'Node'),
      found('mode-unset'),
    ];
    const text = (object: string): string =>
      `suppressions: [{code: second-address, reason: r${object === '' ? '' : `, object: "${object}"`}}]`;
    const names = (object: string): readonly string[] =>
      sift(text(object), findings).reasons.map((line) => line.replace(/: r$/, ''));
    expect(names('Service shop/a')).to.deep.equal(['a']);
    expect(names('Service shop/*')).to.deep.equal(['a', 'b']);
    expect(names('Service */c')).to.deep.equal(['c']);
    expect(names('Node *')).to.deep.equal(['n1']);
    expect(names('*')).to.deep.equal(['a', 'b', 'c', 'n1']);
    expect(names('')).to.deep.equal(['a', 'b', 'c', 'n1']);
    expect(names('shop/a')).to.deep.equal([]);
    expect(sift('suppressions: [{code: mode-unset, reason: r}]', findings).reasons).to.deep.equal([
      'undefined: r',
    ]);
  });

  it('are named where they are unused', () => {
    const text =
      'suppressions:\n- {code: second-address, object: Service shop/a, reason: r}\n- {code: mode-unset, reason: r}\n';
    const { findings } = suppress(
      [found('second-address', 'shop', 'a')],
      load(text).suppressions,
      '2026-11-20',
    );
    expect(findings).to.have.length(1);
    expect(findings[0]).to.deep.include({
      code: 'suppression-unused',
      severity: 'note',
      message: 'suppression of mode-unset suppresses nothing',
      position: { file: 's.yaml', line: 3, column: 10 },
    });
  });

  it('count until the end of their last day, and are named after it', () => {
    const text =
      'suppressions: [{code: second-address, object: Service shop/a, reason: r, expires: 2026-11-20}]';
    const findings = [found('second-address', 'shop', 'a')];
    expect(sift(text, findings, '2026-11-20').left).to.deep.equal([]);
    expect(sift(text, findings, '2026-11-21')).to.deep.equal({
      left: ['second-address a', 'suppression-expired'],
      reasons: [],
    });
    expect(sift(text, [], '2026-11-21').left).to.deep.equal(['suppression-expired']);
  });

  const cases: readonly (readonly [text: string, message: string])[] = [
    [
      'suppressions: [{code: second-adress, reason: r}]',
      's.yaml:1:23: suppressions[0].code: "second-adress": is the code of no rule',
    ],
    ['suppressions: [{code: mode-unset}]', 's.yaml:1:16: suppressions[0].reason: is required'],
    [
      'suppressions: [{code: mode-unset, reason: " "}]',
      's.yaml:1:43: suppressions[0].reason: " ": must not be empty',
    ],
    [
      'suppressions: [{code: mode-unset, reason: r, expires: 2026-02-29}]',
      's.yaml:1:55: suppressions[0].expires: "2026-02-29": must be a day such as 2027-01-31',
    ],
    [
      'suppressions: [{code: mode-unset, reason: r, until: 2026-02-28}]',
      's.yaml:1:46: suppressions[0].until: unknown field',
    ],
    [
      'suppressions: [{code: mode-unset, reason: r}, {code: mode-unset, reason: s}]',
      's.yaml:1:54: suppressions[1].code: "mode-unset": is suppressed for the same object above',
    ],
    [
      'externalIPs: [10.0.0.0/33]',
      's.yaml:1:15: externalIPs[0]: "10.0.0.0/33": must be an address or a network such as 192.0.2.0/24',
    ],
    ['kind: Service', 's.yaml:1:7: kind: "Service": must be Suppressions'],
  ];
  for (const [text, message] of cases) {
    it(`refuses: ${message}`, () => {
      expect(() => load(text))
        .to.throw(ConfigError)
        .with.property('message')
        .that.satisfies((said: string) => said.startsWith(message));
    });
  }

  it('take days that exist, and networks', () => {
    const { suppressions, externalIps } = load(
      'apiVersion: vipc/v1\nkind: Suppressions\nexternalIPs: [192.0.2.1, 192.0.2.0/24]\nsuppressions: [{code: mode-unset, reason: r, expires: 2028-02-29}]',
    );
    expect(suppressions.map(({ expires }) => expires)).to.deep.equal(['2028-02-29']);
    expect(externalIps).to.deep.equal(['192.0.2.1/32', '192.0.2.0/24']);
    expect(load('').suppressions).to.deep.equal([]);
  });

  it('have few patterns', () => {
    const text = (count: number): string =>
      `suppressions:\n${Array.from({ length: count }, (_, i) => `- {code: mode-unset, object: "a${i}*", reason: r}\n`).join('')}`;
    expect(load(text(100)).suppressions).to.have.length(100);
    expect(() => load(text(101))).to.throw(/at most 100 objects with \*/);
  });

  it('are read as the pages and the help show them', async () => {
    const page = readFileSync('docs/lint/README.md', 'utf8');
    const [, shown = ''] = /```yaml\n(externalIPs:[^`]*)```/.exec(page) ?? [];
    const { out } = await runIn(['lint', '--help']);
    const [, helped = ''] = /\n( {2}externalIPs:[\s\S]*?)\n\n/.exec(out) ?? [];
    const read = (text: string): unknown => {
      const { suppressions, ...rest } = loadSuppressions(text, 's.yaml', [
        'external-ips-deprecated',
      ]);
      return { ...rest, suppressions: suppressions.map(({ position: _, ...one }) => one) };
    };
    expect(read(shown)).to.deep.equal(read(helped));
    expect(read(shown)).to.deep.include({ externalIps: ['192.0.2.0/24'] });
  });

  it('read * as any text', () => {
    const good: readonly (readonly [string, string])[] = [
      ['*', ''],
      ['a*', 'a'],
      ['*a', 'ba'],
      ['a*a', 'aa'],
      ['a*b*c', 'a1b2c'],
      ['a**c', 'ac'],
      ['a.c', 'a.c'],
    ];
    for (const [pattern, text] of good) expect(matches(pattern, text), pattern).to.equal(true);
    const bad: readonly (readonly [string, string])[] = [
      ['a*a', 'a'],
      ['a*b*b', 'ab'],
      ['a', 'ab'],
      ['a.c', 'abc'],
      ['*b*', 'ac'],
    ];
    for (const [pattern, text] of bad) expect(matches(pattern, text), pattern).to.equal(false);
  });
});
