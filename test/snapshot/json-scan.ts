/** What the scanner of JSON finds in a text. */

import { valueEnd } from '../../src/input/json-bytes.js';
import { storedIn } from '../../src/input/stored-source.js';
import { jsonListIn } from '../../src/snapshot/json-items.js';

/** Whether the scanner takes all of a text as one value. */
export function isOneValue(text: string): boolean {
  const bytes = Buffer.from(text);
  return valueEnd(bytes, 0) === bytes.length;
}

/** The items of a text as they stand there, with kinds and names. */
export function itemsIn(
  text: string,
): readonly (readonly [string, string, string, string])[] | undefined {
  const bytes = Buffer.from(text);
  return jsonListIn(storedIn(bytes))?.items.map(
    ({ start, end, kind, namespace, name }) =>
      [bytes.toString('utf8', start, end), kind, namespace, name] as const,
  );
}
