/**
 * The part of large Lists that is about one Service: reading ten thousand objects to answer about
 * one takes seconds. Nothing is left out of a text that is no List in JSON, and none in YAML in the
 * form in which kubectl and vipc print it.
 */

import type { Position } from '../diagnostics.js';
import type { Source } from '../input/source.js';
import { type StoredBytes, type StoredSource, storedIn } from '../input/stored-source.js';
import { parseIp } from '../net/ip.js';
import type { CutList, ListedItem } from './cut-list.js';
import { jsonListIn } from './json-items.js';
import { namespaceOf } from './objects.js';
import type { NamespacedName } from './types.js';
import { yamlListIn } from './yaml-items.js';

/** What a question is about. */
export interface ExcerptOptions {
  readonly service: NamespacedName;
  /** The node that is asked about; `''`: it is chosen by the Nodes of the input. */
  readonly nodeName: string;
}

/** Sources that say of a Service what the whole ones say. */
export interface Excerpt {
  readonly sources: readonly Source[];
  /** The position in the whole sources. */
  readonly restore: (position: Position) => Position;
}

/** Kinds of which all objects of the Service's namespace count. */
const WORKLOADS = new Set(['Pod', 'Deployment', 'StatefulSet', 'DaemonSet']);
/** Kinds of which all objects count; there are few. */
const SHARED = new Set(['ServiceCIDR', 'NetworkPolicy']);

/**
 * The objects that concern a Service: itself, its slices and Endpoints, Services that claim an
 * address of it, the DNS server, the Node, and Pods of its namespace with what makes them.
 * `undefined`: the whole must be read, because no List has the Service with a ClusterIP, and a
 * slice of it.
 */
export function excerptOf(
  sources: readonly StoredSource[],
  options: ExcerptOptions,
): Excerpt | undefined {
  const lists = sources.flatMap((source): readonly ListFile[] => {
    const bytes = source.bytes ?? storedIn(Buffer.from(source.text));
    const list = jsonListIn(bytes) ?? yamlListIn(bytes);
    return list === undefined ? [] : [{ source, bytes, list }];
  });
  const isWanted = wantedIn(lists, options);
  if (isWanted === undefined) return undefined;
  const cuts = new Map<Source, Cut>();
  for (const file of lists) {
    const cut = cutList(file, isWanted);
    if (cut !== undefined) cuts.set(file.source, cut);
  }
  return {
    sources: sources.map((source) => {
      const { name, stored } = source;
      const text = cuts.get(source)?.text;
      return text === undefined ? source : { name, stored, text };
    }),
    restore: (position) => {
      const source = sources.find(({ name }) => name === position.file);
      const cut = source && cuts.get(source);
      return cut === undefined ? position : originalPosition(position, cut);
    },
  };
}

/** A List, and the file that it is in. */
interface ListFile {
  readonly source: Source;
  readonly bytes: StoredBytes;
  readonly list: CutList;
}

type Test = (item: ListedItem, file: ListFile) => boolean;

/** Which items concern the Service; `undefined` where it, or a slice of it, is not among them. */
function wantedIn(
  files: readonly ListFile[],
  { service, nodeName }: ExcerptOptions,
): Test | undefined {
  const items = files.flatMap(({ list }) => list.items);
  const hasSlice = items.some((item) => item.kind === 'EndpointSlice' && item.isOf(service));
  const own = files.map((file) => ownText(file, service)).find((text) => text !== '') ?? '';
  if (!own.includes('clusterIP') || !hasSlice) return undefined;
  const servers = items.filter(({ kind, app }) => kind === 'Service' && app === 'kube-dns');
  const meant = [service, ...servers.map(({ namespace, name }) => `${namespace}/${name}` as const)];
  const hasNode = items.some(({ kind, name }) => kind === 'Node' && name === nodeName);
  const claims = claimsIn(own);
  const tests: Readonly<Record<string, Test>> = {
    Service: (item, file) =>
      meant.some((name) => item.isNamed(name)) || hasAny(claims, textOf(item, file)),
    EndpointSlice: (item) => meant.some((name) => item.isOf(name)),
    Endpoints: (item) => meant.some((name) => item.isNamed(name)),
    Node: ({ name }) => !hasNode || name === nodeName || name === '',
  };
  const space = namespaceOf(service);
  return (item, file) => {
    const { kind, namespace } = item;
    if (Object.hasOwn(tests, kind)) return tests[kind]?.(item, file) ?? true;
    if (WORKLOADS.has(kind)) return namespace === space || namespace === '';
    return SHARED.has(kind) || kind === '' || kind.endsWith('List');
  };
}

/** The text of the Service in a file; `''` where it is not there. */
function ownText(file: ListFile, service: NamespacedName): string {
  const own = file.list.items.find(
    (item) => item.kind === 'Service' && item.name !== '' && item.isNamed(service),
  );
  return own === undefined ? '' : textOf(own, file).toString('latin1');
}

function textOf({ start, end }: ListedItem, { bytes }: ListFile): Buffer {
  return bytes.piece(start, end);
}

function hasAny(claims: readonly string[], text: Buffer): boolean {
  return claims.some((claim) => text.includes(claim));
}

/**
 * Texts of which each other Service has one that claims an address or a node port of this one, in
 * whichever form. Addresses outside the cluster are written by people, in any spelling: where this
 * Service has one, every other with one is looked at. So is one that hides characters.
 */
function claimsIn(text: string): readonly string[] {
  const outside = ['externalIPs', 'ingress'];
  const ports = [...text.matchAll(/nodePort"?: ?([1-9]\d*)/g)].map(([, port = '']) => port);
  const ips = [...text.matchAll(/[\da-fA-F]*[.:][\da-fA-F.:]+/g)].flatMap(([word]) => {
    const ip = parseIp(word);
    return ip === undefined ? [] : [word, ip];
  });
  const found = outside.some((field) => text.includes(field)) ? outside : [];
  return [...new Set([...ips, ...ports, ...found, '\\u'])];
}

/** A file without some of its items, and where the parts that were kept stood. */
interface Cut {
  readonly text: string;
  readonly bytes: StoredBytes;
  /** Line in the cut text, from 1, at whose start a part stands, and its offset in the file. */
  readonly parts: readonly { readonly line: number; readonly offset: number }[];
}

/** `undefined` also where not all that is wanted is UTF-8: reading the whole tells the line. */
function cutList(file: ListFile, isWanted: Test): Cut | undefined {
  const { bytes, list } = file;
  const parts: { line: number; offset: number }[] = [];
  const texts: string[] = [];
  let line = 1;
  const keep = (start: number, end: number, separator: string): void => {
    const text = bytes.piece(start, end).toString();
    texts.push(`${text}${separator}`);
    parts.push({ line, offset: start });
    line += text.split('\n').length;
  };
  keep(0, list.headEnd, '');
  const wanted = list.items.filter((item) => isWanted(item, file));
  for (const item of wanted)
    keep(item.start, item.end, item === wanted.at(-1) ? '' : list.separator);
  keep(list.tailStart, bytes.length, '');
  const text = texts.join('\n');
  return text.includes('\ufffd') ? undefined : { text, bytes, parts };
}

function originalPosition({ file, line, column }: Position, { bytes, parts }: Cut): Position {
  const part = parts.findLast((one) => one.line <= line) ?? { line: 1, offset: 0 };
  const before = placeOf(part.offset, bytes);
  return {
    file,
    line: before.line + line - part.line,
    column: line === part.line ? before.column + column : column,
  };
}

/** How many bytes are looked at together. */
const STEP = 1 << 16;

/** The line of an offset, from 1, and the number of characters that stand before it there. */
function placeOf(
  offset: number,
  bytes: StoredBytes,
): { readonly line: number; readonly column: number } {
  let line = 1;
  let column = 0;
  const decoder = new TextDecoder();
  for (let at = 0; at < offset; at += STEP) {
    const text = decoder.decode(bytes.piece(at, Math.min(at + STEP, offset)), { stream: true });
    const lines = text.split('\n');
    line += lines.length - 1;
    column = (lines.length === 1 ? column : 0) + (lines.at(-1) ?? '').length;
  }
  return { line, column };
}
