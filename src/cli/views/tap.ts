/** The results of tests as TAP 14 (testanything.org), which readers of TAP 13 take too. */

import { printable } from '../../printable.js';
import type { PacketResult } from '../test-run.js';
import { failureLines, placeText, resultName } from './test-results.js';

/** A plan, one point for each packet, and what fails as YAML below its point. */
export function tapText(results: readonly PacketResult[]): string {
  const points = results.flatMap((result, i) => {
    const { failures } = result;
    const name = escaped(`${placeText(result)}: ${resultName(result)}`);
    const point = `${failures.length === 0 ? 'ok' : 'not ok'} ${i + 1} - ${name}`;
    return failures.length === 0 ? [point] : [point, ...block(result)];
  });
  return `${['TAP version 14', `1..${results.length}`, ...points].join('\n')}\n`;
}

/** A description ends at `#`, where a directive would begin. */
function escaped(text: string): string {
  return printable(text).replace(/[\\#]/g, '\\$&');
}

function block({ failures, file, line }: PacketResult): readonly string[] {
  const text = failures.join('\n\n');
  const [message = ''] = failureLines(text);
  return [
    '  ---',
    // JSON is YAML.
    `  message: ${JSON.stringify(message)}`,
    `  at: ${JSON.stringify(`${file}:${line}`)}`,
    '  details: |-',
    ...failureLines(text).map((one) => (one === '' ? '' : `    ${one}`)),
    '  ...',
  ];
}
