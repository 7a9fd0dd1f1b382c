/** The units that a plan changes: chains, and in mode nftables the table and all else in it. */

/** nft's kinds of objects other than chains, sets and maps. */
export const OBJECT_KINDS = [
  'counter',
  'quota',
  'limit',
  'secmark',
  'synproxy',
  'flowtable',
  'ct helper',
  'ct timeout',
  'ct expectation',
] as const;

/**
 * What a unit is. A map is a `set`: the line of an element does not say which of the two it is in.
 * An `object` is of a kind that vipc does not know.
 */
export type UnitKind = 'table' | 'chain' | 'set' | (typeof OBJECT_KINDS)[number] | 'object';

/** A unit within its table. */
export interface UnitName {
  readonly kind: UnitKind;
  /** `''` for the table itself. */
  readonly name: string;
}

/** One unit of a family. */
export interface Unit extends UnitName {
  /** `nat`, or with its family `ip kube-proxy`. */
  readonly table: string;
}

/** The key of a unit in maps. A chain and a set may have the same name. */
export function unitKey(unit: Unit): string {
  return `${unit.table} ${unitLabel(unit)}`;
}

/** How a unit is shown, as nft has it: `services`, `@cluster-ips`, `counter x`; `''`: the table. */
export function unitLabel({ kind, name }: UnitName): string {
  switch (kind) {
    case 'table':
    case 'chain':
      return name;
    case 'set':
      return `@${name}`;
    default:
      return `${kind} ${name}`;
  }
}
