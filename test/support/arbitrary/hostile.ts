/**
 * Objects as an attacker or a broken tool would write them: good ones with anything put anywhere.
 */

import fc from 'fast-check';
import { anyObject } from './snapshot.js';
import { anyText } from './text.js';

const STRINGS = [
  '',
  ' ',
  '"',
  "'",
  '\\',
  '\n',
  '\r\n',
  '\t',
  '\u0000',
  '\u001b[31m',
  '\u2028',
  '\u202e',
  'ü',
  '😀',
  '\ud800',
  'a"b',
  'web\n-A INPUT -j ACCEPT',
  'web" -j ACCEPT',
  '*nat',
  'COMMIT',
  ':KUBE-SERVICES - [0:0]',
  '-j',
  '!',
  '#',
  '$(reboot)',
  '`id`',
  '${PATH}',
  '%s',
  '{{id}}',
  '{{#each ports}}',
  '{{> x}}',
  '../../etc/passwd',
  '~',
  'null',
  'x'.repeat(300),
  'x'.repeat(63),
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  '0',
  '080',
  '1e3',
  '0x50',
  '999.0.0.1',
  '10.0.0.1\n',
  '::ffff:10.0.0.9',
  '::10.0.0.9',
  'fe80::1%eth0',
  '010.010.010.010',
  '0.0.0.0',
  '::',
  '127.0.0.1',
  '10.0.0.0/8',
  ' 10.0.0.0/8 ',
  '10.0.0.0/99',
  'tcp',
  'Local ',
  'Cluste',
  'IPv5',
  'None',
  'none',
];

const NUMBERS = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  -0,
  0,
  0.5,
  80,
  30000,
  65535,
  65536,
  2 ** 31,
  2 ** 53,
  1e308,
  -1e308,
];

const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  'kind',
  'apiVersion',
  'items',
  'metadata',
  'name',
];

const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.constantFrom<unknown>(...STRINGS), weight: 6 },
  { arbitrary: fc.constantFrom<unknown>(...NUMBERS), weight: 3 },
  {
    arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { '': '' }),
    weight: 2,
  },
  { arbitrary: anyText({ maxLength: 12 }), weight: 1 },
  { arbitrary: fc.jsonValue(), weight: 1 },
);

interface Damage {
  readonly at: number;
  readonly how: 'replace' | 'remove' | 'add' | 'repeat';
  readonly key: string;
  readonly value: unknown;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'repeat'),
  key: fc.constantFrom(...KEYS),
  value: anyValue,
});

/** Good objects with up to three damages each, and sometimes something that is no object at all. */
export const hostileObject: fc.Arbitrary<unknown> = fc.oneof(
  {
    arbitrary: fc
      .tuple(anyObject, fc.array(damage, { maxLength: 3 }))
      .map(([object, damages]) => damaged(object, damages)),
    weight: 12,
  },
  { arbitrary: anyValue, weight: 1 },
);

type Container = Record<string, unknown> | unknown[];

function damaged(object: unknown, damages: readonly Damage[]): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(object));
  for (const { at, how, key, value } of damages) {
    // A value that is put into itself would be a cycle, which no text can hold.
    const fresh: unknown = structuredClone(value);
    const places = placesIn(copy);
    const place = places[at % places.length];
    if (place === undefined) continue;
    const [container, name] = place;
    const current: unknown = Reflect.get(container, name);
    if (how === 'replace') define(container, name, fresh);
    else if (how === 'remove') Reflect.deleteProperty(container, name);
    else if (how === 'repeat' && Array.isArray(container)) container.push(current);
    else
      define(
        isContainer(current) && !Array.isArray(current) ? current : container,
        Array.isArray(container) ? '0' : key,
        fresh,
      );
  }
  return copy;
}

/** As an own property also where the name is `__proto__`, as JSON.parse does it. */
function define(container: Container, name: string, fresh: unknown): void {
  Object.defineProperty(container, name, {
    value: fresh,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function placesIn(root: unknown): (readonly [Container, string])[] {
  if (!isContainer(root)) return [];
  return Object.keys(root).flatMap((name): (readonly [Container, string])[] => [
    [root, name],
    ...placesIn(Reflect.get(root, name)),
  ]);
}

function isContainer(candidate: unknown): candidate is Container {
  return typeof candidate === 'object' && candidate !== null;
}

/** A text with a few pieces cut out, doubled or put in. */
export function cutText(
  text: string,
  cuts: readonly { readonly at: number; readonly length: number; readonly put: string }[],
): string {
  return cuts.reduce((current, { at, length, put }) => {
    const start = at % (current.length + 1);
    return current.slice(0, start) + put + current.slice(start + length);
  }, text);
}

/** Places and pieces for {@link cutText}. */
export const textCuts: fc.Arbitrary<{ at: number; length: number; put: string }[]> = fc.array(
  fc.record({
    at: fc.nat(),
    length: fc.nat(8),
    put: fc.constantFrom(
      '',
      '\n',
      '---\n',
      '"',
      '{',
      ']',
      ': ',
      '\t',
      '&a ',
      '*a',
      '!!js/function ',
      '\u0000',
      '<<: *a\n',
    ),
  }),
  { minLength: 1, maxLength: 4 },
);
