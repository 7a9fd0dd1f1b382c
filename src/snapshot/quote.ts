/** Values of unknown size and shape -> short text, for messages. */

import { showValue } from '../diagnostics.js';
import { isArray, isObject } from './project.js';

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
