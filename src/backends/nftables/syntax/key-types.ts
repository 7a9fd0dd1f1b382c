/** Types of keys of sets and maps, and the expressions that `typeof` takes for them. */

/** By type: those that nft takes as an expression only, or that templates write as one. */
const EXPRESSIONS: ReadonlyMap<string, string> = new Map([
  ['ipv4_addr', 'ip daddr'],
  ['ipv6_addr', 'ip6 daddr'],
  ['inet_proto', 'meta l4proto'],
  ['integer', 'numgen random mod 65536'],
]);

/** Which type each expression has. */
const TYPES: ReadonlyMap<string, string> = new Map(
  [...EXPRESSIONS].map(([type, expression]) => [expression, type]),
);

/** The modulus does not matter in a declaration. */
const NUMBER = /^numgen (?:random|inc) mod \d+$/;

/** `type integer` has no length, so that nft refuses it: an expression gives the length. */
const NEEDS_EXPRESSION = 'integer';

const PORT = 'inet_service';

/** nft lists `inet_service` without its protocol: that is the end of the set's name. */
function portExpression(set: string): string {
  const [, protocol = 'th'] = /-(tcp|udp|sctp)$/.exec(set) ?? [];
  return `${protocol} dport`;
}

/**
 * The property that declares the types of the key of a set, and of what a map leads to, each joined
 * by ` . `: `type a . b : c`, or by expressions where a type has no name that nft takes.
 */
export function typeProperty(set: string, key: readonly string[], data: string): string {
  const expressionOf = (type: string): string | undefined =>
    type === PORT ? portExpression(set) : EXPRESSIONS.get(type);
  const expressions = key.map(expressionOf);
  const dataTypes = data === '' ? [] : data.split(' . ');
  const dataExpressions = dataTypes.map(expressionOf);
  const isTypeof =
    key.includes(NEEDS_EXPRESSION) && ![...expressions, ...dataExpressions].includes(undefined);
  const [word, left, right] = isTypeof
    ? ['typeof', expressions, dataExpressions]
    : ['type', key, dataTypes];
  const types = [left, right].map((parts) => parts.join(' . ')).filter((text) => text !== '');
  return types.length === 0 ? '' : `${word} ${types.join(' : ')}`;
}

/**
 * The types of the expressions of `typeof` of a set; `undefined` where one of them is not known, or
 * is not what {@link typeProperty} would write for its type.
 */
export function typesOfExpressions(set: string, text: string): readonly string[] | undefined {
  const port = portExpression(set);
  const types: string[] = [];
  for (const expression of text.split(' . ')) {
    const named = expression === port ? PORT : TYPES.get(expression);
    const type = NUMBER.test(expression) ? NEEDS_EXPRESSION : named;
    if (type === undefined) return undefined;
    types.push(type);
  }
  return types;
}
