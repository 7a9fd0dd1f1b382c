/**
 * The items of a List in YAML as kubectl and vipc print it, recognised by their indentation: the
 * text is neither decoded nor parsed. What is looked for is ASCII, which no other character of
 * UTF-8 contains.
 */

import type { StoredBytes } from '../input/stored-source.js';
import { type CutList, type FoundNames, ListedItem, Window } from './cut-list.js';
import { SERVICE_NAME_LABEL } from './types.js';

const HEAD = 'apiVersion: v1\nitems:\n';
const TAIL = 'kind: List\n';

/** The List that a file is; `undefined` where it is something else, or more than one document. */
export function yamlListIn(file: StoredBytes): CutList | undefined {
  if (file.piece(0, HEAD.length).toString('latin1') !== HEAD) return undefined;
  const items = new YamlItems(file);
  const tailStart = items.readAll(HEAD.length);
  if (tailStart === undefined) return undefined;
  const tail = file.piece(tailStart, file.length).toString('latin1');
  const isOne = tail.startsWith(TAIL) && !/^(?:-|\.\.\.)/m.test(tail);
  // The line feed before the items stands before each of them.
  return isOne
    ? { items: items.found, headEnd: HEAD.length - 1, tailStart, separator: '' }
    : undefined;
}

const LINE_FEED = 0x0a;
const BLANK = 0x20;
const DASH = 0x2d;

/** How deep the lines are that are read: fields of an item, of its metadata, and labels. */
const FIELDS = 2;
const METADATA = 4;
const LABELS = 6;

/** How a line begins that is read. */
interface Line {
  readonly indented: number;
  readonly start: Buffer;
  readonly is: 'kind' | 'metadata' | 'labels' | keyof FoundNames;
}

const LINES: readonly Line[] = (
  [
    [FIELDS, 'kind: ', 'kind'],
    [FIELDS, 'metadata:\n', 'metadata'],
    [METADATA, 'name: ', 'name'],
    [METADATA, 'namespace: ', 'namespace'],
    [METADATA, 'labels:\n', 'labels'],
    [LABELS, `${SERVICE_NAME_LABEL}: `, 'service'],
    [LABELS, 'k8s-app: ', 'app'],
  ] as const
).map(([indented, start, is]) => ({ indented, start: Buffer.from(start), is }));

/** Finds the items of one List, in windows of which each begins with a line. */
class YamlItems {
  readonly found: ListedItem[] = [];
  private readonly window: Window;
  /** Where the items end, once that is known; negative where the text is no List. */
  private end: number | undefined;
  /** Of the item that is read. */
  private itemStart = -1;
  private kind: string | undefined;
  private names: FoundNames = {};
  /** The deepest indentation at which lines are fields of the item, or of its metadata. */
  private depth = FIELDS;

  constructor(file: StoredBytes) {
    this.window = new Window(file);
  }

  /** Takes all items from an offset on. Returns where they end. */
  readAll(from: number): number | undefined {
    let at = this.readLines(from);
    while (this.end === undefined) {
      if (!this.window.moveTo(at)) return undefined;
      at = this.readLines(0);
    }
    return this.end < 0 || this.found.length === 0 ? undefined : this.end;
  }

  /** Reads the lines of the window, up to one that goes on behind it. Returns where that starts. */
  private readLines(from: number): number {
    const { bytes, start } = this.window;
    for (let at = from; ; ) {
      const feed = lineEnd(bytes, at);
      if (feed === bytes.length) return at;
      const first = bytes[at];
      if (first === DASH) this.beginItem(start + at, bytes[at + 1] === BLANK);
      else if (first !== BLANK && first !== LINE_FEED) this.endItems(start + at);
      if (this.end !== undefined) return at;
      const indented = indentation(bytes, at);
      if (indented <= this.depth && bytes[at + indented] !== DASH)
        this.readField(indented, at + indented, feed);
      at = feed + 1;
    }
  }

  private beginItem(start: number, isItem: boolean): void {
    this.endItem(start);
    if (!isItem) this.end = -1;
    this.itemStart = start;
    this.kind = undefined;
    this.names = {};
    this.depth = FIELDS;
  }

  private endItem(start: number): void {
    const { itemStart, kind = '', names } = this;
    if (itemStart >= 0) this.found.push(new ListedItem(itemStart, start - 1, kind, names));
  }

  private endItems(start: number): void {
    this.endItem(start);
    this.end = start;
  }

  /** A line of an item, of its metadata or of its labels. What is given twice is not known. */
  private readField(indented: number, at: number, feed: number): void {
    const { bytes } = this.window;
    this.depth = Math.max(FIELDS, Math.min(indented, this.depth));
    const line = LINES.find((one) => one.indented === indented && startsWith(one.start, bytes, at));
    if (line === undefined) return;
    const { is, start } = line;
    if (is === 'metadata') this.depth = METADATA;
    else if (is === 'labels') this.depth = LABELS;
    else {
      const value = plain(bytes.toString('latin1', at + start.length, feed));
      if (is === 'kind') this.kind = this.kind === undefined ? value : '';
      else this.names[is] = this.names[is] === undefined ? value : '';
    }
  }
}

function startsWith(start: Buffer, bytes: Buffer, at: number): boolean {
  for (let i = 0; i < start.length; i++) if (start[i] !== bytes[at + i]) return false;
  return true;
}

/** Where the line that an offset is in ends; the length where no line feed follows. */
function lineEnd(bytes: Buffer, from: number): number {
  const { length } = bytes;
  let at = from;
  while (at < length && bytes[at] !== LINE_FEED) at++;
  return at;
}

/** How many blanks a line begins with, up to one more than is asked for; a dash counts as one. */
function indentation(bytes: Buffer, at: number): number {
  let count = bytes[at] === DASH ? 1 : 0;
  while (count <= LABELS && bytes[at + count] === BLANK) count++;
  return count;
}

/** A value without its quotes; `''` for what is more than one word. */
function plain(value: string): string {
  return /^(["']?)([-.\w]*)\1$/.exec(value)?.[2] ?? '';
}
