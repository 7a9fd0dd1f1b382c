/**
 * Documents for iptables-restore, as text and as files: one per family, because each family has its
 * own tool.
 */

import type { Family } from '../../net/ip.js';
import type { NamedDocument, RuleDocument } from '../../ruleset/types.js';
import type { LongText } from '../long-text.js';
import { documentFamilies, namedFamilies } from './syntax/document-families.js';

const TOOLS = { IPv4: 'iptables-restore', IPv6: 'ip6tables-restore' } as const;
const FILES = { IPv4: 'iptables.v4.rules', IPv6: 'iptables.v6.rules' } as const;

/**
 * One text. A single family is a document that its tool loads as it is. Of two, each begins with a
 * comment that names its tool.
 */
export function joinDocuments(documents: readonly RuleDocument[]): string {
  if (documents.length === 1) return documents[0]?.text ?? '';
  return documents
    .map(({ family, text }) => `# ${family}: load with ${TOOLS[family]} --noflush\n${text}`)
    .join('\n');
}

/** One file for each family. */
export function documentFiles(documents: readonly RuleDocument[]): readonly NamedDocument[] {
  return documents.map(({ family, text }) => ({ name: FILES[family], text }));
}

/** How many rules a document holds. */
export function countRules(text: string): number {
  return text.match(/^-A /gm)?.length ?? 0;
}

/**
 * The families of a dump by the headers of iptables-save or of our own documents, else by
 * addresses; else none.
 */
export function familiesOf(text: LongText): readonly Family[] {
  const named = namedFamilies(text);
  if (named.size > 0) return only(named);
  return only(new Set(documentFamilies(text).map(({ family }) => family)));
}

function only(named: ReadonlySet<Family>): readonly Family[] {
  return (['IPv4', 'IPv6'] as const).filter((family) => named.has(family));
}

/** Comments are bytes of any kind. */
export const encoding = 'latin1';
