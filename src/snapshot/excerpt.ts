/**
 * The part of large Lists that is about one Service: reading ten thousand objects to answer about
 * one takes seconds. Lists are recognised by the form in which kubectl and vipc print them; nothing
 * is left out of any other text.
 */

import type { Position } from '../diagnostics.js';
import type { Source } from '../input/source.js';
import { parseIp } from '../net/ip.js';
import { bytesOfList, type CutList, type ListedItem, listIn, namesIn } from './list-items.js';
import { namespaceOf } from './objects.js';
import type { NamespacedName } from './types.js';

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
  sources: readonly Source[],
  options: ExcerptOptions,
): Excerpt | undefined {
  const wholes = sources.map(bytesOf);
  const lists = wholes.map(listIn);
  const all = lists.flatMap((list) => list?.items ?? []);
  const isWanted = wantedIn(all, options);
  if (isWanted === undefined) return undefined;
  const cuts = lists.map((list, i) => cutList(list, wholes[i] ?? NOTHING, isWanted));
  return {
    sources: sources.map((source, i) => {
      const { name, stored } = source;
      const text = cuts[i]?.text;
      return text === undefined ? source : { name, stored, text };
    }),
    restore: (position) => {
      const i = sources.findIndex(({ name }) => name === position.file);
      const [whole, cut] = [wholes[i], cuts[i]];
      return whole === undefined || cut === undefined
        ? position
        : { ...position, line: originalLine(position.line, whole, cut) };
    },
  };
}

/** What was read of a source, without a copy; of a text that was made, its bytes. */
function bytesOf(source: Source): Buffer {
  const { bytes } = source;
  return bytes === undefined
    ? bytesOfList(source.text)
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const NOTHING = Buffer.alloc(0);

type Test = (item: ListedItem) => boolean;

/** Which items concern the Service; `undefined` where it, or a slice of it, is not among them. */
function wantedIn(
  items: readonly ListedItem[],
  { service, nodeName }: ExcerptOptions,
): Test | undefined {
  const own = items.find((item) => item.kind === 'Service' && isNamed(item, service));
  const hasSlice = items.some((item) => item.kind === 'EndpointSlice' && isOf(item, service));
  if (own === undefined || !own.bytes.includes('clusterIP') || !hasSlice) return undefined;
  const servers = items.flatMap((item) =>
    item.kind === 'Service' && isNameServer(item) ? (namesIn(item)?.key ?? []) : [],
  );
  const meant = [service, ...servers];
  const hasNode = items.some((item) => item.kind === 'Node' && namesIn(item)?.name === nodeName);
  const claims = claimsIn(own.bytes.toString('latin1'));
  const tests: Readonly<Record<string, Test>> = {
    Service: (item) =>
      claims.some((claim) => item.bytes.includes(claim)) ||
      meant.some((name) => isNamed(item, name)),
    EndpointSlice: (item) => meant.some((name) => isOf(item, name)),
    Endpoints: (item) => meant.some((name) => isNamed(item, name)),
    Node: (item) => !hasNode || namesIn(item)?.name === nodeName,
  };
  const namespace = namespaceOf(service);
  return (item) => {
    const { kind } = item;
    if (Object.hasOwn(tests, kind)) return tests[kind]?.(item) ?? true;
    if (WORKLOADS.has(kind)) return (namesIn(item)?.namespace ?? namespace) === namespace;
    return SHARED.has(kind) || kind === '';
  };
}

function isNameServer({ bytes }: ListedItem): boolean {
  return bytes.includes('kube-dns') && /k8s-app"?: "?kube-dns/.test(bytes.toString('latin1'));
}

/** Whether an object has this name, or an unknown one. */
function isNamed(item: ListedItem, key: NamespacedName): boolean {
  if (!item.bytes.includes(key.slice(key.indexOf('/') + 1))) return false;
  const names = namesIn(item);
  return names === undefined || names.key === key;
}

/** Whether a slice is of this Service, or of an unknown one. */
function isOf(item: ListedItem, service: NamespacedName): boolean {
  if (!item.bytes.includes(service.slice(service.indexOf('/') + 1))) return false;
  const names = namesIn(item);
  return names === undefined || names.service === service;
}

/**
 * Texts of which each other Service has one that claims an address or a node port of this one.
 * Addresses outside the cluster are written by people, in any spelling: where this Service has one,
 * every other with one is looked at.
 */
function claimsIn(text: string): readonly string[] {
  const outside = ['externalIPs', 'ingress'];
  const ports = [...text.matchAll(/nodePort"?: [1-9]\d*/g)].map(([port]) => port);
  const ips = [...text.matchAll(/[\da-fA-F]*[.:][\da-fA-F.:]+/g)].flatMap(([word]) => {
    const ip = parseIp(word);
    return ip === undefined ? [] : [word, ip];
  });
  const found = outside.some((field) => text.includes(field)) ? outside : [];
  return [...new Set([...ips, ...ports, ...found])];
}

/** A file without some of its items, and where the lines of the others stood. */
interface Cut {
  readonly text: string;
  /** Line in the cut text, from 1, and offset in the whole file, of each part that was kept. */
  readonly parts: readonly { readonly line: number; readonly offset: number }[];
}

/** `undefined` also where not all that is wanted is UTF-8: reading the whole tells the line. */
function cutList(list: CutList | undefined, whole: Buffer, isWanted: Test): Cut | undefined {
  if (list === undefined) return undefined;
  const kept = [whole.subarray(0, list.start)];
  const parts = [{ line: 1, offset: 0 }];
  let line = lineFeeds(kept[0] ?? NOTHING) + 1;
  const wanted = list.items.filter(isWanted);
  for (const [i, { bytes, offset }] of wanted.entries()) {
    parts.push({ line, offset });
    const isLast = i === wanted.length - 1;
    kept.push(bytes, Buffer.from(`${isLast ? '' : list.separator}\n`));
    line += lineFeeds(bytes) + 1;
  }
  parts.push({ line, offset: list.end });
  kept.push(whole.subarray(list.end));
  const text = Buffer.concat(kept).toString();
  return text.includes('\ufffd') ? undefined : { text, parts };
}

function originalLine(line: number, whole: Buffer, { parts }: Cut): number {
  const part = parts.findLast((one) => one.line <= line) ?? { line: 1, offset: 0 };
  return lineFeeds(whole.subarray(0, part.offset)) + 1 + line - part.line;
}

function lineFeeds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf('\n'); at >= 0; at = bytes.indexOf('\n', at + 1)) count++;
  return count;
}
