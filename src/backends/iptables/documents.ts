/** How documents for iptables-restore go to a screen or into files: one for each family, because each has its own tool. */

import type { NamedDocument, RuleDocument } from '../../ruleset/types.js';

const TOOLS = { IPv4: 'iptables-restore', IPv6: 'ip6tables-restore' } as const;
const FILES = { IPv4: 'iptables.v4.rules', IPv6: 'iptables.v6.rules' } as const;

/** One text. A single family is a document that its tool loads as it is; of two each says which tool. */
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
