/** Lays help out in the width of the terminal. */

import type { Help, Option } from 'commander';

/** Columns of flags; what a longer one does stands below it. */
const FLAG_WIDTH = 28;

/** A flag and what it does. For `configureHelp` of commander. */
export function formatItem(
  term: string,
  _termWidth: number,
  description: string,
  { helpWidth = 80 }: Pick<Help, 'helpWidth'>,
): string {
  const indent = ' '.repeat(FLAG_WIDTH + 4);
  const lines = wrap(description, Math.max(helpWidth - indent.length, 20));
  if (term.length > FLAG_WIDTH)
    return [`  ${term}`, ...lines.map((line) => indent + line)].join('\n');
  const [first = '', ...rest] = lines;
  return [`  ${term.padEnd(FLAG_WIDTH)}  ${first}`, ...rest.map((line) => indent + line)].join(
    '\n',
  );
}

/** What a flag does, and its default where it has one that says something: no `false`, no `[]`. */
export function optionDescription(option: Option): string {
  const { defaultValue, defaultValueDescription, description } = option;
  const plain = typeof defaultValue === 'string' || typeof defaultValue === 'number';
  const named = defaultValueDescription ?? (plain ? String(defaultValue) : '');
  return named === '' ? description : `${description} (default: ${named})`;
}

/**
 * The text with no line beyond the width, as far as words allow: paragraphs are filled, comments
 * and exit codes keep their indentation, and commands go on behind a backslash.
 */
export function wrapHelp(text: string, width: number): string {
  const lines: string[] = [];
  for (const part of text.split(/(\n+)/)) {
    if (part.startsWith('\n')) lines.push(part);
    else lines.push(wrapLine(part, width));
  }
  return lines.join('');
}

function wrapLine(line: string, width: number): string {
  if (line.length <= width) return line;
  const [indent = ''] = /^ *(?:# |\d+ +)?/.exec(line) ?? [];
  const hanging = indent.includes('#') ? indent : ' '.repeat(indent.length);
  if (indent === '  ') return wrap(line, width - 2).join(' \\\n      ');
  return wrap(line.slice(indent.length), width - indent.length)
    .map((one, i) => (i === 0 ? indent : hanging) + one)
    .join('\n');
}

/** The words of a text in lines of this width; a longer word has a line of its own. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) +/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
