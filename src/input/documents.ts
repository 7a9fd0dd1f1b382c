/** The documents in a source, YAML or JSON, their values still unchecked, and places in them. */

import { finish, type Steps } from '../steps.js';
import { jsonLocator, readJson, readWholeJson } from './json.js';
import type { Locator, ReadResult, Source, Stretch } from './source.js';
import { readYaml, splitYaml } from './yaml.js';
import { yamlLocator } from './yaml-events.js';

/**
 * Every document of a source. A document that cannot be parsed does not affect the others:
 * documents end at `---` lines, which valid JSON cannot contain, and JSON values where their
 * brackets close.
 */
export function readSource(source: Source): ReadResult {
  return finish(readInSteps(source));
}

/** The same as {@link readSource}, step by step. */
export function* readInSteps(source: Source): Steps<ReadResult> {
  if (source.read !== undefined) return source.read;
  const { text } = source;
  const start = text.startsWith('\uFEFF') ? 1 : 0;
  const whole = looksLikeJson(text, start) ? yield* readWholeJson(source, start) : undefined;
  if (whole !== undefined) return whole;
  const results: ReadResult[] = [];
  for (const stretch of splitYaml(text)) {
    const behindDashes = stretch.start + (text.startsWith('---', stretch.start) ? 3 : 0);
    results.push(
      looksLikeJson(text, behindDashes)
        ? yield* readJson(source, { start: behindDashes, end: stretch.end })
        : yield* readYaml(source, stretch),
    );
    yield;
  }
  return {
    documents: results.flatMap((result) => result.documents),
    diagnostics: results.flatMap((result) => result.diagnostics),
    duplicates: results.flatMap((result) => result.duplicates ?? []),
  };
}

/** The locator of a document that could be parsed. */
export function documentLocator(
  source: Source,
  { syntax, start, end }: Stretch & { readonly syntax: 'yaml' | 'json' },
): Locator {
  return syntax === 'json' ? jsonLocator(source.text, start) : yamlLocator(source.text, start, end);
}

/** By the first character, and by the one after it, because `{a: 1}` is YAML. */
function looksLikeJson(text: string, start: number): boolean {
  const beginning = text
    .slice(start, start + 10_000)
    .trimStart()
    .slice(0, 1000);
  return /^(?:\{\s*(?:["}]|$)|\[\s*(?:[[\]{"\d-]|$))/.test(beginning);
}
