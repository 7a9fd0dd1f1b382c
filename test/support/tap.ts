/** Reads TAP version 14 strictly: every line is one that its specification has, where it has it. */

import { loadAll } from 'js-yaml';

interface TapPoint {
  readonly passed: boolean;
  /** Without escapes. */
  readonly name: string;
  /** What stands in its YAML block; `undefined`: it has none. */
  readonly details: unknown;
}

const POINT = /^(?<not>not )?ok (?<number>[1-9]\d*) - (?<name>(?:\\[\\#]|[^\\#])+)$/;

/** The test points of a document. Throws an Error that names the first line that is wrong. */
export function readTap(text: string): readonly TapPoint[] {
  const lines = text.split('\n');
  const take = (): string => lines.shift() ?? '';
  if (lines.pop() !== '') throw new Error('the last line has no end');
  if (take() !== 'TAP version 14') throw new Error('no version line');
  const [, last] = /^1\.\.(\d+)$/.exec(take()) ?? [];
  if (last === undefined) throw new Error('no plan behind the version');
  const points: TapPoint[] = [];
  while (lines.length > 0) {
    const line = take();
    const { not, number, name = '' } = POINT.exec(line)?.groups ?? {};
    if (Number(number) !== points.length + 1) throw new Error(`no next test point: ${line}`);
    const details = lines[0] === '  ---' ? readBlock(lines) : undefined;
    points.push({ passed: not === undefined, name: name.replaceAll(/\\([\\#])/g, '$1'), details });
  }
  if (points.length !== Number(last)) throw new Error(`${points.length} points, planned: ${last}`);
  return points;
}

/** Takes a block of YAML, which is indented by two blanks, up to its end. */
function readBlock(lines: string[]): unknown {
  const end = lines.indexOf('  ...');
  if (end < 0) throw new Error('a YAML block without end');
  const block = lines.splice(0, end + 1).slice(1, -1);
  const wrong = block.find((line) => line !== '' && !line.startsWith('  '));
  if (wrong !== undefined) throw new Error(`not indented: ${wrong}`);
  const [value, ...others] = loadAll(block.map((line) => line.slice(2)).join('\n'));
  if (others.length > 0) throw new Error('a YAML block with two documents');
  return value;
}
