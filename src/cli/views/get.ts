/** Objects as `kubectl get` prints them: the columns and words of its printers. */

import { dump } from 'js-yaml';
import type { RawObject } from '../../cluster/api.js';
import { isArray, isObject } from '../../input/value.js';
import { joinHostPort } from '../../net/ip.js';
import { printable } from '../../printable.js';
import type { EndpointSlice, Endpoints, Service } from '../../snapshot/types.js';
import type { ListedKind, ListedObject } from '../listed-objects.js';
import { ageText } from './age.js';
import { tableLines } from './table.js';

/** How a list is printed. */
export interface ListedOptions {
  readonly allNamespaces: boolean;
  /** Whether tables have their first line. */
  readonly headers: boolean;
  /** Whether tables have a column of labels. */
  readonly labels: boolean;
  readonly form: 'table' | 'wide' | 'name';
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Objects of one kind. */
export interface ListedOfKind {
  readonly kind: ListedKind;
  readonly listed: readonly ListedObject[];
}

/**
 * Names alone, or a table for each kind that has objects; with several kinds asked for, the names
 * carry their kind, as kubectl's do.
 */
export function listedText(found: readonly ListedOfKind[], options: ListedOptions): string {
  const there = found.filter(({ listed }) => listed.length > 0);
  if (options.form === 'name')
    return there
      .flatMap(namesOf)
      .map((name) => `${printable(name)}\n`)
      .join('');
  const tables = there.map((of) => tableText(of, found.length > 1, options));
  return tables.join(options.headers ? '\n' : '');
}

function namesOf({ kind: { prefix }, listed }: ListedOfKind): readonly string[] {
  return listed.map(({ name }) => `${prefix}/${name}`);
}

function tableText(
  of: ListedOfKind,
  withKind: boolean,
  { allNamespaces, headers, labels, form, now }: ListedOptions,
): string {
  const { kind, listed } = of;
  const names = withKind ? namesOf(of) : listed.map(({ name }) => name);
  const rows = listed.map(({ namespace, object, created }, i) => {
    const { cells, wide } = cellsOf(object);
    return [
      ...(allNamespaces ? [namespace] : []),
      ...[names[i] ?? '', ...cells, ageText(created, now)],
      ...(form === 'wide' ? wide : []),
      ...(labels ? [labelsText(object.metadata.labels)] : []),
    ].map(printable);
  });
  const { cells, wide } = HEADS[kind.kind];
  const head = [
    ...(allNamespaces ? ['NAMESPACE'] : []),
    ...['NAME', ...cells, 'AGE'],
    ...(form === 'wide' ? wide : []),
    ...(labels ? ['LABELS'] : []),
  ];
  return `${tableLines(headers ? [head, ...rows] : rows).join('\n')}\n`;
}

/** The columns between NAME and AGE, and those that `-o wide` adds. */
interface Cells {
  readonly cells: readonly string[];
  readonly wide: readonly string[];
}

const HEADS: Readonly<Record<ListedObject['object']['kind'], Cells>> = {
  Service: { cells: ['TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)'], wide: ['SELECTOR'] },
  Endpoints: { cells: ['ENDPOINTS'], wide: [] },
  EndpointSlice: { cells: ['ADDRESSTYPE', 'PORTS', 'ENDPOINTS'], wide: [] },
};

function cellsOf(object: ListedObject['object']): Cells {
  switch (object.kind) {
    case 'Service':
      return serviceCells(object);
    case 'Endpoints':
      return { cells: [endpointsText(object)], wide: [] };
    case 'EndpointSlice':
      return sliceCells(object);
  }
}

const NONE = '<none>';

function serviceCells(service: Service): Cells {
  const { type = 'ClusterIP', clusterIP = '', ports = [], selector = {} } = service.spec;
  const portTexts = ports.map(({ port, nodePort = 0, protocol = 'TCP' }) =>
    nodePort === 0 ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`,
  );
  return {
    cells: [type, clusterIP || NONE, externalText(service), portTexts.join(',') || NONE],
    wide: [labelsText(selector)],
  };
}

function labelsText(labels: Readonly<Record<string, string>> = {}): string {
  const texts = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return texts.sort().join(',') || NONE;
}

function externalText({ spec, status }: Service): string {
  const externalIps = spec.externalIPs ?? [];
  if (spec.type === 'ExternalName') return spec.externalName || NONE;
  if (spec.type !== 'LoadBalancer') return externalIps.join(',') || NONE;
  const ingress = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname);
  const given = [...new Set(ingress.flatMap((text) => text || []))].sort();
  return [...given, ...externalIps].join(',') || '<pending>';
}

/** More entries than this are counted. */
const MOST = 3;

function cut(list: readonly string[], none: string): string {
  const more = list.length - MOST;
  const text = list.slice(0, MOST).join(',');
  return more > 0 ? `${text} + ${more} more...` : text || none;
}

function endpointsText({ subsets }: Endpoints): string {
  const all = (subsets ?? []).flatMap(({ addresses, ports }) => {
    const ips = (addresses ?? []).map(({ ip }) => ip);
    const numbers = (ports ?? []).map(({ port }) => port);
    return numbers.length === 0
      ? ips
      : numbers.flatMap((port) => ips.map((ip) => joinHostPort(ip, port ?? 0)));
  });
  return cut(all, NONE);
}

function sliceCells({ addressType, ports, endpoints }: EndpointSlice): Cells {
  const numbers = (ports ?? []).map(({ port, name }) => String(port ?? (name || '*')));
  const addresses = endpoints.flatMap((endpoint) => endpoint.addresses);
  return { cells: [addressType, cut(numbers, '<unset>'), cut(addresses, '<unset>')], wide: [] };
}

/** One object alone, as kubectl prints it, with its keys in order. */
export function oneText(object: RawObject, form: 'json' | 'yaml'): string {
  return form === 'yaml'
    ? dump(object, {
        lineWidth: -1,
        noRefs: true,
        seqNoIndent: true,
        quoteStyle: 'double',
        sortKeys: true,
      })
    : `${JSON.stringify(sorted(object), null, 4)}\n`;
}

function sorted(value: unknown): unknown {
  if (isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}
