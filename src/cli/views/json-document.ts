/**
 * The frame of every JSON document that a command prints, so that a script can tell which one it
 * has.
 */

/** The kinds of documents, one per command, and the one of a command that failed. */
export type DocumentKind = 'Rules' | 'Differences' | 'Applied' | 'Cleanup' | 'Error';

/**
 * The document with `apiVersion` and `kind` in front, two spaces a level, and a newline at its end.
 */
export function jsonDocument(kind: DocumentKind, content: object): string {
  return `${JSON.stringify({ apiVersion: 'vipc/v1', kind, ...content }, null, 2)}\n`;
}
