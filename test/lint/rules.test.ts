/** Every rule finds what it is about, and nothing where that is put right. */

import { expect } from 'chai';
import { RULES, ruleOf } from '../../src/lint/rules.js';
import { type LintFiles, lintCases, runLint } from '../support/cases/lint-cases.js';
import { sourceFiles } from '../support/source-files.js';

/** Rules that no input can break, each with the reason. */
const WITHOUT_CASE: Readonly<Record<string, string>> = {
  'service-failed': 'would be a defect of vipc',
  'no-node-port': 'needs 2,768 node ports: test/snapshot/complete has it',
};

/**
 * Diagnostics that are about how the input was read and what was chosen: no rule, so lint prints
 * them as any command does.
 */
const REMARKS = new Set([
  'assigned-cluster-ip',
  'assigned-node-port',
  'assumed-service-cidr',
  'config-feature-gate-ignored',
  'empty-dump',
  'partial-dump',
  'mode-chosen',
  'node-chosen',
  'node-outside',
  'selection-empty',
  'unknown-rule-key',
  'unknown-rule-part',
  'service-without-rules',
  'slices-from-pods',
]);

/** Errors in files that are not objects: they end the command. */
const ENDS_ALL = /^(?:config-(?:missing-field|wrong-type|invalid-value)|host-invalid-value)$/;

interface Found {
  readonly code: string;
  readonly severity: string;
  readonly hint?: string;
}

async function findings(files: LintFiles, args: readonly string[] = []): Promise<readonly Found[]> {
  const { out, err } = await runLint(files, [...args, '-o', 'json']);
  expect(out, err).to.match(/^\{/);
  return (JSON.parse(out) as { readonly findings: readonly Found[] }).findings;
}

describe('lint/rules', () => {
  const cases = lintCases();

  it('have a case each', () => {
    expect([...cases.map(({ code }) => code), ...Object.keys(WITHOUT_CASE)].sort()).to.deep.equal(
      RULES.map(({ code }) => code),
    );
  });

  for (const { code, args, good, ...files } of cases) {
    it(`${code} finds its case, and not the good one`, async () => {
      const found = (await findings(files, args)).filter((one) => one.code === code);
      expect(found).to.have.length.above(0);
      for (const { severity, hint } of found) {
        expect(severity).to.equal(ruleOf(code)?.severity);
        expect(hint).to.be.a('string').that.has.length.above(5);
      }
      const left = (await findings({ ...files, ...good }, args)).map((one) => one.code);
      expect(left).to.not.include(code);
    });
  }

  it('say what is wrong, why, and what to do, each once', () => {
    expect(new Set(RULES.map(({ code }) => code)).size).to.equal(RULES.length);
    expect(new Set(RULES.map(({ title }) => title)).size).to.equal(RULES.length);
    for (const { code, title, why, remedy, since, until, references } of RULES) {
      expect(code).to.match(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
      expect(title, code).to.match(/^\S.*[^.]$/);
      expect(why, code).to.match(/^[A-Za-z].*\.$/);
      expect(remedy, code).to.match(/^\S.*[^.]$/);
      for (const version of [since, until].filter((one) => one !== undefined))
        expect(version, code).to.match(/^1\.\d\d$/);
      for (const [text, url] of references)
        expect([text, url].join(' '), code).to.match(/^\S.* https:\/\/\S+$/);
    }
  });

  it('are there for everything that reading and compiling find', () => {
    const folders = ['input', 'snapshot', 'model', 'config', 'backends'];
    const codes = sourceFiles()
      .filter(({ unit, path }) => folders.includes(unit) && !path.includes('/kernel/'))
      .flatMap(({ code }) => [
        ...code.matchAll(/(?:code: |note\(\s*|'config-\w+': )'(?<code>[a-z0-9-]+)'/g),
      ])
      .map(({ groups }) => groups?.code ?? '')
      .filter((code) => code.includes('-') && !ENDS_ALL.test(code) && !REMARKS.has(code));
    expect(new Set(codes).size).to.be.above(30);
    const HANDLED = /^(?:address-held)$/;
    const without = [...new Set(codes)].filter(
      (code) => ruleOf(code) === undefined && !HANDLED.test(code),
    );
    expect(without).to.deep.equal([]);
  });
});
