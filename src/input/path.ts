/** Paths to fields: as steps, as text (`spec.ports[0].port`), and as the JSON pointers of ajv. */

import { type Shape, shapeAt } from './shape.js';
import { plainWord } from './value.js';

/** Keys and indexes from the root of a value to a field. */
export type FieldPath = readonly (string | number)[];

/**
 * A path as kubectl writes it: `spec.ports[0].port`. Keys of what is a map in the shape are in
 * brackets: `metadata.labels[app]`. Keys with odd characters are quoted.
 */
export function fieldPath(path: FieldPath, shape?: Shape): string {
  let text = '';
  let here = shape;
  for (const step of path) {
    const bracket = typeof step === 'number' || here?.kind === 'record';
    const word = plainWord(String(step));
    text += bracket ? `[${word}]` : `${text === '' ? '' : '.'}${word}`;
    here = shapeAt(here, step);
  }
  return text;
}

/** A quoted key, with or without brackets, then a key or an index in brackets, then a name. */
const STEP = /\[?("(?:[^"\\]|\\(?:u[\da-f]{4}|["\\bfnrt]))*")\]?|\[([^\]]*)\]|[^.[\]]+/g;

/** The steps of a path that {@link fieldPath} wrote; indexes are digits. */
export function fieldSteps(field: string): readonly string[] {
  return [...field.matchAll(STEP)].map(([text, quoted, bracketed]) =>
    quoted === undefined ? (bracketed ?? text) : String(JSON.parse(quoted)),
  );
}

/** The path behind a JSON pointer (RFC 6901) into a value of this shape. */
export function pointerPath(pointer: string, shape: Shape): FieldPath {
  let here: Shape | undefined = shape;
  return pointer
    .split('/')
    .slice(1)
    .map((escaped) => {
      const name = pointerStep(escaped);
      const step = here?.kind === 'array' ? Number(name) : name;
      here = shapeAt(here, step);
      return step;
    });
}

/** What one step of a JSON pointer names. */
export function pointerStep(escaped: string): string {
  return escaped.replaceAll('~1', '/').replaceAll('~0', '~');
}
