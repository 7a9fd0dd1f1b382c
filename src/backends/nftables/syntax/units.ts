/**
 * The units of a table of nft: chains, sets, maps and other objects as values, and the lines that
 * make them.
 */

import { typeProperty } from './key-types.js';

/** Where a base chain hooks in. */
export interface BaseChainHook {
  readonly type: string;
  readonly hook: string;
  readonly priority: number;
  /** `accept` is the default. */
  readonly policy: string;
}

export interface ChainDeclaration {
  readonly kind: 'chain';
  /** Absent: a chain that only rules lead to. */
  readonly hook: BaseChainHook | undefined;
  /** Properties that are not understood, as they were read. */
  readonly others: readonly string[];
}

/** A chain that only rules lead to, and nothing else is said of. */
export const PLAIN_CHAIN: ChainDeclaration = { kind: 'chain', hook: undefined, others: [] };

export interface SetDeclaration {
  readonly kind: 'set' | 'map';
  /** Of the key; several make a concatenation. Empty where they are among the others. */
  readonly types: readonly string[];
  /** What a map leads to; `''` for a set, or where it is among the others. */
  readonly data: string;
  readonly flags: readonly string[];
  /** In seconds; 0: none. */
  readonly timeout: number;
  /** 0: not limited, or not listed. */
  readonly size: number;
  /** Properties that are not understood, as they were read. */
  readonly others: readonly string[];
}

/** A counter, a quota, a flow table: nothing that vipc makes. */
export interface ObjectDeclaration {
  readonly kind: 'object';
  /** nft's words for it: `counter`, `ct helper`. */
  readonly type: string;
  /** Properties as they were read. */
  readonly others: readonly string[];
}

export type Declaration = ChainDeclaration | SetDeclaration | ObjectDeclaration;

/** An element of a set or a map. */
export interface Element {
  /** Its fields in one spelling, joined by ` . `. */
  readonly key: string;
  readonly comment: string;
  /** What it leads to in a map, such as `goto NAME`; `''` in a set. */
  readonly value: string;
}

/** A chain, a set or a map of a table, or another object. */
export interface DumpUnit {
  readonly name: string;
  readonly declaration: Declaration;
  /**
   * `''`: none, or not listed: nft 1.0.6 and older leave out those of chains. Means nothing to the
   * kernel.
   */
  readonly comment: string;
  /** `add rule` lines of a chain, in order. */
  readonly rules: readonly string[];
  /**
   * Of a set or a map, in no order that means anything. Those that expire, as connections do, are
   * left out.
   */
  readonly elements: readonly Element[];
  /**
   * Those whose keys have an IPv4 address among their fields. `undefined`, or absent: that is not
   * known without reading all, or some of the others may have it in another spelling.
   */
  near?(address: string): readonly NearElement[] | undefined;
}

/** An element, and its place among all of its set. */
export interface NearElement extends Element {
  readonly position: number;
}

/** What nft gives a set that rules fill; up to version 1.0.6 nothing else marks such a set. */
const SIZE_OF_DYNAMIC_SETS = 65_535;

/** nft's word for the kind of a unit. */
export function typeOf(declaration: Declaration): string {
  return declaration.kind === 'object' ? declaration.type : declaration.kind;
}

/** The line that makes a unit of a table such as `ip kube-proxy`. */
export function declarationLine(table: string, name: string, declaration: Declaration): string {
  const command = `add ${typeOf(declaration)} ${table} ${name}`;
  switch (declaration.kind) {
    case 'chain':
      return `${command}${block(chainProperties(declaration))}`;
    case 'object':
      return [command, ...declaration.others].join(' ');
    default:
      return `${command}${block(setProperties(name, declaration))}`;
  }
}

function chainProperties({ hook, others }: ChainDeclaration): readonly string[] {
  if (hook === undefined) return others;
  return [
    `type ${hook.type} hook ${hook.hook} priority ${hook.priority}`,
    ...(hook.policy === 'accept' ? [] : [`policy ${hook.policy}`]),
    ...others,
  ];
}

function setProperties(name: string, declaration: SetDeclaration): readonly string[] {
  const { data, timeout, size, others } = declaration;
  const filled = declaration.flags.includes('dynamic') || size === SIZE_OF_DYNAMIC_SETS;
  const flags = [...new Set([...declaration.flags, ...(filled ? ['dynamic'] : [])])].sort();
  const types = typeProperty(name, declaration.types, data);
  return [
    ...(types === '' ? [] : [types]),
    ...(flags.length === 0 ? [] : [`flags ${flags.join(',')}`]),
    ...(timeout === 0 ? [] : [`timeout ${timeout}s`]),
    ...(size === 0 || size === SIZE_OF_DYNAMIC_SETS ? [] : [`size ${size}`]),
    ...others,
  ];
}

/** The line that makes a table such as `ip kube-proxy`. */
export function tableLine(table: string, flags: readonly string[], comment: string): string {
  return withComment(
    `add table ${table}${block(flags.length === 0 ? [] : [`flags ${flags.join(',')}`])}`,
    comment,
  );
}

/** A declaration with its comment, where there is one. */
export function withComment(declaration: string, comment: string): string {
  if (comment === '') return declaration;
  const words = `comment "${comment}" ; }`;
  return declaration.endsWith(' }')
    ? `${declaration.slice(0, -1)}${words}`
    : `${declaration} { ${words}`;
}

/** The line of an element of a set or map. */
export function elementLine(table: string, set: string, element: Element): string {
  const comment = element.comment === '' ? '' : ` comment "${element.comment}"`;
  const value = element.value === '' ? '' : ` : ${element.value}`;
  return `add element ${table} ${set} { ${element.key}${comment}${value} }`;
}

function block(properties: readonly string[]): string {
  return properties.length === 0 ? '' : ` { ${properties.map((text) => `${text} ; `).join('')}}`;
}
