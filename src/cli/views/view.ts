/** How a command prints its result: as text for people, or as one JSON document for scripts. */

import type { Diagnostic } from '../../diagnostics.js';
import type { Terminal } from '../terminal.js';
import { diagnosticLines, shown } from './diagnostics.js';
import { type DocumentKind, jsonDocument } from './json-document.js';

/** A result in both of its forms. */
export interface View {
  readonly text: (colour: boolean) => string;
  readonly kind: DocumentKind;
  /** The fields of the document, but for `diagnostics`. */
  readonly content: () => object;
}

/** What there is to say about a result. */
export interface Remarks {
  readonly diagnostics: readonly Diagnostic[];
  /** Adds the places in the input; done late, because it reads the input once more. */
  readonly locate?: ((diagnostics: readonly Diagnostic[]) => readonly Diagnostic[]) | undefined;
}

/** The flags that choose the form. */
export interface ViewFlags {
  /** `json`, or any word for text. */
  readonly output: string;
  /** Whether every note is shown. */
  readonly verbose: boolean;
}

/** Writes the diagnostics, and then the result. */
export async function writeResult(
  view: View,
  remarks: Remarks,
  flags: ViewFlags,
  terminal: Terminal,
): Promise<void> {
  await writeRemarks(remarks, flags, terminal);
  await writeView(view, remarks, flags, terminal);
}

/** Writes the diagnostics to standard error. A JSON document holds them itself. */
export async function writeRemarks(
  { diagnostics, locate = (some) => some }: Remarks,
  { output, verbose }: ViewFlags,
  terminal: Terminal,
): Promise<void> {
  if (output === 'json') return;
  const visible = shown(diagnostics, verbose);
  const hidden = diagnostics.length - visible.length;
  await terminal.writeError(diagnosticLines(locate(visible), hidden, terminal));
}

/** Writes the result to standard output. */
export async function writeView(
  view: View,
  remarks: Remarks,
  { output }: Pick<ViewFlags, 'output'>,
  terminal: Terminal,
): Promise<void> {
  const text = output === 'json' ? documentText(view, remarks) : view.text(terminal.colour.output);
  await terminal.writeOutput(text);
}

/** The document of `-o json`. */
export function documentText(
  { kind, content }: View,
  { diagnostics, locate = (some) => some }: Remarks,
): string {
  return jsonDocument(kind, { ...content(), diagnostics: locate(diagnostics) });
}
