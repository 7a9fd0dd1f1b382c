/** The results of tests, for people and for scripts. */

import { styleText } from 'node:util';
import { printable } from '../../printable.js';
import type { PacketResult } from '../test-run.js';

/**
 * What fails, with the rules that decide, and how many pass; `verbose`: also what passes.
 */
export function resultsText(
  results: readonly PacketResult[],
  verbose: boolean,
  colour: boolean,
): string {
  const label = (passed: boolean): string => {
    const [text, style] = passed ? (['ok', 'green'] as const) : (['not ok', 'red'] as const);
    return colour ? styleText(style, text, { validateStream: false }) : text;
  };
  const lines = results
    .filter(({ failures }) => verbose || failures.length > 0)
    .flatMap((result) => [
      `${label(result.failures.length === 0)} ${printable(`${placeText(result)}: ${resultName(result)}`)}`,
      ...result.failures.flatMap((failure) => [...indented(failure), '']),
    ]);
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  const count = `${results.length - failed} passed${failed === 0 ? '' : `, ${failed} failed`}`;
  return [...lines, count, ''].join('\n');
}

/** `tests/dns.yaml:12`. */
export function placeText({ file, line }: PacketResult): string {
  return `${file}:${line}`;
}

/** `DNS: spread evenly (nftables)`. */
export function resultName({ test, packet, rules }: PacketResult): string {
  const name = test === '' ? packet : `${test}: ${packet}`;
  return rules === '' ? name : `${name} (${rules})`;
}

/** The lines of a failure, safe for a terminal. */
export function failureLines(failure: string): readonly string[] {
  return failure.split('\n').map(printable);
}

function indented(failure: string): readonly string[] {
  return failureLines(failure).map((line) => (line === '' ? '' : `  ${line}`));
}

/** `{"passed", "failed", "results"}`. */
export function resultsContent(results: readonly PacketResult[]): object {
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  return {
    passed: results.length - failed,
    failed,
    results: results.map(({ failures, ...result }) => ({
      ...result,
      passed: failures.length === 0,
      failures,
    })),
  };
}
