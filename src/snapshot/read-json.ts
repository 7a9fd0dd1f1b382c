/**
 * JSON text -> documents: one value, or several behind each other as `kubectl get -o json` prints
 * in a loop. JSON.parse does the work; our own scanner only finds where values end and where the
 * text breaks, which JSON.parse does not say in a stable form.
 */

import type { Diagnostic } from '../diagnostics.js';
import { jsonFault, jsonValueEnd, skipBlanks } from './json-scan.js';
import { positionAt } from './position.js';
import type { ReadResult, Source, SourceDocument } from './read.js';

/** The documents of JSON text. */
export function readJson(source: Source): ReadResult {
  const start = source.text.startsWith('\uFEFF') ? 1 : 0;
  const whole = parse(source.text.slice(start));
  if (whole !== undefined) {
    const document = {
      value: whole.value,
      syntax: 'json',
      start,
      end: source.text.length,
    } as const;
    return { documents: [document], diagnostics: [] };
  }
  return readStream(source, start);
}

/** Values behind each other, with blanks, `---` lines or nothing between them. */
function readStream(source: Source, from: number): ReadResult {
  const documents: SourceDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  const { text } = source;
  let start = skipSeparators(text, from);
  while (start < text.length) {
    const end = jsonValueEnd(text, start);
    const parsed = end === undefined ? undefined : parse(text.slice(start, end));
    if (end !== undefined && parsed !== undefined) {
      documents.push({ value: parsed.value, syntax: 'json', start, end });
    } else {
      const fault = jsonFault(text, start) ?? { offset: start, reason: 'not JSON' };
      diagnostics.push({
        code: 'invalid-json',
        severity: 'error',
        message: `JSON document left out: ${fault.reason}`,
        position: positionAt(source, fault.offset),
      });
    }
    // Behind a value without an end, the next line that starts one is the best guess.
    start = skipSeparators(text, end ?? nextLineOfValue(text, start + 1));
  }
  return { documents, diagnostics };
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function skipSeparators(text: string, from: number): number {
  let at = skipBlanks(text, from);
  while (text.startsWith('---', at)) at = skipBlanks(text, at + 3);
  return at;
}

/** Only a brace in the first column opens a document: inside one, printers indent. */
function nextLineOfValue(text: string, from: number): number {
  const next = text.indexOf('\n{', from);
  return next < 0 ? text.length : next + 1;
}
