/**
 * Runs every case under fixtures/golden through the command line and compares all that it says and
 * writes.
 */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, use } from 'chai';
import { goldenFiles, unusedGoldens } from '../../src/chai.js';
import { checkScripts } from '../support/canon/nft-checks.js';
import { checkDocument } from '../support/canon/rule-checks.js';
import {
  caseFile,
  commandOf,
  GOLDEN,
  type GoldenCase,
  goldenCases,
} from '../support/cases/golden-cases.js';
import { runIn } from '../support/process/run-in.js';

use(goldenFiles);

/** The command line, what it said, and its exit code, as a terminal shows them. */
function transcript(found: GoldenCase, stderr: string, exitCode: number): string {
  const text = `$ vipc ${commandOf(found).join(' ')}\n${stderr}exit code ${exitCode}\n`;
  return text.replaceAll(`${found.folder}/`, '');
}

function failureOf(assertion: () => void): readonly unknown[] {
  try {
    assertion();
    return [];
  } catch (error) {
    return [error];
  }
}

describe('golden', () => {
  let out = '';
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'vipc-golden-'));
  });
  afterEach(() => {
    rmSync(out, { recursive: true });
  });
  const cases = goldenCases();

  for (const found of cases) {
    it(`${found.name}: ${found.why}`, async () => {
      const { code, out: printed, err } = await runIn([...commandOf(found), '--out', out]);
      expect(printed, 'with --out nothing is printed').to.equal('');
      const texts = new Map([['diagnostics.txt', transcript(found, err, code)]]);
      for (const file of readdirSync(out)) texts.set(file, readFileSync(join(out, file), 'utf8'));
      // All are compared before one fails: what was not compared would seem to be left over.
      const failures = [...texts].flatMap(([file, text]) =>
        failureOf(() => {
          expect(text).to.matchGolden(join(found.folder, 'expected', file));
          if (file.endsWith('.nft')) checkScripts(text);
          if (file.endsWith('.rules')) checkDocument(text, file.includes('.v6.') ? 'IPv6' : 'IPv4');
        }),
      );
      if (failures.length > 0) throw failures[0];
    });
  }

  it('has a test for every expected file', () => {
    const unused = cases.flatMap(({ folder }) => unusedGoldens(join(folder, 'expected')));
    expect(unused, 'delete these, or find out why nothing makes them').to.deep.equal([]);
  });

  it('has nothing in a case but its input and what it expects', () => {
    const known = [
      'case.yaml',
      'config.yaml',
      'expected',
      'host.yaml',
      'snapshot.yaml',
      'templates',
    ];
    for (const { folder } of cases) {
      expect(known, folder).to.include.members(readdirSync(folder));
      expect(existsSync(join(folder, 'expected/diagnostics.txt')), folder).to.equal(true);
    }
    expect(readdirSync(GOLDEN).sort()).to.deep.equal(cases.map(({ name }) => name));
  });

  it('accepts a case.yaml of why and args only', () => {
    expect(caseFile('why: It works.', 'x')).to.deep.equal({ why: 'It works.', args: [] });
    expect(() => caseFile('why: It works.\nargz: []', 'x')).to.throw(/unknown: argz/);
    expect(() => caseFile('why: it works', 'x')).to.throw(/sentence/);
    expect(() => caseFile('args: []', 'x')).to.throw(/sentence/);
    expect(() => caseFile('why: It works.\nargs: [1]', 'x')).to.throw(/strings/);
    expect(() => caseFile('text', 'x')).to.throw(/must hold/);
  });
});
