/**
 * Diagnostics about objects -> the same with file, line and column. Only the documents that
 * are needed are read again, and only for where things stand, never for what they are.
 */

import type { Diagnostic, Position } from '../diagnostics.js';
import { type LoadedSnapshot, originKey } from './load.js';
import { jsonLocator } from './locate-json.js';
import { yamlLocator } from './locate-yaml.js';
import type { Origin } from './objects.js';
import { positionAt } from './position.js';
import type { Source } from './read.js';

/**
 * Finds the offset of a path in a document: of the value if it is a scalar, of its key if it is
 * not, and of the nearest thing around it if there is no such path.
 */
export type Locator = (path: readonly string[]) => number;

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
  const known = locators.get(key);
  const locator = known ?? makeLocator(origin, source);
  if (known === undefined) locators.set(key, locator);
  return positionAt(source, locator([...origin.path.map(String), ...fieldSteps(field)]));
}

function makeLocator({ syntax, start, end }: Origin, { text }: Source): Locator {
  return syntax === 'json' ? jsonLocator(text, start) : yamlLocator(text, start, end);
}

/** The steps of `spec.ports[0].port` and of `metadata.labels[app.kubernetes.io/name]`. */
function fieldSteps(field: string): readonly string[] {
  return [...field.matchAll(/\[([^\]]*)\]|[^.[\]]+/g)].map((match) => match[1] ?? match[0]);
}
