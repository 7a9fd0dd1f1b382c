/**
 * Reads the values of kube-proxy's flags as Go's flag package does, and writes them the same way.
 */

import type { Option } from 'commander';
import { formatDuration } from '../config/duration.js';
import { UsageError } from '../errors.js';
import { FLAG_DEFAULTS, type FlagKind } from './proxy-flag-table.js';

type Reader = (text: string, before: unknown) => unknown;

/** What Go takes for true and for false. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((word): [string, boolean] => [word, true]),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((word): [string, boolean] => [word, false]),
]);

const READERS: Readonly<Record<FlagKind, (flag: string) => Reader>> = {
  text: () => (text) => text,
  switch: (flag) => (text) => boolean(flag, text),
  number: (flag) => (text) => {
    // pflag also takes -v=2, which reaches us as "=2".
    const digits = text.replace(/^=/, '');
    if (/^[+-]?\d{1,15}$/.test(digits)) return Number(digits);
    throw invalid(flag, text, 'must be a whole number');
  },
  list: () => (text, before) => [...(Array.isArray(before) ? before : []), ...parts(text)],
  gates: (flag) => (text, before) => ({
    ...(typeof before === 'object' ? before : {}),
    ...Object.fromEntries(
      parts(text).map((part) => {
        const [name = '', value] = part.split('=', 2);
        if (value === undefined) throw invalid(flag, text, `missing bool value for ${name}`);
        return [name.trim(), boolean(flag, value.trim())];
      }),
    ),
  }),
};

/** A commander parser for the value of a flag. Throws UsageError. */
export function flagValue(
  name: string,
  kind: FlagKind,
): (text: string, before: unknown) => unknown {
  return READERS[kind](name.length === 1 ? `-${name}` : `--${name}`);
}

/**
 * Every flag of a command with its text, whether it was given or not, sorted by name: what
 * kube-proxy shows at /flagz. Credentials in an address are hidden.
 */
export function flagTexts(
  flags: object,
  options: readonly Option[],
): Readonly<Record<string, string>> {
  const given = new Map<string, unknown>(Object.entries(flags));
  const texts = options.map((option): [string, string] => {
    const name = (option.long ?? '').slice('--'.length);
    const value = given.get(option.attributeName());
    return [
      name,
      value === undefined ? (FLAG_DEFAULTS.get(name) ?? '') : optionText(option, value),
    ];
  });
  return Object.fromEntries(
    [...texts, ['help', 'false']].toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  );
}

function optionText({ flags, negate }: Option, value: unknown): string {
  if (negate) return String(value === false);
  if (typeof value === 'number' && flags.endsWith('<duration>')) return formatDuration(value);
  return flagValueText(value).replace(/^(\w+:\/\/)[^/]*@/, '$1CLASSIFIED@');
}

/**
 * The value as Go shows it: lists in brackets, maps as `name=value` with commas between; `''` for
 * none.
 */
function flagValueText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return `[${value.join(',')}]`;
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([name, member]) => `${name}=${String(member)}`)
    .join(',');
}

function parts(text: string): readonly string[] {
  return text.split(',').filter((part) => part.trim() !== '');
}

function boolean(flag: string, text: string): boolean {
  const value = BOOLEANS.get(text);
  if (value === undefined) throw invalid(flag, text, 'must be true or false');
  return value;
}

function invalid(flag: string, text: string, reason: string): UsageError {
  return new UsageError(
    `invalid argument ${JSON.stringify(text)} for ${JSON.stringify(flag)} flag: ${reason}`,
  );
}
