/** The first step into the snapshot: text of a file -> the documents in it, YAML or JSON, values still unchecked. */

import type { Diagnostic } from '../diagnostics.js';
import { readJson } from './read-json.js';
import { readYaml } from './read-yaml.js';

/** One input file: `name` is what diagnostics call it. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

/** One document of a source: its value as parsed, and the stretch of text it came from. */
export interface SourceDocument {
  readonly value: unknown;
  readonly syntax: 'yaml' | 'json';
  readonly start: number;
  readonly end: number;
}

/** The documents that could be parsed, and a finding for each that could not. */
export interface ReadResult {
  readonly documents: readonly SourceDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Every document of a source. JSON is recognised by its first character, and by the one after it:
 * `{a: 1}` is YAML. Text that cannot be parsed costs its own document and no other.
 */
export function readSource(source: Source): ReadResult {
  const beginning = source.text.slice(0, 1_000_000).trimStart().slice(0, 100);
  return /^(?:\{\s*(?:["}]|$)|\[\s*(?:[[\]{"\d-]|$))/.test(beginning)
    ? readJson(source)
    : readYaml(source);
}
