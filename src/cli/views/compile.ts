/**
 * Where the result of `vipc compile` goes: rules to standard output or a folder, diagnostics to
 * standard error.
 */

import type { Backend } from '../../backends/backend.js';
import { type Diagnostic, hasErrors } from '../../diagnostics.js';
import { SnapshotError } from '../../errors.js';
import type { Model } from '../../model/types.js';
import type { RuleDocument } from '../../ruleset/types.js';
import type { Snapshot } from '../../snapshot/types.js';
import { writeFiles } from '../output-files.js';
import type { Terminal } from '../terminal.js';
import { compiledJson, diagnosticLines, type Summary, shown, summaryLine } from './diagnostics.js';

/** What was compiled and what there is to say about it. */
export interface CompileResult {
  readonly documents: readonly RuleDocument[];
  readonly models: readonly Model[];
  readonly diagnostics: readonly Diagnostic[];
  /** Adds the places in the input; done late, because it reads the input once more. */
  readonly locate: (diagnostics: readonly Diagnostic[]) => readonly Diagnostic[];
}

/** A result that is printed the way its mode does it. */
export interface PrintableResult extends CompileResult {
  readonly compiler: Backend;
  readonly skippedKinds: Snapshot['skippedKinds'];
}

/** The flags that decide where the result goes. */
export interface ResultFlags {
  readonly out?: string;
  readonly output: 'text' | 'json';
  readonly verbose: boolean;
}

/**
 * Throws SnapshotError where printing rules would mislead: nothing was read, or under `strict` not
 * everything.
 */
export function refuseUnusable(result: CompileResult, snapshot: Snapshot, strict: boolean): void {
  const bad = hasErrors(result.diagnostics);
  const located = (): readonly Diagnostic[] => result.locate(result.diagnostics.filter(isFault));
  if (strict && bad) {
    const count = leftOut(result.diagnostics);
    const what = count === 1 ? 'one object' : `${count} objects`;
    throw new SnapshotError(`nothing was compiled: ${what} cannot be used (--strict)`, located());
  }
  if (snapshot.services.size > 0) return;
  if (bad)
    throw new SnapshotError('nothing was compiled: no usable Service in the input', located());
  if (snapshot.nodes.size + snapshot.slices.size + snapshot.serviceCidrs.length > 0) return;
  const others = [...snapshot.skippedKinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
  throw new SnapshotError(
    `no Service, EndpointSlice or Node in the input${others === '' ? '' : `, only ${others}`}`,
    located(),
    {
      hint: 'kubectl get services,endpointslices,nodes,servicecidrs -A -o yaml | vipc compile -f -',
    },
  );
}

/** Prints or writes the rules, then says what there is to say. */
export async function writeResult(
  result: PrintableResult,
  flags: ResultFlags,
  terminal: Terminal,
): Promise<void> {
  const visible = shown(result.diagnostics, flags.verbose);
  const hidden = result.diagnostics.length - visible.length;
  if (flags.output === 'json') {
    await terminal.writeOutput(compiledJson(result.documents, result.locate(result.diagnostics)));
    return;
  }
  await terminal.writeError(diagnosticLines(result.locate(visible), hidden, terminal));
  if (flags.out === undefined)
    await terminal.writeOutput(result.compiler.joinDocuments(result.documents));
  else await writeFiles(flags.out, result.compiler.documentFiles(result.documents));
  if (flags.verbose || terminal.interactive)
    await terminal.writeError(`${nfacctNote(result.documents)}${summaryLine(summaryOf(result))}`);
}

/** How to make the nfacct objects without which iptables-restore refuses the rules. */
function nfacctNote(documents: readonly RuleDocument[]): string {
  const found = documents.flatMap(({ text }) => [...text.matchAll(/ --nfacct-name (\S+)/g)]);
  const names = new Set(found.map(([, name = '']) => name));
  if (names.size === 0) return '';
  const commands = [...names].map((name) => `  nfacct add ${name}\n`).join('');
  return `note: create these nfacct objects before the rules are loaded:\n${commands}`;
}

function summaryOf(result: PrintableResult): Summary {
  const { models, documents, compiler, diagnostics, skippedKinds } = result;
  const ports = models.flatMap((model) => model.ports);
  const rules = documents.reduce((sum, { text }) => sum + compiler.countRules(text), 0);
  return {
    services: new Set(ports.map((port) => port.service)).size,
    endpoints: ports.reduce((sum, port) => sum + port.endpointCount, 0),
    rules,
    leftOut: leftOut(diagnostics),
    skippedKinds,
  };
}

/**
 * How many objects were left out: one may have several findings, and a document that cannot be read
 * counts as one.
 */
function leftOut(diagnostics: readonly Diagnostic[]): number {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const objects = errors.filter(({ object }) => object !== undefined);
  const distinct = new Set(objects.map(({ object }) => JSON.stringify(object)));
  return distinct.size + errors.length - objects.length;
}

function isFault({ severity }: Diagnostic): boolean {
  return severity !== 'note';
}
