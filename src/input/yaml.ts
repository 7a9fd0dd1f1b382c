/**
 * The documents in YAML text. js-yaml parses each document on its own, so that a broken one does
 * not affect the others, and with the rules of kubectl where YAML 1.2 reads a value differently.
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
import type { Steps } from '../steps.js';
import { duplicateKeyWarnings } from './duplicate-keys.js';
import { foreignTextHint } from './foreign-text.js';
import {
  positionAt,
  type ReadResult,
  type Source,
  type SourceDocument,
  type Stretch,
} from './source.js';
import { oneLine } from './value.js';
import { yamlKeys } from './yaml-events.js';
import { readLongList } from './yaml-list.js';

const YES = /^(?:yes|Yes|YES|on|On|ON)$/;
const NO = /^(?:no|No|NO|off|Off|OFF)$/;

/**
 * kubectl reads YAML 1.1 here: an unquoted `on` or `no` is a boolean, so a label of it is refused.
 */
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

/**
 * The document in a stretch of YAML text; none where it is empty. Of a key that is given twice in
 * one map the last value counts, as in kubectl and Helm, with a warning that names the key.
 */
export function* readYaml(source: Source, stretch: Stretch): Steps<ReadResult> {
  const text = source.text.slice(stretch.start, stretch.end);
  const value = yield* readLongList(text, (part) => load(part, false));
  if (value !== undefined)
    return { documents: [{ value, syntax: 'yaml', ...stretch }], diagnostics: [] };
  try {
    return { documents: documentsIn(text, stretch, false), diagnostics: [] };
  } catch (error) {
    if (!(error instanceof YAMLException) || error.reason !== 'duplicated mapping key') {
      return { documents: [], diagnostics: [brokenDocument(source, stretch, error)] };
    }
  }
  try {
    const documents = documentsIn(text, stretch, true);
    const keys = yamlKeys(text);
    const diagnostics = duplicateKeyWarnings(source, stretch.start, keys);
    return { documents, diagnostics, duplicates: keys.duplicates };
  } catch (error) {
    return { documents: [], diagnostics: [brokenDocument(source, stretch, error)] };
  }
}

/** With `json`, js-yaml lets the last of several equal keys count, as JSON.parse does. */
function load(text: string, json: boolean): unknown[] {
  return loadAll(text, { schema: SCHEMA, maxAliases: MAX_ALIASES, json });
}

function documentsIn(text: string, { start, end }: Stretch, json: boolean): SourceDocument[] {
  return load(text, json)
    .filter((value) => value !== null && value !== undefined)
    .map((value) => ({ value, syntax: 'yaml', start, end }));
}

/**
 * Where each document begins and ends. A line that starts with `---` or `...` separates
 * documents wherever it stands, even inside a quoted or literal text, so no parser is needed.
 * A byte order mark may stand before each document (YAML 1.2, 9.1.1).
 */
export function splitYaml(text: string): readonly Stretch[] {
  const parts: Stretch[] = [];
  const separator = /(?:^|\n)\uFEFF?(---|\.\.\.)(?=\s|$)/g;
  let start = 0;
  let inDirectives = false;
  const add = (end: number): void => {
    const behindMark = skipMark(text, start, end);
    if (end > behindMark) parts.push({ start: behindMark, end });
  };
  for (const match of text.matchAll(separator)) {
    const marker = match.index + match[0].length - 3;
    // A %YAML or %TAG directive belongs to the document behind the dashes that end it.
    if (match[1] === '---' && !inDirectives && startsWithDirective(text, start)) {
      inDirectives = true;
      continue;
    }
    add(match.index + (match[0].startsWith('\n') ? 1 : 0));
    inDirectives = false;
    start = match[1] === '---' ? marker : marker + 3;
  }
  add(text.length);
  return parts;
}

/** The offset behind a byte order mark that only dashes, blank lines and comments precede. */
function skipMark(text: string, start: number, end: number): number {
  const lead = /(?:---[ \t]*(?:#.*)?\r?\n)?(?:[ \t]*(?:#.*)?\r?\n)*\uFEFF/y;
  lead.lastIndex = start;
  return lead.test(text) && lead.lastIndex <= end ? lead.lastIndex : start;
}

/** Whether the first line that is neither blank nor a comment begins with `%`. */
function startsWithDirective(text: string, start: number): boolean {
  let line = start;
  while (line < text.length) {
    const end = text.indexOf('\n', line);
    const next = end < 0 ? text.length : end + 1;
    const first = text.slice(line, Math.min(next, line + 1000)).trimStart();
    if (first !== '' && !first.startsWith('#')) return first.startsWith('%');
    line = next;
  }
  return false;
}

function brokenDocument(source: Source, { start, end }: Stretch, error: unknown): Diagnostic {
  const reason = error instanceof YAMLException ? error.reason : String(error);
  const offset = start + (error instanceof YAMLException ? (error.mark?.position ?? 0) : 0);
  const beginning = source.text.slice(start, Math.min(end, start + 100_000));
  const hint = foreignTextHint(beginning);
  return {
    code: 'invalid-yaml',
    severity: 'error',
    message: `YAML document cannot be read: ${oneLine(reason)}`,
    position: positionAt(source, offset),
    ...(hint && { hint }),
  };
}
