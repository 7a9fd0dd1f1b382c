/** What `nft -j list ruleset` prints, as one object a line, and changes of a part of an object. */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A key or number of each level, from the outermost one. */
export type Path = readonly (string | number)[];

/** A part of an object. */
export interface Site {
  readonly line: number;
  readonly path: Path;
  readonly value: Json;
}

/** As nft prints it. */
export function jsonText(value: Json): string {
  return JSON.stringify(value, undefined, 1)
    .replaceAll(/(?<=[[{])\n\s*|\n\s*(?=[\]}])/g, '')
    .replaceAll(/\n\s*/g, ' ');
}

/** The objects of a listing, one a line. */
export function objectLines(listing: string): string {
  const { nftables } = JSON.parse(listing) as { readonly nftables: readonly Json[] };
  return nftables.map(jsonText).join('\n');
}

/** The listing of objects. */
export function listingOf(lines: readonly string[]): string {
  return `{"nftables": [${lines.join(', ')}]}`;
}

const KINDS = ['table', 'chain', 'set', 'map', 'rule'];

/**
 * A listing that nft 1.0.6 loads. It wants chains before maps that lead to them, where it does not
 * print them, and sets that packets change without the flag that newer ones print.
 */
export function loadable(lines: readonly string[]): string {
  const ordered = KINDS.flatMap((kind) => lines.filter((line) => line.startsWith(`{"${kind}": `)));
  return listingOf(
    ordered.map((line) => line.replace(/("flags": \["timeout"), "dynamic"\]/, '$1]')),
  );
}

/** All parts of objects whose path, joined by slashes, matches, and that fit. */
export function partsOf(
  lines: readonly string[],
  path: RegExp,
  fits: (value: Json) => boolean,
): readonly Site[] {
  return lines.flatMap((text, line) =>
    [...within(JSON.parse(text) as Json, [])].flatMap(([at, value]) =>
      path.test(at.join('/')) && fits(value) ? [{ line, path: at, value }] : [],
    ),
  );
}

function* within(value: Json, path: Path): Generator<readonly [Path, Json]> {
  yield [path, value];
  if (typeof value !== 'object' || value === null) return;
  const isList = Array.isArray(value);
  for (const [key, part] of Object.entries(value))
    yield* within(part as Json, [...path, isList ? Number(key) : key]);
}

/** The lines with another part at a site; `undefined`: without it. */
export function replaced(
  lines: readonly string[],
  { line, path }: Site,
  part: Json | undefined,
): readonly string[] {
  const object = JSON.parse(lines[line] ?? '') as Json;
  return lines.with(line, jsonText(withPart(object, path, part) ?? null));
}

function withPart(value: Json, [key, ...others]: Path, part: Json | undefined): Json | undefined {
  if (key === undefined) return part;
  if (isList(value)) {
    const next = withPart(value[Number(key)] ?? null, others, part);
    return next === undefined ? value.toSpliced(Number(key), 1) : value.with(Number(key), next);
  }
  const entries = Object.entries(value ?? {}).flatMap(([name, now]) => {
    const next = name === key ? withPart(now as Json, others, part) : (now as Json);
    return next === undefined ? [] : [[name, next] as const];
  });
  return Object.fromEntries(entries);
}

/** Whether a value is a list. */
export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** The only key of an object such as a statement; `''`: it is none. */
export function kindOf(value: Json): string {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return keys.length === 1 ? (keys[0] ?? '') : '';
}
