/** The results of tests as the XML of JUnit, which CI systems show. */

import { addTo } from '../../grouping.js';
import { printable } from '../../printable.js';
import type { PacketResult } from '../test-run.js';
import { failureLines, resultName } from './test-results.js';

/** One suite for each file, one case for each packet. */
export function junitText(results: readonly PacketResult[]): string {
  const suites = new Map<string, PacketResult[]>();
  for (const result of results) addTo(suites, result.file, result);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="vipc" ${countsText(results)}>`,
    ...[...suites].flatMap(([file, own]) => suiteLines(file, own)),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteLines(file: string, results: readonly PacketResult[]): readonly string[] {
  return [
    `  <testsuite name="${attribute(file)}" ${countsText(results)}>`,
    ...results.flatMap(caseLines),
    '  </testsuite>',
  ];
}

function countsText(results: readonly PacketResult[]): string {
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  return `tests="${results.length}" failures="${failed}" errors="0" skipped="0"`;
}

function caseLines(result: PacketResult): readonly string[] {
  const { file, line, failures } = result;
  const head = `<testcase name="${attribute(resultName(result))}" classname="${attribute(file)}" file="${attribute(file)}" line="${line}"`;
  if (failures.length === 0) return [`    ${head}/>`];
  return [
    `    ${head}>`,
    ...failures.map((failure) => {
      const [message = ''] = failureLines(failure);
      const text = failureLines(failure).map(escaped).join('\n');
      return `      <failure message="${attribute(message)}" type="AssertionError">${text}</failure>`;
    }),
    '    </testcase>',
  ];
}

function attribute(text: string): string {
  return escaped(printable(text));
}

/** Replaces what XML cannot hold; control characters are escaped before. */
function escaped(text: string): string {
  return text
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
