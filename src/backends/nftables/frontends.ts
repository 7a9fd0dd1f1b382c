/**
 * Reads the frontends of Services from a dump. Once a Service is deleted, only its rules name them.
 */

import type { Frontend } from '../../flows/frontends.js';
import type { Protocol } from '../../model/types.js';
import { type Family, familyOf, type Ip, parseIp } from '../../net/ip.js';
import { elementOrigins, isDispatcher, originOfElement } from './origin.js';
import { tableName } from './ownership.js';
import { frontendOfKey } from './syntax/line-text.js';
import type { Dump } from './syntax/parse.js';

/**
 * The frontends over these protocols that the table of a family answers on, translated or refused:
 * the keys of every map, of whichever layout, that leads from an address, a protocol and a port, or
 * from the last two, to a verdict.
 */
export function frontendsOfDump<P extends Protocol>(
  dump: Dump,
  family: Family,
  protocols: readonly P[],
): readonly Frontend<P>[] {
  const table = dump.tables.get(tableName(family));
  if (table === undefined) return [];
  const origins = elementOrigins(table);
  const found = new Map<string, Frontend<P>>();
  for (const { declaration, elements } of table.units.values()) {
    if (!isDispatcher(declaration)) continue;
    for (const element of elements) {
      const frontend = frontendOfElement(element.key, family, protocols);
      const origin = originOfElement(element, origins);
      // Of several maps with the same key the one that names the Service port counts.
      if (frontend !== undefined && (origin !== '' || !found.has(element.key)))
        found.set(element.key, { ...frontend, origin });
    }
  }
  return [...found.values()];
}

/** The addresses in kube-proxy's set of ClusterIPs. */
export function clusterIpsOfDump(dump: Dump, family: Family): readonly Ip[] {
  return addressesOfSet(dump, family, 'cluster-ips');
}

/** The addresses in kube-proxy's set of those that accept node ports. */
export function nodePortIpsOfDump(dump: Dump, family: Family): readonly Ip[] {
  return addressesOfSet(dump, family, 'nodeport-ips');
}

function addressesOfSet(dump: Dump, family: Family, name: string): readonly Ip[] {
  const elements = dump.tables.get(tableName(family))?.units.get(`set ${name}`)?.elements ?? [];
  return elements.flatMap(({ key }) => placeOf(key, family) || []);
}

function frontendOfElement<P extends Protocol>(
  key: string,
  family: Family,
  protocols: readonly P[],
): Omit<Frontend<P>, 'origin'> | undefined {
  const found = frontendOfKey(key);
  const protocol = protocols.find((one) => one.toLowerCase() === found?.protocol);
  if (found === undefined || protocol === undefined) return undefined;
  const ip = placeOf(found.address, family);
  if (ip === undefined) return undefined;
  return { family, protocol, ip, port: found.port };
}

/** `''` for a node port. */
function placeOf(text: string, family: Family): Ip | '' | undefined {
  if (text === '') return '';
  const ip = parseIp(text);
  return ip !== undefined && familyOf(ip) === family ? ip : undefined;
}
