/**
 * The pages of docs/lint: one for each rule, with a case of fixtures/lint and what lint says about
 * it.
 */

import { versionText } from '../src/cli/views/lint.js';
import type { LintRule } from '../src/lint/rule.js';
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

const SUPPRESSIONS = `## Findings to live with

\`vipc lint --suppressions FILE\` leaves out the findings that this file names, and counts them:

\`\`\`yaml
externalIPs: [192.0.2.0/24]   # as --allow-external-ips
suppressions:
  - code: external-ips-deprecated
    object: Service shop/*    # as findings name it, * for any text; left out: every finding of the code
    reason: moves to a load balancer with the next release
    expires: 2027-01-31       # the last day; left out: it never expires
\`\`\`

An entry that suppresses nothing is a finding, [suppression-unused](suppression-unused.md), and so is one that has expired,
[suppression-expired](suppression-expired.md). \`-v\` shows what is suppressed; \`-o json\` and \`-o sarif\` have it with the reason.
`;

function index(): string {
  const rows = RULES.map(
    ({ code, severity, title }) => `| [${code}](${code}.md) | ${severity} | ${title} |`,
  );
  return [
    '# Rules of vipc lint',
    '',
    'Made by `scripts/lint-docs` from the table of rules and `fixtures/lint`. `vipc lint --explain CODE` prints the same.',
    '',
    '| code | severity | finds |',
    '| --- | --- | --- |',
    ...rows,
    '',
    SUPPRESSIONS,
  ].join('\n');
}

async function page(rule: LintRule, found: LintCase | undefined): Promise<string> {
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
