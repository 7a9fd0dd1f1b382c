/** Label and field selectors: which objects a list or watch is about. */

import type { Resource } from './resources.js';
import { badRequest } from './status.js';
import type { ApiObject } from './types.js';

export type Selects = (object: ApiObject) => boolean;

/** Words of Go's lexer: the operators, and everything between them. */
const TOKEN = /\s*(!=|==|[=!(),]|[^\s!=(),]+)/y;
const OPERATORS = new Set(['!=', '==', '=', '!', '(', ')', ',']);

function tokens(text: string): readonly string[] {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text))
    found.push(match[1] ?? '');
  return found;
}

/** Takes tokens from the front. */
class Words {
  readonly #words: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#words = tokens(text);
  }

  peek(): string {
    return this.#words[this.#next] ?? '';
  }

  take(): string {
    const word = this.peek();
    this.#next++;
    return word;
  }

  identifier(): string {
    const word = this.take();
    if (word === '' || OPERATORS.has(word))
      throw unparsable(`found '${word}', expected: identifier`);
    return word;
  }
}

function unparsable(why: string): Error {
  return badRequest(`unable to parse requirement: ${why}`);
}

function checkKey(key: string): string {
  const name = key.split('/').at(-1) ?? '';
  if (name.length > 63)
    throw unparsable(
      `<nil>: Invalid value: ${JSON.stringify(key)}: name part must be no more than 63 bytes`,
    );
  return key;
}

function labelsOf(object: ApiObject): ReadonlyMap<string, string> {
  const { labels } = object.metadata;
  return new Map(labels !== null && typeof labels === 'object' ? Object.entries(labels) : []);
}

/** One requirement of a label selector. */
function requirement(words: Words): Selects {
  if (words.peek() === '!') {
    words.take();
    const key = checkKey(words.identifier());
    return (object) => !labelsOf(object).has(key);
  }
  const key = checkKey(words.identifier());
  const operator = words.peek();
  if (operator === '' || operator === ',') return (object) => labelsOf(object).has(key);
  words.take();
  if (operator === '=' || operator === '==' || operator === '!=') {
    const value = words.peek() === ',' || words.peek() === '' ? '' : words.identifier();
    const wanted = operator !== '!=';
    return (object) => (labelsOf(object).get(key) === value) === wanted;
  }
  if (operator !== 'in' && operator !== 'notin')
    throw unparsable(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
  const values = valueSet(words);
  return (object) => {
    const value = labelsOf(object).get(key);
    return operator === 'in' ? value !== undefined && values.has(value) : !values.has(value ?? '');
  };
}

function valueSet(words: Words): ReadonlySet<string> {
  const open = words.take();
  if (open !== '(') throw unparsable(`found '${open}', expected: '('`);
  const values = new Set<string>();
  for (;;) {
    values.add(words.peek() === ',' || words.peek() === ')' ? '' : words.identifier());
    const next = words.take();
    if (next === ')') return values;
    if (next !== ',') throw unparsable(`found '${next}', expected: ',' or ')'`);
  }
}

/** The objects that a label selector is for. Throws 400 as the API server words it. */
export function labelSelector(text: string): Selects {
  const words = new Words(text);
  const all: Selects[] = [];
  while (words.peek() !== '') {
    all.push(requirement(words));
    const next = words.take();
    if (next !== '' && next !== ',')
      throw unparsable(`found '${next}', expected: ',' or 'end of string'`);
  }
  return (object) => all.every((one) => one(object));
}

function fieldOf(object: ApiObject, path: string): string {
  let value: unknown = object;
  for (const step of path.split('.'))
    value =
      typeof value === 'object' && value !== null
        ? Object.entries(value).find(([key]) => key === step)?.[1]
        : undefined;
  return value === undefined || value === null ? '' : String(value);
}

/**
 * The objects that a field selector is for. Throws 400 for a field that the resource does not have.
 */
export function fieldSelector(text: string, resource: Resource): Selects {
  const known = ['metadata.name', 'metadata.namespace', ...resource.fields];
  const all = text
    .split(',')
    .filter((term) => term !== '')
    .map((term): Selects => {
      const [, path = '', operator, value = ''] = /^(.*?)(!=|==|=)(.*)$/.exec(term) ?? [];
      if (operator === undefined)
        throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
      if (!known.includes(path)) throw badRequest(`field label not supported: ${path}`);
      return (object) => (fieldOf(object, path) === value) === (operator !== '!=');
    });
  return (object) => all.every((one) => one(object));
}
