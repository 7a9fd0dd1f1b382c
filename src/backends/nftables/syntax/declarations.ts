/** Spells the lines that make chains, sets, maps and elements, the way our templates do. */

/** Where a base chain hooks in. */
export interface Hook {
  readonly type: string;
  readonly hook: string;
  readonly priority: number;
  /** `accept` is the default. */
  readonly policy: string;
}

/** What a set or a map is like. */
export interface SetShape {
  readonly kind: 'set' | 'map';
  /** Of the key; several make a concatenation, none are told among the others. */
  readonly types: readonly string[];
  /** What a map leads to; `''` for a set, or where the others tell. */
  readonly data: string;
  readonly flags: readonly string[];
  /** In seconds; 0: none. */
  readonly timeout: number;
  /** 0: not limited, or not told. */
  readonly size: number;
  /** Properties that are not understood, as they were read. */
  readonly others: readonly string[];
}

/** What nft gives a set that rules fill, where nobody says more; version 1.0.6 and older tell such a set by nothing else. */
const SIZE_OF_DYNAMIC_SETS = 65_535;

/** The line of a chain. */
export function chainLine(
  table: string,
  name: string,
  hook: Hook | undefined,
  others: readonly string[] = [],
): string {
  const properties =
    hook === undefined
      ? []
      : [
          `type ${hook.type} hook ${hook.hook} priority ${hook.priority}`,
          ...(hook.policy === 'accept' ? [] : [`policy ${hook.policy}`]),
        ];
  return `add chain ${table} ${name}${block([...properties, ...others])}`;
}

/** The line of a set or a map. */
export function setLine(table: string, name: string, shape: SetShape): string {
  const { kind, data, timeout, size, others } = shape;
  const filled = shape.flags.includes('dynamic') || size === SIZE_OF_DYNAMIC_SETS;
  const flags = [...new Set([...shape.flags, ...(filled ? ['dynamic'] : [])])].sort();
  const types = [shape.types.join(' . '), data].filter((text) => text !== '').join(' : ');
  return `add ${kind} ${table} ${name}${block([
    ...(types === '' ? [] : [`type ${types}`]),
    ...(flags.length === 0 ? [] : [`flags ${flags.join(',')}`]),
    ...(timeout === 0 ? [] : [`timeout ${timeout}s`]),
    ...(size === 0 || size === SIZE_OF_DYNAMIC_SETS ? [] : [`size ${size}`]),
    ...others,
  ])}`;
}

/** A declaration with its comment, where there is one. */
export function withComment(declaration: string, comment: string): string {
  if (comment === '') return declaration;
  const words = `comment "${comment}" ; }`;
  return declaration.endsWith(' }')
    ? `${declaration.slice(0, -1)}${words}`
    : `${declaration} { ${words}`;
}

/** The line of an element; `value` is `''` in a set. */
export function elementLine(
  table: string,
  set: string,
  element: { readonly key: string; readonly comment: string; readonly value: string },
): string {
  const comment = element.comment === '' ? '' : ` comment "${element.comment}"`;
  const value = element.value === '' ? '' : ` : ${element.value}`;
  return `add element ${table} ${set} { ${element.key}${comment}${value} }`;
}

function block(properties: readonly string[]): string {
  return properties.length === 0 ? '' : ` { ${properties.map((text) => `${text} ; `).join('')}}`;
}
