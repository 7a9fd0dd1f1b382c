/** Many objects as one document, `kind: List`, as kubectl prints them and `-f` reads them. */

import { dump } from 'js-yaml';
import type { RawObject } from '../cluster/api.js';

/** The forms that kubectl has too. */
export type ListForm = 'yaml' | 'json';

/**
 * The List in one of kubectl's forms: YAML with sorted keys, or JSON with four spaces. Object by object, because the text
 * of a big cluster at once, as a tree for the writer, needs several times its size.
 */
export function listText(objects: readonly RawObject[], form: ListForm): string {
  return form === 'yaml' ? yamlList(objects) : jsonList(objects);
}

/** The List as JSON with one object per line: quick to write and to read, and a place in it names an object. */
export function listLines(objects: readonly RawObject[]): string {
  const items = objects.map((object) => JSON.stringify(object)).join(',\n');
  return `{"apiVersion":"v1","kind":"List","items":[\n${items}\n]}\n`;
}

function yamlList(objects: readonly RawObject[]): string {
  const items = objects.map((object) =>
    dump([object], { lineWidth: -1, noRefs: true, sortKeys: true }),
  );
  const list = items.length === 0 ? 'items: []\n' : `items:\n${items.join('')}`;
  return `apiVersion: v1\n${list}kind: List\nmetadata:\n  resourceVersion: ""\n`;
}

function jsonList(objects: readonly RawObject[]): string {
  const items = objects.map((object) => {
    const text = JSON.stringify(object, null, 4);
    return `        ${text.replaceAll('\n', '\n        ')}`;
  });
  const list = items.length === 0 ? '[]' : `[\n${items.join(',\n')}\n    ]`;
  const metadata = '{\n        "resourceVersion": ""\n    }';
  return `{\n    "apiVersion": "v1",\n    "items": ${list},\n    "kind": "List",\n    "metadata": ${metadata}\n}\n`;
}
