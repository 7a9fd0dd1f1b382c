/** The addresses of Pods by name: of Pods, and of the endpoints that name theirs. */

import type { RawObject } from '../cluster/api.js';
import type { Source } from '../input/source.js';
import { isArray, isObject } from '../input/value.js';
import { type Ip, parseIp } from '../net/ip.js';
import { eachObject } from './listed-objects.js';

/** By `namespace/name`. */
export function podAddresses(sources: readonly Source[]): ReadonlyMap<string, readonly Ip[]> {
  const all: Named[] = [];
  eachObject(sources, (kind, raw) => {
    if (kind === 'Pod') all.push(podOf(raw));
    if (kind === 'EndpointSlice') for (const named of podsOfSlice(raw)) all.push(named);
  });
  const found = new Map<string, Set<Ip>>();
  for (const { namespace, name, addresses } of all) {
    const key = `${namespace || 'default'}/${name}`;
    const known = found.get(key) ?? new Set<Ip>();
    found.set(key, known);
    for (const ip of addresses.flatMap((text) => parseIp(text) ?? [])) known.add(ip);
  }
  return new Map([...found].map(([name, ips]) => [name, [...ips]]));
}

interface Named {
  readonly namespace: string;
  readonly name: string;
  readonly addresses: readonly string[];
}

function podOf(raw: RawObject): Named {
  const metadata = fieldOf(raw, 'metadata');
  const status = fieldOf(raw, 'status');
  const ips = listOf(fieldOf(status, 'podIPs')).map((one) => textOf(one, 'ip'));
  return {
    namespace: textOf(metadata, 'namespace'),
    name: textOf(metadata, 'name'),
    addresses: [...ips, textOf(status, 'podIP')],
  };
}

function podsOfSlice(raw: RawObject): readonly Named[] {
  const own = textOf(fieldOf(raw, 'metadata'), 'namespace');
  return listOf(fieldOf(raw, 'endpoints')).flatMap((endpoint) => {
    const target = fieldOf(endpoint, 'targetRef');
    if (textOf(target, 'kind') !== 'Pod') return [];
    const addresses = listOf(fieldOf(endpoint, 'addresses')).filter(
      (one) => typeof one === 'string',
    );
    return [
      { namespace: textOf(target, 'namespace') || own, name: textOf(target, 'name'), addresses },
    ];
  });
}

/** A field of text; `''`: there is none. */
function textOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return typeof text === 'string' ? text : '';
}

function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return isArray(value) ? value : [];
}
