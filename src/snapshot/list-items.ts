/**
 * The items of a List as kubectl and vipc print it, recognised by their indentation alone: the text
 * is neither decoded nor parsed, so that items that are not asked for cost next to nothing. What is
 * looked for is ASCII, which no other character of UTF-8 contains.
 */

import type { NamespacedName } from './types.js';

/** How one syntax lays out a List. Values are plain, in double or in single quotes. */
interface Layout {
  readonly head: RegExp;
  readonly itemStart: string;
  /** Begins the line behind the items. */
  readonly end: string;
  /** What would make it more than one List. */
  readonly foreign: readonly string[];
  readonly separator: string;
  readonly kind: string;
  readonly metadata: string;
  readonly name: string;
  readonly namespace: string;
  readonly serviceName: string;
}

/** One object of a List. */
export interface ListedItem {
  /** Without what separates it from the next item. */
  readonly bytes: Buffer;
  /** Where they begin in the whole. */
  readonly offset: number;
  /** `''` where it is not at its usual place. */
  readonly kind: string;
  readonly layout: Layout;
}

/** A List, cut at its items. */
export interface CutList {
  readonly items: readonly ListedItem[];
  /** Offset of the first item. */
  readonly start: number;
  /** Offset of the line behind the last item. */
  readonly end: number;
  /** What stands behind each item but the last. */
  readonly separator: string;
}

const YAML: Layout = {
  head: /^apiVersion: v1\nitems:\n(?=- )/,
  itemStart: '\n- ',
  end: '\nkind: List\n',
  foreign: ['\n---', '\n...'],
  separator: '',
  kind: '\n  kind: ',
  metadata: '\n  metadata:\n',
  name: '\n    name: ',
  namespace: '\n    namespace: ',
  serviceName: '\n      kubernetes.io/service-name: ',
};

const JSON_LAYOUT: Layout = {
  head: /^\{\n {4}"apiVersion": "v1",\n {4}"items": \[\n(?= {8}\{\n)/,
  itemStart: '\n        {\n',
  end: '\n    ],\n    "kind": "List"',
  foreign: ['\n{'],
  separator: ',',
  kind: '\n            "kind": ',
  metadata: '\n            "metadata": {\n',
  name: '\n                "name": ',
  namespace: '\n                "namespace": ',
  serviceName: '\n                    "kubernetes.io/service-name": ',
};

/** More than the head of any layout. */
const LONGEST_HEAD = 64;

function layoutOf(beginning: string): Layout | undefined {
  return [YAML, JSON_LAYOUT].find(({ head }) => head.test(beginning));
}

/** The bytes of a text that may be a List; none of any other. */
export function bytesOfList(text: string): Buffer {
  const isOther = layoutOf(text.slice(0, LONGEST_HEAD)) === undefined;
  return Buffer.from(isOther ? '' : text);
}

/** The List that a file is; `undefined` where it is something else, or more than one List. */
export function listIn(bytes: Buffer): CutList | undefined {
  const beginning = bytes.toString('latin1', 0, LONGEST_HEAD);
  const layout = layoutOf(beginning);
  const start = layout?.head.exec(beginning)?.[0].length;
  if (layout === undefined || start === undefined) return undefined;
  const end = bytes.indexOf(layout.end, start);
  const isOne =
    end >= 0 &&
    bytes.indexOf(layout.itemStart, end) < 0 &&
    layout.foreign.every((mark) => !bytes.includes(mark));
  if (!isOne) return undefined;
  return {
    items: itemsOf(bytes, start, end, layout),
    start,
    end: end + 1,
    separator: layout.separator,
  };
}

function itemsOf(whole: Buffer, start: number, end: number, layout: Layout): readonly ListedItem[] {
  const items: ListedItem[] = [];
  for (let at = start; at < end; ) {
    const next = whole.indexOf(layout.itemStart, at);
    const isLast = next < 0 || next > end;
    const stop = isLast ? end : next;
    const bytes = whole.subarray(at, isLast ? stop : stop - layout.separator.length);
    items.push({ bytes, offset: at, kind: valueBehind(bytes, layout.kind, 0), layout });
    at = stop + 1;
  }
  return items;
}

/** What the metadata of an object name; `undefined` where they are not at their usual place. */
export function namesIn({ bytes, layout }: ListedItem):
  | {
      readonly name: string;
      readonly namespace: string;
      /** `namespace/name`. */
      readonly key: NamespacedName;
      /** The Service that the label of a slice names, `namespace/name`. */
      readonly service: NamespacedName;
    }
  | undefined {
  const metadata = bytes.indexOf(layout.metadata);
  const name = metadata < 0 ? '' : valueBehind(bytes, layout.name, metadata);
  if (name === '') return undefined;
  const namespace = valueBehind(bytes, layout.namespace, metadata) || 'default';
  const service = `${namespace}/${valueBehind(bytes, layout.serviceName, metadata)}`;
  return { name, namespace, key: `${namespace}/${name}`, service };
}

/** The value on the first line that begins so; `''`: there is none, or it is no plain name. */
function valueBehind(bytes: Buffer, lineStart: string, from: number): string {
  const at = bytes.indexOf(lineStart, from);
  if (at < 0) return '';
  const begin = at + lineStart.length;
  const end = bytes.indexOf('\n', begin);
  const value = bytes.toString('latin1', begin, end < 0 ? bytes.length : end);
  return /^["']?(?<plain>[A-Za-z0-9][-.A-Za-z0-9]*)["']?,?$/.exec(value)?.groups?.plain ?? '';
}
