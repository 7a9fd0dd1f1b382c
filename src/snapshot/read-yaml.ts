/**
 * YAML text -> documents. js-yaml parses each document on its own, so that a broken one costs no
 * other, and with the rules of kubectl where YAML 1.2 would read a value differently.
 */

import {
  boolCoreTag,
  CORE_SCHEMA,
  defineScalarTag,
  intCoreTag,
  loadAll,
  mergeTag,
  NOT_RESOLVED,
  YAMLException,
} from 'js-yaml';
import type { Diagnostic } from '../diagnostics.js';
import { positionAt } from './position.js';
import { oneLine } from './raw-value.js';
import type { ReadResult, Source, SourceDocument, Stretch } from './read.js';

const YES = /^(?:yes|Yes|YES|on|On|ON)$/;
const NO = /^(?:no|No|NO|off|Off|OFF)$/;

/** kubectl reads YAML 1.1 here: an unquoted `on` or `no` is a boolean, so a label of it is refused. */
const bool = defineScalarTag<boolean>(boolCoreTag.tagName, {
  implicit: true,
  implicitFirstChars: [...'tTfFyYnNoO'],
  identify: () => false,
  resolve: (source, isExplicit, tagName) => {
    if (YES.test(source)) return true;
    if (NO.test(source)) return false;
    return boolCoreTag.resolve(source, isExplicit, tagName);
  },
});

/** kubectl reads a leading zero as octal, as YAML 1.1 does. */
const int = defineScalarTag<number>(intCoreTag.tagName, {
  implicit: true,
  implicitFirstChars: intCoreTag.implicitFirstChars,
  identify: () => false,
  resolve: (source, isExplicit, tagName) => {
    const octal = /^([-+]?)0([0-7]+)$/.exec(source);
    if (octal === null) return intCoreTag.resolve(source, isExplicit, tagName);
    const value = Number.parseInt(octal[2] ?? '', 8);
    return Number.isNaN(value) ? NOT_RESOLVED : octal[1] === '-' ? -value : value;
  },
});

/** How js-yaml reads: YAML 1.2 core, merge keys and the two rules above. Timestamps stay text. */
const SCHEMA = CORE_SCHEMA.withTags(mergeTag, bool, int);

/** Enough for any manifest; a list of aliases to a list of aliases must not grow without bound. */
const MAX_ALIASES = 1000;

/** The document in a stretch of YAML text; an empty one is none. */
export function readYaml(source: Source, { start, end }: Stretch): ReadResult {
  try {
    const text = source.text.slice(start, end);
    const documents = loadAll(text, { schema: SCHEMA, maxAliases: MAX_ALIASES })
      .filter((value) => value !== null && value !== undefined)
      .map((value): SourceDocument => ({ value, syntax: 'yaml', start, end }));
    return { documents, diagnostics: [] };
  } catch (error) {
    return { documents: [], diagnostics: [brokenDocument(source, start, error)] };
  }
}

/**
 * Where each document begins and ends. A line that starts with `---` or `...` separates
 * documents wherever it stands, even inside a quoted or literal text, so no parser is needed.
 */
export function splitYaml(text: string): readonly Stretch[] {
  const parts: Stretch[] = [];
  const separator = /(?:^\uFEFF?|\n)(---|\.\.\.)(?=\s|$)/g;
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  for (const match of text.matchAll(separator)) {
    const marker = match.index + match[0].length - 3;
    // A %YAML or %TAG directive belongs to the document behind the dashes that end it.
    if (match[1] === '---' && startsWithDirective(text, start)) continue;
    if (marker > start) parts.push({ start, end: marker });
    start = match[1] === '---' ? marker : marker + 3;
  }
  if (start < text.length) parts.push({ start, end: text.length });
  return parts;
}

/** Whether the first line that is neither blank nor a comment begins with `%`. */
function startsWithDirective(text: string, start: number): boolean {
  let line = start;
  while (line < text.length) {
    const end = text.indexOf('\n', line);
    const next = end < 0 ? text.length : end + 1;
    const first = text.slice(line, Math.min(next, line + 1000)).trimStart();
    if (first !== '' && !first.startsWith('#')) return text[line] === '%';
    line = next;
  }
  return false;
}

function brokenDocument(source: Source, start: number, error: unknown): Diagnostic {
  const reason = error instanceof YAMLException ? error.reason : String(error);
  const offset = start + (error instanceof YAMLException ? (error.mark?.position ?? 0) : 0);
  const template = /^[^'"#]*\{\{/m.test(source.text.slice(start, start + 100_000));
  return {
    code: 'invalid-yaml',
    severity: 'error',
    message: `YAML document left out: ${oneLine(reason)}`,
    position: positionAt(source, offset),
    ...(template ? { hint: 'this looks like a template; render it first' } : {}),
  };
}
