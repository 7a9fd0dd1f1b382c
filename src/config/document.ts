/**
 * Reads one configuration file (YAML or JSON) into a plain value, and finds the place of a field
 * in its text. js-yaml reads; yaml is asked only for places, never for a second opinion on a value.
 */

import { boolYaml11Tag, CORE_SCHEMA, loadAll, mergeTag, YAMLException } from 'js-yaml';
import { isMap, isPair, isScalar, LineCounter, type Node, parseAllDocuments } from 'yaml';
import type { Diagnostic, Position } from '../diagnostics.js';
import { ConfigError } from '../errors.js';

/** Keys and indexes from the root of a document to a field. */
export type FieldPath = readonly (string | number)[];

/** A text with its documents as plain values. */
export interface ConfigText {
  readonly name: string;
  readonly text: string;
  /** Empty documents are left out. */
  readonly documents: readonly { readonly index: number; readonly value: unknown }[];
  /** Findings about the text itself: a key that is given twice. */
  readonly diagnostics: readonly Diagnostic[];
}

/** YAML 1.2 with the two habits of Kubernetes' parser that configuration files use: `yes`/`on`, and `<<`. */
const SCHEMA = CORE_SCHEMA.withTags(boolYaml11Tag, mergeTag);

/**
 * The documents of a YAML or JSON text. A key that is given twice keeps its last value and is
 * reported, as kube-proxy's lenient decoding does. Throws ConfigError with the place where the
 * text cannot be parsed.
 */
export function parseConfigText(text: string, name: string): ConfigText {
  const clean = text.startsWith('\ufeff') ? text.slice(1) : text;
  try {
    return { name, text: clean, documents: documentsOf(clean, false), diagnostics: [] };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const position = markPosition(error, name);
    if (error.reason !== 'duplicated mapping key') throw unreadable(error, position);
    const warning: Diagnostic = {
      code: 'config-duplicate-key',
      severity: 'warning',
      message: 'a key is set twice in one map; the last one counts',
      hint: 'remove one of the two',
      position,
    };
    try {
      return { name, text: clean, documents: documentsOf(clean, true), diagnostics: [warning] };
    } catch (other) {
      if (!(other instanceof YAMLException)) throw other;
      throw unreadable(other, markPosition(other, name));
    }
  }
}

function documentsOf(text: string, duplicates: boolean): ConfigText['documents'] {
  return loadAll(text, { schema: SCHEMA, json: duplicates })
    .map((value, index) => ({ index, value }))
    .filter(({ value }) => value !== null && value !== undefined);
}

function markPosition(error: YAMLException, file: string): Position {
  const mark = error.mark;
  return { file, line: (mark?.line ?? 0) + 1, column: (mark?.column ?? 0) + 1 };
}

function unreadable(error: YAMLException, position: Position): ConfigError {
  const diagnostic: Diagnostic = {
    code: 'config-unreadable',
    severity: 'error',
    message: `not readable as YAML or JSON: ${error.reason}`,
    position,
  };
  return new ConfigError(
    `${position.file}:${position.line}:${position.column}: ${diagnostic.message}`,
    {
      diagnostics: [diagnostic],
      cause: error,
    },
  );
}

/**
 * The place of a field in a document: of its key (`key`), or of its value (`value`). A field that
 * is not in the text gives the place of the nearest parent that is.
 */
export function fieldPosition(
  source: ConfigText,
  index: number,
  path: FieldPath,
  part: 'key' | 'value',
): Position {
  const lines = new LineCounter();
  const documents = parseAllDocuments(source.text, {
    lineCounter: lines,
    uniqueKeys: false,
    merge: true,
    logLevel: 'silent',
  });
  const document = Array.isArray(documents) ? documents[index] : undefined;
  const offset = document?.contents ? offsetOf(document.contents, path, part) : 0;
  const { line, col } = lines.linePos(offset);
  return { file: source.name, line: Math.max(1, line), column: Math.max(1, col) };
}

function offsetOf(root: Node, path: FieldPath, part: 'key' | 'value'): number {
  let node: unknown = root;
  let offset = root.range?.[0] ?? 0;
  for (const [depth, step] of path.entries()) {
    const child = stepInto(node, step);
    if (child === undefined) break;
    const wanted = part === 'key' && depth === path.length - 1 ? child.key : child.value;
    offset = startOf(wanted) ?? startOf(child.key) ?? offset;
    node = child.value;
  }
  return offset;
}

/** One step down; of keys given twice the last one, as in the value that was read. */
function stepInto(
  node: unknown,
  step: string | number,
): { readonly key: unknown; readonly value: unknown } | undefined {
  if (isMap(node)) {
    const pair = node.items.findLast(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
    );
    return pair === undefined ? undefined : { key: pair.key, value: pair.value };
  }
  const items: unknown =
    typeof node === 'object' && node !== null && 'items' in node ? node.items : undefined;
  const item: unknown = Array.isArray(items) ? items[Number(step)] : undefined;
  return item === undefined ? undefined : { key: item, value: item };
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  const range: unknown = node.range;
  const start: unknown = Array.isArray(range) ? range[0] : undefined;
  return typeof start === 'number' ? start : undefined;
}
