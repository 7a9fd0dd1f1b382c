/**
 * The part of a hosts file that belongs to vipc: one block of lines between two marks. What stands
 * around it is kept as it is.
 */

import { EVERY_OTHER_SERVICE, type NamespacedName } from '../snapshot/types.js';
import { type DnsRecord, dnsName } from './records.js';

const BEGIN = '# BEGIN vipc: names of Services; vipc replaces the lines up to END';
const END = '# END vipc';
const IS_BEGIN = /^\s*# BEGIN vipc\b/;
const IS_END = /^\s*# END vipc\b/;

/**
 * A line for each record, in the form of hosts(5): the address, then `web.shop.svc.cluster.local
 * web.shop.svc web.shop`. A resolver gives all addresses of a name that stands in several lines.
 */
export function hostsLines(records: readonly DnsRecord[], domain: string): readonly string[] {
  return records.map(({ service, hostname, ip }) => {
    const full = `${hostname === '' ? '' : `${hostname}.`}${dnsName(service, domain)}`;
    const ofCluster = full.slice(0, -`.${domain}`.length);
    return `${ip} ${full} ${ofCluster} ${ofCluster.slice(0, -'.svc'.length)}`;
  });
}

/** Where a hosts file has something else than one block. `line` counts from 1. */
export interface BlockFault {
  readonly fault: string;
  readonly line: number;
}

/** Services of which the input is incomplete. */
export interface Incomplete {
  readonly services: ReadonlySet<NamespacedName>;
  /** The Services that the input names, for {@link EVERY_OTHER_SERVICE}. */
  readonly known: ReadonlyMap<NamespacedName, unknown>;
}

/**
 * The text of a hosts file with these lines as its block; without lines it has none. Of incomplete
 * Services no line of the present block is lost.
 */
export function withHostsBlock(
  text: string,
  lines: readonly string[],
  incomplete?: Incomplete,
): string | BlockFault {
  const all = text.split('\n');
  const found = findBlock(all);
  if ('fault' in found) return found;
  const [begin, end] = found.range ?? [all.length, all.length];
  const kept =
    incomplete === undefined
      ? []
      : all.slice(begin + 1, end).filter((line) => isAbout(line, incomplete));
  const inside = [...new Set([...lines, ...kept])];
  const block = inside.length === 0 ? [] : [BEGIN, ...inside, END];
  if (found.range !== undefined)
    return [...all.slice(0, begin), ...block, ...all.slice(end + 1)].join('\n');
  if (block.length === 0) return text;
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${block.join('\n')}\n`;
}

/** Indices of the lines of the marks. */
function findBlock(
  lines: readonly string[],
): { readonly range: readonly [number, number] | undefined } | BlockFault {
  let range: readonly [number, number] | undefined;
  let open: number | undefined;
  for (const [i, line] of lines.entries()) {
    const begins = IS_BEGIN.test(line);
    if (!begins && !IS_END.test(line)) continue;
    const words = begins ? 'BEGIN' : 'END';
    if (begins === (open !== undefined) || range !== undefined)
      return { fault: `a second "# ${words} vipc", or one without the other`, line: i + 1 };
    if (open === undefined) open = i;
    else {
      range = [open, i];
      open = undefined;
    }
  }
  if (open !== undefined) return { fault: '"# BEGIN vipc" without "# END vipc"', line: open + 1 };
  return { range };
}

/**
 * Whether a line of the block is of one of these Services. Its last name ends with the namespace:
 * neither `.svc` nor the domain follows.
 */
function isAbout(line: string, { services, known }: Incomplete): boolean {
  const shortest = /(\S+)\s*$/.exec(line)?.[1] ?? '';
  const [namespace = '', service = ''] = shortest.split('.').reverse();
  const name = `${namespace}/${service}`;
  return services.has(name) || (services.has(EVERY_OTHER_SERVICE) && !known.has(name));
}
