/** Finds out which Service port something in a dump belongs to: names of chains and comments tell it. */

import { elementKey } from './ownership.js';
import type { DumpTable } from './syntax/dump-reader.js';

/** `service-HASH-namespace/name/protocol/port`; names of endpoints go on with `__address/port`. */
const NAME =
  /^@?(?:service|local|external|firewall|endpoint|affinity)-[A-Z2-7]{8}-([^/]+\/[^/]+)\/(tcp|udp|sctp)\/(.*?)(?:__.*)?$/;

/**
 * The Service port that a chain or a set is named after, as in a fragment's origin; `''` for those of every node, and
 * where the name was cut before its end.
 */
export function originOfName(name: string): string {
  const [, service, protocol = '', port = ''] = NAME.exec(name) ?? [];
  if (service === undefined || name.endsWith('...')) return '';
  return `${service}${port === '' ? '' : `:${port}`} ${protocol.toUpperCase()}`;
}

/** Elements of the two sets that name no Service: by address, and by address, protocol and port. */
export interface ElementOrigins {
  readonly addresses: ReadonlyMap<string, string>;
  readonly endpoints: ReadonlyMap<string, string>;
}

/** Which Service port an element of a set or a map is there for; `''` where nothing tells. */
export function originOfElement(line: string, { addresses, endpoints }: ElementOrigins): string {
  const key = elementKey(line);
  return mappedOrigin(line, key) || addresses.get(key) || endpoints.get(key) || '';
}

/** The element of a map leads to a chain that tells, or has a comment that does. */
function mappedOrigin(line: string, key: string): string {
  const chain = / : goto (\S+) \}$/.exec(line)?.[1] ?? '';
  const named = originOfName(chain);
  if (named !== '') return named;
  const comment = / comment "([^"]+)" : /.exec(line)?.[1] ?? '';
  const protocol = /(?:^| )(tcp|udp|sctp) . \d+$/.exec(key)?.[1];
  // Of one that was cut, the Service is known if the end of its name is there.
  const cut = comment.endsWith('...') && !comment.includes(':');
  if (protocol === undefined || cut || !/^[^/\s]+\/[^/\s]+$/.test(comment)) return '';
  return `${comment} ${protocol.toUpperCase()}`;
}

/**
 * What the maps and chains of a table tell about the elements of its sets. Several Service ports may need the same
 * element; with `isMeant` only those for which it holds are named.
 */
export function elementOrigins(
  { units }: DumpTable,
  isMeant: (origin: string) => boolean = (origin) => origin !== '',
): ElementOrigins {
  const addresses = new Map<string, string>();
  for (const map of ['service-ips', 'no-endpoint-services']) {
    for (const line of units.get(`map ${map}`)?.lines ?? []) {
      const key = elementKey(line);
      const origin = mappedOrigin(line, key);
      if (isMeant(origin)) addresses.set(key.split(' ', 1).join(''), origin);
    }
  }
  const endpoints = new Map<string, string>();
  const hairpins = units.get('set hairpin-connections')?.lines ?? [];
  const wanted = new Map(hairpins.map((line): [string, string] => [endpointOf(line), line]));
  if (wanted.size > 0) {
    for (const { kind, name, lines } of units.values()) {
      const origin = kind === 'chain' ? originOfName(name) : '';
      if (origin === '' || !isMeant(origin)) continue;
      for (const line of lines)
        for (const [, target = ''] of line.matchAll(TARGET)) {
          const found = wanted.get(endpointText(target));
          if (found !== undefined) endpoints.set(elementKey(found), origin);
        }
    }
  }
  return { addresses, endpoints };
}

/** `10.0.0.5 . 8080` in a map, `10.0.0.5:8080` and `[fd00::5]:8080` alone. */
const TARGET = / (?:\d+ : |dnat to )([^\s,]+(?: \. \d+)?)(?=$|[\s,])/g;

function endpointText(target: string): string {
  const [, ip, port] = /^(\S+) \. (\d+)$/.exec(target) ?? /^\[?(.*?)\]?:(\d+)$/.exec(target) ?? [];
  return `${ip} ${port}`;
}

function endpointOf(line: string): string {
  const [, ip, , port] = elementKey(line).split(' . ');
  return `${ip} ${port}`;
}
