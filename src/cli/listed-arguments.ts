/** The arguments of `vipc get`: kinds and names in the three forms that kubectl takes. */

import { UsageError } from '../errors.js';
import { nearestName } from '../nearest-name.js';
import { type ListedKind, RESOURCES } from './listed-objects.js';

/** A kind that is asked for. */
export interface AskedKind {
  readonly kind: ListedKind;
  /** The objects of it; none: all. */
  readonly names: readonly string[];
}

/** `KIND[,KIND...] [NAME...]` or `KIND/NAME...`: every kind once, in order. Throws UsageError. */
export function requestedKinds(words: readonly [string, ...string[]]): readonly AskedKind[] {
  const [first, ...names] = words;
  if (first.includes('/')) return askedByName(words);
  const slash = names.find((name) => name.includes('/'));
  if (slash !== undefined)
    throw new UsageError(`${JSON.stringify(slash)} follows the kind ${JSON.stringify(first)}`, {
      hint: 'write KIND NAME... or KIND/NAME..., not both',
    });
  return [...new Set(first.split(',').map(kindOf))].map((kind) => ({ kind, names }));
}

function askedByName(words: readonly string[]): readonly AskedKind[] {
  const byKind = new Map<ListedKind, string[]>();
  for (const word of words) {
    const [kind = '', name = '', ...rest] = word.split('/');
    if (name === '' || rest.length > 0)
      throw new UsageError(`${JSON.stringify(word)} is not KIND/NAME`, {
        hint: 'where one argument is KIND/NAME, all are',
      });
    const found = kindOf(kind);
    const names = byKind.get(found);
    if (names === undefined) byKind.set(found, [name]);
    else names.push(name);
  }
  return [...byKind].map(([kind, names]) => ({ kind, names }));
}

function kindOf(word: string): ListedKind {
  const kind = RESOURCES.find(({ words }) => words.includes(word));
  if (kind !== undefined) return kind;
  const near = nearestName(
    word,
    RESOURCES.flatMap(({ words }) => words),
  );
  throw new UsageError(`${JSON.stringify(word)} is not a kind that vipc shows`, {
    hint: near === undefined ? 'services, endpoints or endpointslices' : `did you mean ${near}?`,
  });
}
