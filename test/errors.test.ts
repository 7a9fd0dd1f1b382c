/** The exit codes and error codes, as the documents and the help list them. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ERROR_CODES, EXIT_CODES } from '../src/error-codes.js';
import * as errors from '../src/index.js';
import { allDocuments } from './support/documents.js';
import { runIn } from './support/process/run-in.js';

/** The cells of the rows of a Markdown table, by its first heading. */
function table(heading: string): readonly string[] {
  const [, rows = ''] = allDocuments().split(`| ${heading} |`);
  return (rows.split('\n\n')[0] ?? '').split('\n').slice(2);
}

describe('errors', () => {
  it('are listed in the documents with their exit codes', () => {
    expect(table('exit code')).to.deep.equal(
      Object.entries(EXIT_CODES).map(([code, meaning]) => `| ${code} | ${meaning} |`),
    );
    expect(table('error.code')).to.deep.equal(
      Object.entries(ERROR_CODES).map(
        ([code, { exitCode, meaning }]) => `| ${code} | ${exitCode} | ${meaning} |`,
      ),
    );
  });

  it('have one class for each code but for defects', () => {
    const sources = readFileSync('src/errors.ts', 'utf8');
    const used = [...sources.matchAll(/^ {2}readonly code = '([a-z-]+)';$/gm)].map(
      ([, code]) => code,
    );
    expect([...used, 'defect'].sort()).to.deep.equal(Object.keys(ERROR_CODES).sort());
    expect(Object.keys(errors)).to.include('UsageError').and.to.include('EXIT_CODES');
  });

  for (const command of [
    'compile',
    'diff',
    'apply',
    'cleanup',
    'agent',
    'explain',
    'trace',
    'test',
    'lint',
    'verify',
    'host',
    'snapshot',
  ])
    it(`vipc ${command} --help ends with the exit codes`, async () => {
      const { code, out } = await runIn([command, '--help']);
      expect(code).to.equal(0);
      for (const exitCode of Object.keys(EXIT_CODES))
        expect(out).to.match(new RegExp(`^  ${exitCode} `, 'm'));
    });
});
