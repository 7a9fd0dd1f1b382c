/** Keys given twice in one map, of YAML or JSON: the last one counts, as in kubectl. */

import type { Diagnostic } from '../diagnostics.js';
import { type DuplicateKey, positionAt, type Source } from './source.js';
import { plainWord } from './value.js';

/** At most this many duplicate keys of one document are reported. */
const MAX_DUPLICATES = 20;

/** Takes the maps and lists of a document as they open and close, and finds the duplicate keys. */
export class MapKeys {
  readonly duplicates: DuplicateKey[] = [];
  readonly #open: Container[] = [];

  open(isMap: boolean): void {
    const around = this.#open.at(-1);
    const parent = around?.last ?? around?.parent ?? '';
    this.#open.push({ keys: isMap ? new Set() : undefined, parent, last: undefined });
  }

  close(): void {
    this.#open.pop();
  }

  /** A key of the innermost map. */
  key(key: string, offset: number): void {
    const map = this.#open.at(-1);
    if (map?.keys === undefined) return;
    if (map.keys.has(key) && this.duplicates.length < MAX_DUPLICATES)
      this.duplicates.push({ key, parent: map.parent, offset });
    map.keys.add(key);
    map.last = key;
  }
}

interface Container {
  /** The keys so far; a list has none. */
  readonly keys: Set<string> | undefined;
  readonly parent: string;
  /** The key whose value comes next. */
  last: string | undefined;
}

/** The warnings of a document that starts at an offset of its source. */
export function duplicateKeyWarnings(
  source: Source,
  start: number,
  { duplicates }: MapKeys,
): readonly Diagnostic[] {
  return duplicates.map(({ key, offset }) => ({
    code: 'duplicate-key',
    severity: 'warning',
    message: `key ${plainWord(key)} is set twice in one map; the last one counts`,
    hint: 'remove one of the two',
    position: positionAt(source, start + offset),
  }));
}
