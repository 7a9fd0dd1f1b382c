/**
 * Adds file, line and column to diagnostics about objects. Only the documents that are needed are
 * read again, and only for places.
 */

import type { Diagnostic, Position } from '../diagnostics.js';
import { getOrInsert } from '../grouping.js';
import { documentLocator } from '../input/documents.js';
import { fieldSteps } from '../input/path.js';
import { type Locator, positionAt, type Source } from '../input/source.js';
import type { LoadedSnapshot } from './load.js';
import { type Origin, originKey } from './objects.js';

/**
 * The diagnostics, in their order, each with its position as far as its object or field can be
 * found in the sources; others stay as they are. `sources` are those that were loaded.
 */
export function locate(
  diagnostics: readonly Diagnostic[],
  loaded: Pick<LoadedSnapshot, 'origins'>,
  sources: readonly Source[],
): readonly Diagnostic[] {
  const locators = new Map<string, Locator>();
  return diagnostics.map((diagnostic) => {
    const origin = originOf(diagnostic, loaded);
    const source = origin === undefined ? undefined : sources[origin.source];
    if (diagnostic.position !== undefined || origin === undefined || source === undefined) {
      return diagnostic;
    }
    return { ...diagnostic, position: find(origin, diagnostic.field ?? '', source, locators) };
  });
}

function originOf(
  diagnostic: Diagnostic,
  { origins }: Pick<LoadedSnapshot, 'origins'>,
): Origin | undefined {
  const { object } = diagnostic;
  const own = origins.findings.get(diagnostic);
  return own ?? (object === undefined ? undefined : origins.objects.get(originKey(object)));
}

function find(
  origin: Origin,
  field: string,
  source: Source,
  locators: Map<string, Locator>,
): Position {
  const key = `${origin.source} ${origin.start}`;
  const locator = getOrInsert(locators, key, () => documentLocator(source, origin));
  return positionAt(source, locator([...origin.path, ...fieldSteps(field)]));
}
