/** Types of keys of sets and maps, and the expressions that stand for them behind `typeof`. */

/** By type, where one is only declared by an expression, or is so in the templates. */
const EXPRESSIONS: ReadonlyMap<string, string> = new Map([
  ['ipv4_addr', 'ip daddr'],
  ['ipv6_addr', 'ip6 daddr'],
  ['inet_proto', 'meta l4proto'],
  ['inet_service', 'th dport'],
  ['integer', 'numgen random mod 65536'],
]);

/** Which type each expression has. */
const TYPES: ReadonlyMap<string, string> = new Map(
  [...EXPRESSIONS].map(([type, expression]) => [expression, type]),
);

/** How many numbers it draws from means nothing in a declaration. */
const NUMBER = /^numgen (?:random|inc) mod \d+$/;

/** `type` takes no integer: nft wants an expression that tells how long one is. */
const NEEDS_EXPRESSION = 'integer';

/**
 * The property that declares the types of a key, and of what a map leads to, each joined by ` . `:
 * `type a . b : c`, or by expressions where a type has no name that nft takes.
 */
export function typeProperty(key: readonly string[], data: string): string {
  const expressions = key.map((type) => EXPRESSIONS.get(type));
  const dataTypes = data === '' ? [] : data.split(' . ');
  const dataExpressions = dataTypes.map((type) => EXPRESSIONS.get(type));
  const isTypeof =
    key.includes(NEEDS_EXPRESSION) && ![...expressions, ...dataExpressions].includes(undefined);
  const [word, left, right] = isTypeof
    ? ['typeof', expressions, dataExpressions]
    : ['type', key, dataTypes];
  const types = [left, right].map((parts) => parts.join(' . ')).filter((text) => text !== '');
  return types.length === 0 ? '' : `${word} ${types.join(' : ')}`;
}

/** The types of the expressions of `typeof`; `undefined` where one of them is not known. */
export function typesOfExpressions(text: string): readonly string[] | undefined {
  const types: string[] = [];
  for (const expression of text.split(' . ')) {
    const type = NUMBER.test(expression) ? 'integer' : TYPES.get(expression);
    if (type === undefined) return undefined;
    types.push(type);
  }
  return types;
}
