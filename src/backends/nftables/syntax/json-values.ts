/** Looks into parsed JSON without trusting its shape. */

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object; `undefined` for a list or anything else. */
export function objectOf(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a list; `undefined` for anything else. */
export function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** What kind of thing something is, as nft writes it: the one key of an object, with its value. */
export interface OnlyEntry {
  /** `undefined` for what is no object with one key. */
  readonly kind: string | undefined;
  readonly content: unknown;
}

const NO_ENTRY: OnlyEntry = { kind: undefined, content: undefined };

/** The one entry of an object. No pair: those were a quarter of what a reading allocates. */
export function onlyEntry(value: unknown): OnlyEntry {
  const object = objectOf(value);
  let kind: string | undefined;
  for (const key in object) {
    if (kind !== undefined) return NO_ENTRY;
    kind = key;
  }
  return kind === undefined ? NO_ENTRY : { kind, content: object?.[kind] };
}

/** The content of an object with this key alone. */
export function contentOf(value: unknown, wanted: string): unknown {
  const { kind, content } = onlyEntry(value);
  return kind === wanted ? content : undefined;
}

/** Whether the object has no other keys than these. */
export function hasOnly(object: JsonObject, keys: readonly string[]): boolean {
  for (const key in object) if (!keys.includes(key)) return false;
  return true;
}

/**
 * A string or a list of strings as a list: versions differ in which they write for one. Not there:
 * empty.
 */
export function wordsOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  const list = listOf(value);
  if (list === undefined) return undefined;
  const words = list.filter((word) => typeof word === 'string');
  return words.length === list.length ? words : undefined;
}

/** A number, which other writers of JSON put in quotes. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** JSON that is not understood, as text that is marked as such. */
export function unknownText(value: unknown): string {
  return `json ${JSON.stringify(value)}`;
}

/**
 * The comment, if nft could read it again: it knows no escapes. Another is among {@link othersOf}.
 */
export function commentOf({ comment }: JsonObject): string {
  return isPlain(comment) ? comment : '';
}

function isPlain(comment: unknown): comment is string {
  return typeof comment === 'string' && PLAIN.test(comment);
}

const PLAIN = /^[^"\p{Cc}]*$/u;

/** Whatever is not among the known keys, key by key. */
export function othersOf(object: JsonObject, known: readonly string[]): readonly string[] {
  const others: string[] = [];
  for (const key in object)
    if (!known.includes(key) && !(key === 'comment' && isPlain(object[key])))
      others.push(unknownText({ [key]: object[key] }));
  return others;
}
