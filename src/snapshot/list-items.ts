/**
 * The items of a List as kubectl and vipc print it, recognised by their indentation alone: the text
 * is not parsed, so that items that are not asked for cost next to nothing.
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
  readonly text: string;
  /** Where the text begins in the whole. */
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

/** The List that a text is; `undefined` where it is something else, or more than one List. */
export function listIn(text: string): CutList | undefined {
  const layout = [YAML, JSON_LAYOUT].find(({ head }) => head.test(text));
  const start = layout?.head.exec(text)?.[0].length;
  if (layout === undefined || start === undefined) return undefined;
  const end = text.indexOf(layout.end, start);
  const isOne =
    end >= 0 &&
    text.indexOf(layout.itemStart, end) < 0 &&
    layout.foreign.every((mark) => !text.includes(mark));
  if (!isOne) return undefined;
  return {
    items: itemsOf(text, start, end, layout),
    start,
    end: end + 1,
    separator: layout.separator,
  };
}

function itemsOf(text: string, start: number, end: number, layout: Layout): readonly ListedItem[] {
  const items: ListedItem[] = [];
  for (let at = start; at < end; ) {
    const next = text.indexOf(layout.itemStart, at);
    const isLast = next < 0 || next > end;
    const stop = isLast ? end : next;
    const item = text.slice(at, isLast ? stop : stop - layout.separator.length);
    items.push({ text: item, offset: at, kind: valueBehind(item, layout.kind, 0), layout });
    at = stop + 1;
  }
  return items;
}

/** What the metadata of an object name; `undefined` where they are not at their usual place. */
export function namesIn({ text, layout }: ListedItem):
  | {
      readonly name: string;
      readonly namespace: string;
      /** `namespace/name`. */
      readonly key: NamespacedName;
      /** The Service that the label of a slice names, `namespace/name`. */
      readonly service: NamespacedName;
    }
  | undefined {
  const metadata = text.indexOf(layout.metadata);
  const name = metadata < 0 ? '' : valueBehind(text, layout.name, metadata);
  if (name === '') return undefined;
  const namespace = valueBehind(text, layout.namespace, metadata) || 'default';
  const service = `${namespace}/${valueBehind(text, layout.serviceName, metadata)}`;
  return { name, namespace, key: `${namespace}/${name}`, service };
}

/** The value on the first line that begins so; `''`: there is none, or it is no plain name. */
function valueBehind(text: string, lineStart: string, from: number): string {
  const at = text.indexOf(lineStart, from);
  if (at < 0) return '';
  const begin = at + lineStart.length;
  const end = text.indexOf('\n', begin);
  const value = text.slice(begin, end < 0 ? text.length : end);
  return /^["']?(?<plain>[A-Za-z0-9][-.A-Za-z0-9]*)["']?,?$/.exec(value)?.groups?.plain ?? '';
}
