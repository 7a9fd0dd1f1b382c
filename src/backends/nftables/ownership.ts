/** Whose a table is, and what a line of ours is about. Everything in the tables `kube-proxy` is ours, and nothing else. */

import type { Family } from '../../net/ip.js';
import { familyWords } from './layouts/kube-proxy/view-words.js';

/** The table of a family, as nft names it. */
export function tableName(family: Family): string {
  return `${familyWords(family).ip} kube-proxy`;
}

/** The command that makes the table of a family. */
export function tableDeclaration(family: Family): string {
  return `add table ${tableName(family)} { comment "rules for kube-proxy" ; }`;
}

/** Whether a table is ours as a whole; all others are foreign and never looked at. */
export function isOwned(table: string): boolean {
  return table === 'ip kube-proxy' || table === 'ip6 kube-proxy';
}

const DECLARATION = /^add (table|chain|set|map) /;

/** What a line makes, apart from a rule or an element: `''` for these. */
export function declaredKind(line: string): '' | 'table' | 'chain' | 'set' | 'map' {
  const kind = DECLARATION.exec(line)?.[1];
  return kind === 'table' || kind === 'chain' || kind === 'set' || kind === 'map' ? kind : '';
}

/** The line as far as it means something to the kernel: without its comment. */
export function withoutComment(line: string): string {
  if (!line.includes(' comment "')) return line;
  return declaredKind(line) === ''
    ? line.replace(/ comment "[^"]*"(?=$| : | \}$)/, '')
    : line.replace(/ comment "[^"]*" ;/, '').replace(/ \{ \}$/, '');
}

/** The key of an element, with which it is found again whatever it leads to. */
export function elementKey(line: string): string {
  return / \{ (.*?)(?: json \{.*?)?(?: : .*)? \}$/s.exec(withoutComment(line))?.[1] ?? '';
}

/** The units that a rule or an element names: chains, and sets and maps with `@`. */
export function namesIn(line: string): readonly string[] {
  const bare = withoutComment(line);
  return [
    ...[...bare.matchAll(/ (?:jump|goto) ([^\s,]+)/g)].map(([, name = '']) => name),
    ...[...bare.matchAll(/ (@[^\s,]+)/g)].map(([, name = '']) => name),
  ];
}
