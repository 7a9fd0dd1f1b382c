/** The pages of docs/lint: one for each rule, with a case of fixtures/lint and what lint says about it. */

import { versionText } from '../src/cli/views/lint.js';
import type { Rule } from '../src/lint/rule.js';
import { RULES } from '../src/lint/rules.js';
import {
  fileOf,
  type LintCase,
  lintCases,
  lintWords,
  type Part,
  runLint,
} from '../test/support/cases/lint-cases.js';

/** Every page by its name in docs/lint. */
export async function lintPages(): Promise<ReadonlyMap<string, string>> {
  const cases = new Map(lintCases().map((found) => [found.code, found]));
  const pages = new Map([['README.md', index()]]);
  for (const rule of RULES) pages.set(`${rule.code}.md`, await page(rule, cases.get(rule.code)));
  return pages;
}

function index(): string {
  const rows = RULES.map(
    ({ code, severity, title }) => `| [${code}](${code}.md) | ${severity} | ${title} |`,
  );
  return [
    '# Rules of vipc lint',
    '',
    'Made by `scripts/lint-docs` from the table of rules and `fixtures/lint`. `vipc lint --explain CODE` tells the same.',
    '',
    '| code | severity | finds |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

async function page(rule: Rule, found: LintCase | undefined): Promise<string> {
  const { code, severity, title, why, remedy, references } = rule;
  const version = versionText(rule);
  return [
    `# ${code}`,
    '',
    `${title} (${severity}).${version === '' ? '' : ` ${version}`}`,
    '',
    why,
    '',
    `**What to do:** ${remedy}.`,
    '',
    ...(found === undefined ? [] : await example(found)),
    ...(references.length === 0 ? [] : ['## References', '']),
    ...references.map(([text, url]) => `- [${text}](${url})`),
    ...(references.length === 0 ? [] : ['']),
    '[All rules](README.md)',
    '',
  ].join('\n');
}

async function example({ code, args = [], good, ...files }: LintCase): Promise<readonly string[]> {
  const given = Object.entries(files);
  const { out, code: exitCode } = await runLint(files, args);
  return [
    '## Example',
    '',
    ...given.flatMap(([part, text]) => [
      `\`${fileOf(part as Part)}\`:`,
      '',
      part === 'rules' ? '```' : '```yaml',
      text.trimEnd(),
      '```',
      '',
    ]),
    '```console',
    `$ vipc ${lintWords(files, args).join(' ')}`,
    out.trimEnd(),
    '$ echo $?',
    String(exitCode),
    '```',
    '',
  ];
}
