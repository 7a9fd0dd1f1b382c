/** Type checks of unknown values, and short text of them for messages. */

import { showValue } from '../diagnostics.js';

/** Whether the value is an object and no array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the value is an array; its items stay unknown. */
export function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/**
 * Text of any parsed value, short and without control characters. Only the outermost level of
 * a list or an object is shown: YAML aliases can make small files hold endless values.
 */
export function quote(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (isArray(value)) return showValue(value.slice(0, 5).map(inner));
  if (isObject(value)) {
    const entries = Object.entries(value).slice(0, 5);
    return showValue(Object.fromEntries(entries.map(([key, field]) => [key, inner(field)])));
  }
  return showValue(value);
}

function inner(value: unknown): unknown {
  if (isArray(value)) return '[...]';
  return isObject(value) ? '{...}' : value;
}

/** A word from the input; quoted unless all of its characters may be in a name. */
export function plainWord(text: string): string {
  return /^[-\w./]{1,253}$/.test(text) ? text : quote(text);
}

/** Text of another program, on one line and shortened. */
export function oneLine(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 197)}...` : line;
}
