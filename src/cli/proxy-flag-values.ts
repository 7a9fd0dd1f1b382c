/**
 * Reads the values of kube-proxy's flags as Go's flag package does, and writes them the same way.
 */

import type { Option } from 'commander';
import { formatDuration } from '../config/duration.js';
import { UsageError } from '../errors.js';
import { FLAG_READERS, FlagFault, type FlagKind, type FlagReader } from './go-flag-values.js';
import { FLAG_DEFAULTS } from './proxy-flag-table.js';

/** A commander parser for the value of a flag. It throws UsageError. */
export function flagValue(name: string, kind: FlagKind): FlagReader {
  return (text, before) => {
    try {
      return FLAG_READERS[kind](text, before);
    } catch (error) {
      if (!(error instanceof FlagFault)) throw error;
      const flag = name.length === 1 ? `-${name}` : `--${name}`;
      throw new UsageError(
        `invalid argument ${JSON.stringify(text)} for ${JSON.stringify(flag)} flag: ${error.message}`,
      );
    }
  };
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
