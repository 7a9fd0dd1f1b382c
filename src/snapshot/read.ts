/** The first step into the snapshot: text of a file -> the documents in it, YAML or JSON, values still unchecked. */

import type { Diagnostic } from '../diagnostics.js';
import { parseJson, readJson } from './read-json.js';
import { readYaml, splitYaml } from './read-yaml.js';

/** One input file: `name` is what diagnostics call it. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

/** A stretch of a source's text. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** One document of a source: its value as parsed, and the stretch of text it came from. */
export interface SourceDocument extends Stretch {
  readonly value: unknown;
  readonly syntax: 'yaml' | 'json';
}

/** The documents that could be parsed, and a finding for each that could not. */
export interface ReadResult {
  readonly documents: readonly SourceDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Every document of a source. Text that cannot be parsed costs its own document and no other:
 * documents end at `---` lines, which can stand inside no sound JSON, and JSON values where
 * their brackets close.
 */
export function readSource(source: Source): ReadResult {
  const { text } = source;
  const start = text.startsWith('\uFEFF') ? 1 : 0;
  const whole = looksLikeJson(text, start) ? parseJson(text.slice(start)) : undefined;
  if (whole !== undefined) {
    const document = { value: whole.value, syntax: 'json', start, end: text.length } as const;
    return { documents: [document], diagnostics: [] };
  }
  const results = splitYaml(text).map((stretch) => {
    const behindDashes = stretch.start + (text.startsWith('---', stretch.start) ? 3 : 0);
    return looksLikeJson(text, behindDashes)
      ? readJson(source, { start: behindDashes, end: stretch.end })
      : readYaml(source, stretch);
  });
  return {
    documents: results.flatMap((result) => result.documents),
    diagnostics: results.flatMap((result) => result.diagnostics),
  };
}

/** By the first character, and by the one after it, because `{a: 1}` is YAML. */
function looksLikeJson(text: string, start: number): boolean {
  const beginning = text
    .slice(start, start + 10_000)
    .trimStart()
    .slice(0, 1000);
  return /^(?:\{\s*(?:["}]|$)|\[\s*(?:[[\]{"\d-]|$))/.test(beginning);
}
