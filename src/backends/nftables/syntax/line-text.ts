/** Finds parts of a line without parsing it, which costs too much for a large ruleset. */

import { OBJECT_KINDS, type Unit, type UnitKind, type UnitName } from '../../../plan/unit.js';

/** What a line makes, or adds to. */
export interface LineHead {
  readonly kind: 'table' | 'chain' | 'set' | 'map' | 'object' | 'element' | 'rule';
  /** nft's word for the kind: `set`, `counter`, `ct helper`. */
  readonly type: string;
  /** Name of the unit; `''` for a table. */
  readonly name: string;
}

const HEAD = new RegExp(
  `^add (table|chain|set|map|element|rule|${OBJECT_KINDS.join('|')}) \\S+ \\S+(?: (\\S+))?`,
);

/** Which unit a line is about; `undefined` for text that is no line of ours. */
export function headOf(line: string): LineHead | undefined {
  const [, type = '', word = ''] = HEAD.exec(line) ?? [];
  switch (type) {
    case '':
      return undefined;
    case 'table':
      return { kind: type, type, name: '' };
    case 'chain':
    case 'set':
    case 'map':
    case 'element':
    case 'rule':
      return { kind: type, type, name: word };
    default:
      return { kind: 'object', type, name: word };
  }
}

/** The unit that a line makes, or adds to. */
export function unitOf({ kind, type, name }: Pick<LineHead, 'kind' | 'type' | 'name'>): UnitName {
  switch (kind) {
    case 'table':
    case 'chain':
      return { kind, name };
    case 'rule':
      return { kind: 'chain', name };
    case 'object':
      return { kind: objectKind(type), name };
    default:
      return { kind: 'set', name };
  }
}

function objectKind(type: string): UnitKind {
  return OBJECT_KINDS.find((kind) => kind === type) ?? 'object';
}

/** Whether a line makes a unit, other than a rule or an element. */
export function isDeclaration(line: string): boolean {
  return !line.startsWith('add rule ') && !line.startsWith('add element ');
}

/** The line without its comment, which means nothing to the kernel. */
export function withoutComment(line: string): string {
  if (!line.includes(' comment "')) return line;
  return isDeclaration(line)
    ? line.replace(/ comment "[^"]*" ;/, '').replace(/ \{ \}$/, '')
    : line.replace(/ comment "[^"]*"(?=$| : | \}$)/, '');
}

/** The key of an element; deleting by key does not depend on the value. */
export function elementKey(line: string): string {
  return / \{ (.*?)(?: json \{.*?)?(?: : .*)? \}$/s.exec(withoutComment(line))?.[1] ?? '';
}

/** What an element leads to; `''` for one of a set. */
export function elementValue(line: string): string {
  return / : (.*) \}$/.exec(withoutComment(line))?.[1] ?? '';
}

/** Whether a line adds an element. */
export function isElement(line: string): boolean {
  return line.startsWith('add element ');
}

/** The units that a text makes, in its order. */
export function unitsMadeBy(text: string): readonly Unit[] {
  return [...text.matchAll(/^add (?:chain|set|map) (\S+ \S+) .*$/gm)].flatMap(
    ([line, table = '']) => {
      const head = headOf(line);
      return head === undefined ? [] : { table, ...unitOf(head) };
    },
  );
}

const SET = /^add (?:set|map) (?!.* flags [^;"]*dynamic)/m;

/** Whether a text makes a set or map that holds other elements than packets leave in it. */
export function makesSet(text: string): boolean {
  return SET.test(text);
}

/** The endpoints that a rule chooses from, each with the same chance. */
const DRAW = / numgen random mod \d+(?: offset \d+)? v?map \{ .* \}/;

/** A rule without comment and without what it draws; `''` for a rule that draws nothing. */
export function withoutChance(line: string): string {
  return DRAW.test(line) ? withoutComment(line).replace(DRAW, '') : '';
}

/** What packets to a frontend match in a map: `10.96.0.1 . tcp . 80`, or `tcp . 30080`. */
export interface FrontendKey {
  /** `''` for a node port. */
  readonly address: string;
  readonly protocol: string;
  readonly port: number;
}

export function frontendOfKey(key: string): FrontendKey | undefined {
  const [, address = '', protocol, port] =
    /^(?:(\S+) \. )?(tcp|udp|sctp) \. (\d+)$/.exec(key) ?? [];
  return protocol === undefined ? undefined : { address, protocol, port: Number(port) };
}

/** The key of an element without what it counts, and a comment that nft could not read again. */
export function keyAlone(key: string): string {
  return key.includes(' json ') ? key.replaceAll(BESIDE_KEY, '') : key;
}

const BESIDE_KEY = / json \{"(?:counter":[^ ]*|comment":"(?:[^"\\]|\\.)*"\})(?= json |$)/g;

/** `10.96.0.1 . tcp . 80` of the key `10.96.0.1 . tcp . 80 . 2`, with the number. */
export function numberedKey(key: string): { readonly frontend: string; readonly number: number } {
  const [, frontend = '', number = ''] = /^(.*) \. (\d+)$/.exec(key) ?? [];
  return { frontend, number: number === '' ? Number.NaN : Number(number) };
}

/** How a rule or an element refers to units, by their kind. */
const REFERENCES = [
  ['chain', / (?:jump|goto) ([^\s,]+)/g],
  ['set', / @([^\s,]+)/g],
  ['counter', / counter name "([^"]+)"/g],
] as const;

/** The units that a rule or an element refers to. */
export function referencesOf(line: string): readonly UnitName[] {
  const bare = withoutComment(line);
  return REFERENCES.flatMap(([kind, pattern]) =>
    [...bare.matchAll(pattern)].map(([, name = '']) => ({ kind, name })),
  );
}

/** `10.0.0.5 . 8080` in a map, `10.0.0.5:8080` and `[fd00::5]:8080` alone. */
const DESTINATION = / (?:\d+ : |dnat to )([^\s,]+(?: \. \d+)?)(?=$|[\s,])/g;

/** The endpoints that a rule translates to, each as `ADDRESS PORT`. */
export function destinationsIn(line: string): readonly string[] {
  return [...line.matchAll(DESTINATION)].map(([, text = '']) => {
    const [, ip, port] = /^(\S+) \. (\d+)$/.exec(text) ?? /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
    return `${ip} ${port}`;
  });
}
