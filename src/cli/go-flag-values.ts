/**
 * Reads the text of a flag as the types of Go's pflag and of kube-proxy's own flags do. A reader
 * gives the value, or throws what is wrong with the text.
 */

import { parseDuration } from '../config/duration.js';
import { ipProblem, listenProblem } from '../config/field-rules.js';

/** The type of a flag. */
export type FlagKind =
  | 'text'
  | 'switch'
  | 'number'
  | 'float'
  | 'level'
  | 'duration'
  | 'quantity'
  | 'ip'
  | 'address'
  | 'list'
  | 'gates'
  | 'patterns';

/** What is wrong with the text of a flag; its message is the reason alone. */
export class FlagFault extends Error {}

/** `before`: what the flag was when it was given already; lists and maps grow. */
export type FlagReader = (text: string, before: unknown) => unknown;

/** What Go takes for true and for false. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((word): [string, boolean] => [word, true]),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((word): [string, boolean] => [word, false]),
]);

/** A whole number as Go spells it: binary, octal, hexadecimal or decimal, with `_` in between. */
const WHOLE =
  /^[+-]?(?:0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|0|[1-9](?:_?\d)*)$/;
const REAL = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf|infinity|nan)$/i;
/** A resource.Quantity of Kubernetes. */
const QUANTITY = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;
/** One field of a line of CSV, and the comma behind it. */
const CSV_FIELD = /(?:"((?:[^"]|"")*)"|([^",]*))(?:,|$)/y;

const MAX_INT32 = 2 ** 31 - 1;
const MAX_FLOAT32 = 3.4028235677973366e38;

export const FLAG_READERS: Readonly<Record<FlagKind, FlagReader>> = {
  text: (text) => text,
  switch: boolean,
  number: whole,
  float: (text) => checked(text, REAL.test(text) && !isTooLarge(text), 'must be a number'),
  level: (text) => {
    // pflag also takes -v=2, which reaches us as "=2".
    const level = text.replace(/^=/, '');
    if (/^\d+$/.test(level) && Number(level) <= MAX_INT32) return Number(level);
    throw new FlagFault('must be a whole number that is not negative');
  },
  duration: (text) =>
    checked(text, parseDuration(text) !== undefined, 'must be a duration such as 30s, 1m30s or 1h'),
  quantity: (text) =>
    checked(text, QUANTITY.test(text), 'must be a number of bytes such as 512, 3M or 4Ki'),
  ip: (text) => unlessWrong(text, text === '' ? '' : ipProblem(text)),
  // Port 0 is a number to pflag; what it means is decided by the checks of the configuration.
  address: (text) =>
    unlessWrong(text, text === '' ? '' : listenProblem(text.replace(/:0+$/, ':1'))),
  list: (text, before) => [...(Array.isArray(before) ? before : []), ...fieldsOf(text)],
  gates: (text, before) => ({
    ...(typeof before === 'object' ? before : {}),
    ...Object.fromEntries(pairsOf(text).map(gate)),
  }),
  patterns: (text) => {
    for (const pair of pairsOf(text))
      if (!/^[^=]+=\d{1,10}$/.test(pair) || Number(pair.split('=')[1]) > MAX_INT32)
        throw new FlagFault(`${JSON.stringify(pair)} does not have the pattern=N format`);
    return text;
  },
};

function boolean(text: string): boolean {
  const value = BOOLEANS.get(text);
  if (value === undefined) throw new FlagFault('must be true or false');
  return value;
}

function whole(text: string): number {
  if (!WHOLE.test(text)) throw new FlagFault('must be a whole number');
  const digits = text.replace(/^[+-]/, '').replaceAll('_', '');
  const size = Number(/^0\d/.test(digits) ? `0o${digits}` : digits);
  const value = text.startsWith('-') ? 0 - size : size;
  if (value > MAX_INT32 || value < -MAX_INT32 - 1)
    throw new FlagFault(`must be within the range [${-MAX_INT32 - 1}, ${MAX_INT32}]`);
  return value;
}

function isTooLarge(text: string): boolean {
  const value = Math.abs(Number(text));
  return !/inf/i.test(text) && value > MAX_FLOAT32;
}

function gate(pair: string): readonly [string, boolean] {
  const at = pair.indexOf('=');
  if (at === -1) throw new FlagFault(`missing bool value for ${pair.trim()}`);
  return [pair.slice(0, at).trim(), boolean(pair.slice(at + 1).trim())];
}

function pairsOf(text: string): readonly string[] {
  return text.split(',').filter((pair) => pair !== '');
}

/** The fields of one line of CSV, which is how pflag writes a list; none for `''`. */
function fieldsOf(text: string): readonly string[] {
  if (text === '') return [];
  const fields: string[] = [];
  const field = new RegExp(CSV_FIELD);
  while (field.lastIndex < text.length || text.at(field.lastIndex - 1) === ',') {
    const found = field.exec(text);
    if (found === null) throw new FlagFault('a quotation mark is not closed, or stands in a field');
    const [whole, quoted, bare = ''] = found;
    fields.push(quoted?.replaceAll('""', '"') ?? bare);
    if (whole === '' || !whole.endsWith(',')) break;
  }
  return fields;
}

function checked(text: string, isRight: boolean, reason: string): string {
  return unlessWrong(text, isRight ? '' : reason);
}

function unlessWrong(text: string, problem: string): string {
  if (problem !== '') throw new FlagFault(problem);
  return text;
}
