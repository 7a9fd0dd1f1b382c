/** Finds the Service port that a unit or an element of a dump belongs to, by names and comments. */

import { mapValueOf } from './meaning.js';
import type { DumpTable } from './syntax/dump-reader.js';
import { destinationsIn, frontendOfKey, numberedKey } from './syntax/line-text.js';
import type { DumpUnit, Element, SetDeclaration } from './syntax/units.js';

/** `service-HASH-namespace/name/protocol/port`; names of endpoints go on with `__address/port`. */
const NAME = /^[a-z]+-[A-Z2-7]{8}-([^/]+\/[^/]+)\/(tcp|udp|sctp)\/(.*?)(?:__.*)?$/;

/**
 * The Service port that a chain or a set is named after, as in a fragment's origin; `''` for those
 * of every node, and where the name was cut before its end.
 */
export function originOfName(name: string): string {
  const [, service, protocol = '', port = ''] = NAME.exec(name) ?? [];
  if (service === undefined || name.endsWith('...')) return '';
  return `${service}${port === '' ? '' : `:${port}`} ${protocol.toUpperCase()}`;
}

/** Elements that name no Service. */
export interface ElementOrigins {
  /** By the address of a Service. */
  readonly addresses: ReadonlyMap<string, string>;
  /** By address, protocol and port of a Service, or by the last two for a node port. */
  readonly frontends: ReadonlyMap<string, string>;
  /** By the key of a connection of an endpoint to itself. */
  readonly endpoints: ReadonlyMap<string, string>;
}

/** The Service port that needs an element of a set or a map; `''` where it is unknown. */
export function originOfElement(
  element: Element,
  { addresses, frontends, endpoints }: ElementOrigins,
): string {
  const { key } = element;
  return (
    mappedOrigin(element) ||
    addresses.get(key) ||
    frontends.get(numberedKey(key).frontend) ||
    endpoints.get(key) ||
    ''
  );
}

/** The element of a map leads to a chain with an origin, or has a comment with one. */
function mappedOrigin({ key, comment, value }: Element): string {
  const verdict = mapValueOf(value);
  const named = verdict.kind === 'goto' ? originOfName(verdict.chain) : '';
  if (named !== '' || value === '') return named;
  const protocol = frontendOfKey(key)?.protocol;
  // Of one that was cut, the Service is known if the end of its name is there.
  const cut = comment.endsWith('...') && !comment.includes(':');
  if (protocol === undefined || cut || !/^[^/\s]+\/[^/\s]+$/.test(comment)) return '';
  return `${comment} ${protocol.toUpperCase()}`;
}

/**
 * What the maps and chains of a table say about the elements of its sets. Several Service ports
 * may need the same element; with `isMeant` only those for which it holds are named.
 */
export function elementOrigins(
  table: DumpTable,
  isMeant: (origin: string) => boolean = (origin) => origin !== '',
): ElementOrigins {
  const addresses = new Map<string, string>();
  const frontends = new Map<string, string>();
  for (const { declaration, elements } of table.units.values()) {
    if (!isDispatcher(declaration)) continue;
    for (const element of elements) {
      const origin = mappedOrigin(element);
      if (!isMeant(origin)) continue;
      frontends.set(element.key, origin);
      if (declaration.types.length === 3) addresses.set(element.key.split(' ', 1).join(''), origin);
    }
  }
  return { addresses, frontends, endpoints: endpointOrigins(table, frontends, isMeant) };
}

/**
 * Whether a map has verdicts for packets to an address, a protocol and a port, or to the last two,
 * in any layout.
 */
export function isDispatcher(declaration: DumpUnit['declaration']): declaration is SetDeclaration {
  return (
    declaration.kind === 'map' &&
    declaration.data === 'verdict' &&
    declaration.types.slice(-2).join(' ') === 'inet_proto inet_service'
  );
}

/** Elements of two addresses, a protocol and a port: connections of an endpoint to itself. */
function endpointOrigins(
  { units }: DumpTable,
  frontends: ReadonlyMap<string, string>,
  isMeant: (origin: string) => boolean,
): ReadonlyMap<string, string> {
  const wanted = hairpinKeys(units);
  const found = new Map<string, string>();
  if (wanted.size === 0) return found;
  const find = (destination: string, origin: string): void => {
    const key = wanted.get(`${destination} ${protocolOf(origin)}`);
    if (key !== undefined) found.set(key, origin);
  };
  for (const { name, rules, elements } of units.values()) {
    for (const { key, value } of elements) {
      const origin = frontends.get(numberedKey(key).frontend);
      if (origin !== undefined) find(value.replace(' . ', ' '), origin);
    }
    const origin = rules.length === 0 ? '' : originOfName(name);
    if (origin !== '' && isMeant(origin))
      for (const destination of rules.flatMap(destinationsIn)) find(destination, origin);
  }
  return found;
}

/** `tcp`, of the origin of a Service port. */
function protocolOf(origin: string): string {
  return origin.slice(origin.lastIndexOf(' ') + 1).toLowerCase();
}

/** The keys of such elements by endpoint and protocol: one Pod may serve both on one port. */
function hairpinKeys(units: DumpTable['units']): ReadonlyMap<string, string> {
  const elements = [...units.values()].flatMap(({ declaration, elements: held }) =>
    declaration.kind === 'set' && declaration.types.length === 4 ? held : [],
  );
  return new Map(elements.map(({ key }) => [endpointOf(key), key]));
}

function endpointOf(key: string): string {
  const [, ip, protocol, port] = key.split(' . ');
  return `${ip} ${port} ${protocol}`;
}
