/**
 * The items of a List in JSON, of any layout: nothing is decoded or parsed, so that items that are
 * not asked for cost little. The text is checked: what is no JSON is no List either.
 */

import {
  blanksEnd,
  CLOSE_BRACKET,
  COMMA,
  type JsonField,
  jsonField,
  NOT_JSON,
  OPEN_BRACKET,
  objectEnd,
  plainString,
  valueEnd,
} from '../input/json-bytes.js';
import type { StoredBytes } from '../input/stored-source.js';
import { type CutList, type FoundNames, ListedItem, Window } from './cut-list.js';
import { SERVICE_NAME_LABEL } from './types.js';

/**
 * The List that a file is; `undefined` where it is something else, or more than one value, and
 * where the key of a name is given twice or has escapes.
 */
export function jsonListIn(file: StoredBytes): CutList | undefined {
  const items = new JsonItems(file);
  const headEnd = items.start();
  const tailStart = headEnd === undefined ? undefined : items.readAll(headEnd);
  if (headEnd === undefined || tailStart === undefined) return undefined;
  const kind = listKind(file, headEnd, tailStart);
  if (kind === undefined) return undefined;
  // The items of a typed list do not say what they are.
  const inherited = kind.slice(0, -'List'.length);
  return {
    items: items.found.map((item) => (item.kind === '' ? item.ofKind(inherited) : item)),
    ...{ headEnd, tailStart, separator: ',' },
  };
}

/** What stands around items is no longer than this. */
const LONGEST_FRAME = 1 << 16;

/** The kind of a List, from what stands before and behind its items. */
function listKind(file: StoredBytes, headEnd: number, tailStart: number): string | undefined {
  if (headEnd + file.length - tailStart > LONGEST_FRAME) return undefined;
  const frame = Buffer.concat([
    Buffer.from(file.piece(0, headEnd)),
    file.piece(tailStart, file.length),
  ]);
  let kind = '';
  const fields = [
    jsonField('items', valueEnd),
    textField('kind', (text) => {
      kind = text;
    }),
  ];
  const start = blanksEnd(frame, 0);
  const end = objectEnd(frame, start, fields);
  const isWhole = end !== NOT_JSON && blanksEnd(frame, end) === frame.length;
  return isWhole && kind.endsWith('List') ? kind : undefined;
}

/** Reads a string without escapes. */
function textField(key: string, take: (text: string) => void): JsonField {
  return jsonField(key, (bytes, at) => {
    const end = valueEnd(bytes, at);
    const text = end === NOT_JSON ? undefined : plainString(bytes, at, end);
    if (text === undefined) return NOT_JSON;
    take(text);
    return end;
  });
}

/** Reads fields of an object. */
function objectField(key: string, fields: readonly JsonField[]): JsonField {
  return jsonField(key, (bytes, at) => objectEnd(bytes, at, fields));
}

/** Finds the items of one List, in windows of which each begins with one of them. */
class JsonItems {
  readonly found: ListedItem[] = [];
  private readonly window: Window;
  private isDone = false;
  /** Of the item that is read. */
  private kind = '';
  private names: FoundNames = {};
  private readonly fields: readonly JsonField[];

  constructor(file: StoredBytes) {
    this.window = new Window(file);
    const nameField = (key: string, field: keyof FoundNames): JsonField =>
      textField(key, (text) => {
        this.names[field] = text;
      });
    const labels = [nameField(SERVICE_NAME_LABEL, 'service'), nameField('k8s-app', 'app')];
    this.fields = [
      textField('kind', (text) => {
        this.kind = text;
      }),
      objectField('metadata', [
        nameField('name', 'name'),
        nameField('namespace', 'namespace'),
        objectField('labels', labels),
      ]),
    ];
  }

  /** Where the items begin; `undefined` where there are none. */
  start(): number | undefined {
    const { bytes } = this.window;
    let items = NOT_JSON;
    const found = jsonField('items', (_, at) => {
      items = at;
      return NOT_JSON;
    });
    objectEnd(bytes, blanksEnd(bytes, 0), [found]);
    return bytes[items] === OPEN_BRACKET ? items + 1 : undefined;
  }

  /** Takes all items from an offset on. Returns where the bracket behind them is. */
  readAll(from: number): number | undefined {
    const { window } = this;
    let at = from;
    while (!this.isDone) {
      const next = this.readItem(at);
      if (next === NOT_JSON && !window.moveTo(at)) return undefined;
      at = next === NOT_JSON ? 0 : next;
    }
    return window.start + at;
  }

  /**
   * Takes one item, and returns where the next one starts, or the bracket is. {@link NOT_JSON} also
   * where the window ends in the item, or right behind it.
   */
  private readItem(from: number): number {
    const { bytes, start } = this.window;
    const at = blanksEnd(bytes, from);
    this.isDone = this.found.length === 0 && bytes[at] === CLOSE_BRACKET;
    if (this.isDone) return at;
    this.kind = '';
    this.names = {};
    const end = objectEnd(bytes, at, this.fields);
    if (end === NOT_JSON) return NOT_JSON;
    const behind = blanksEnd(bytes, end);
    this.isDone = bytes[behind] === CLOSE_BRACKET;
    if (!this.isDone && bytes[behind] !== COMMA) return NOT_JSON;
    this.found.push(new ListedItem(start + at, start + end, this.kind, this.names));
    return this.isDone ? behind : behind + 1;
  }
}
