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
  return item(term, description, FLAG_WIDTH, helpWidth);
}

/** A section of the help: names and what they mean. */
export function helpSection(
  title: string,
  meanings: Readonly<Record<string, string>>,
  width: number,
): string {
  const column = Object.keys(meanings).reduce((most, { length }) => Math.max(most, length), 0);
  const lines = Object.entries(meanings).map(([name, meaning]) =>
    item(name, meaning.replaceAll('`', '"'), column, width),
  );
  return `\n${title}:\n${lines.join('\n')}\n`;
}

function item(term: string, description: string, column: number, width: number): string {
  const indent = ' '.repeat(column + 4);
  const lines = wrap(description, Math.max(width - indent.length, 20));
  if (term.length > column) return [`  ${term}`, ...lines.map((line) => indent + line)].join('\n');
  const [first = '', ...rest] = lines;
  return [`  ${term.padEnd(column)}  ${first}`, ...rest.map((line) => indent + line)].join('\n');
}

/** What a flag does, and its default where it has one that says something: no `false`, no `[]`. */
export function optionDescription(option: Option): string {
  const { defaultValue, defaultValueDescription, description } = option;
  const plain = typeof defaultValue === 'string' || typeof defaultValue === 'number';
  const named = defaultValueDescription ?? (plain ? String(defaultValue) : '');
  return named === '' ? description : `${description} (default: ${named})`;
}

/**
 * A part of the help with no line beyond the width, as far as words allow, and one line break at
 * its end: paragraphs are filled, comments keep their mark, and commands go on behind a backslash.
 */
export function wrapHelp(text: string, width: number): string {
  const lines = text.trimEnd().split('\n');
  return `${lines.map((line) => wrapLine(line, width)).join('\n')}\n`;
}

function wrapLine(line: string, width: number): string {
  if (line.length <= width) return line;
  const [indent = ''] = /^ *(?:# )?/.exec(line) ?? [];
  const words = line.slice(indent.length).split(/ +/);
  if (indent === '  ') return `  ${wrapWords(commandParts(words), width - 8).join(' \\\n      ')}`;
  return wrapWords(words, width - indent.length)
    .map((one) => indent + one)
    .join('\n');
}

/** The words of a command; as one those that stay together: a flag and its value, `| vipc get`. */
function commandParts(words: readonly string[]): readonly string[] {
  const parts: string[] = [];
  for (const word of words) {
    const last = parts.at(-1) ?? '';
    const isValue = /(?:^| )--?[\w-]+$/.test(last) && !/^[-|>&]/.test(word);
    if (isValue || /(?:^[|>]|&&|^\| vipc)$/.test(last)) parts.splice(-1, 1, `${last} ${word}`);
    else parts.push(word);
  }
  return parts;
}

function wrap(text: string, width: number): readonly string[] {
  return wrapWords(text.split(/ +/), width);
}

/** Words in lines of this width; a longer one has a line of its own. */
function wrapWords(words: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
