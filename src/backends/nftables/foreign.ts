/**
 * What statements mean that no rule of ours has: nft lists them as JSON, which shows whether one is
 * a condition (libnftables-json(5)).
 */

import type { Statement } from '../../netfilter/rule.js';
import { foreignAction } from './foreign-actions.js';
import { foreignMatch } from './foreign-matches.js';
import { isReadWhole } from './syntax/json-keys.js';
import { onlyEntry } from './syntax/json-values.js';

/**
 * The meaning of a statement that the grammar does not know, in a table. What is not understood may
 * be a condition, an action or both; comparisons and limits are conditions alone.
 */
export function foreignStatements(text: string, table: string): readonly Statement[] {
  const json = jsonOf(text);
  const { kind, content } = onlyEntry(json);
  if (!isReadWhole(json))
    return kind === 'match' ? [{ kind: 'unknown-condition', text }] : anything(text);
  switch (kind) {
    case 'match':
      return foreignMatch(content, table) ?? [{ kind: 'unknown-condition', text }];
    case 'limit':
    case 'quota':
    case 'ct count':
      return [{ kind: 'unknown-condition', text, eachChain: true }];
    case undefined:
      return anything(text);
    default:
      return foreignAction(kind, content, text, table) ?? anything(text);
  }
}

function anything(text: string): readonly Statement[] {
  return [
    { kind: 'unknown-condition', text },
    { kind: 'unknown-action', text },
  ];
}

/** What `unknownText` wrote; a script has words where a listing has JSON. */
function jsonOf(text: string): unknown {
  if (!text.startsWith(JSON_TEXT)) return undefined;
  try {
    return JSON.parse(text.slice(JSON_TEXT.length));
  } catch {
    return undefined;
  }
}

const JSON_TEXT = 'json ';
