/**
 * What every JSON document of a command begins with, so that a script can tell their kinds apart.
 * `schema/` has a JSON schema for each kind.
 */

import type { StaleFlow } from '../../flows/stale-flows.js';

/** The kinds of documents, and the one of a command that failed. */
export type DocumentKind =
  | 'Rules'
  | 'Differences'
  | 'Applied'
  | 'Cleanup'
  | 'Host'
  | 'Trace'
  | 'Findings'
  | 'LintRules'
  | 'Explanation'
  | 'Verification'
  | 'Comparison'
  | 'NodesVerification'
  | 'TestResults'
  | 'Version'
  | 'Error';

/** `content` with `apiVersion` and `kind` in front. */
export function documentOf(kind: DocumentKind, content: object): object {
  return { apiVersion: 'vipc/v1', kind, ...content };
}

/**
 * The document with `apiVersion` and `kind` in front, two spaces a level, and a newline at its end.
 */
export function jsonDocument(kind: DocumentKind, content: object): string {
  return `${JSON.stringify(documentOf(kind, content), null, 2)}\n`;
}

/** A stale flow as documents have it: `endpoint` is where the kernel sends it. */
export function flowJson({ origin, cause, reason, flow }: StaleFlow): object {
  const { protocol, source, sourcePort, destination, destinationPort } = flow;
  const { replySource: endpoint, replySourcePort: endpointPort } = flow;
  return {
    origin,
    cause,
    reason,
    protocol,
    source,
    sourcePort,
    destination,
    destinationPort,
    endpoint,
    endpointPort,
  };
}
