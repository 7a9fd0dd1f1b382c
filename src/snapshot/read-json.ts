/**
 * JSON text -> documents: one value, or several behind each other as `kubectl get -o json` prints
 * in a loop. JSON.parse does the work; our own scanner only finds where values end and where the
 * text breaks, which JSON.parse does not say in a stable form.
 */

import type { Diagnostic } from '../diagnostics.js';
import { jsonFault, jsonValueEnd, skipBlanks } from './json-scan.js';
import { positionAt } from './position.js';
import type { ReadResult, Source, SourceDocument, Stretch } from './read.js';

/** The values in a stretch of JSON text, with or without blanks between them. */
export function readJson(source: Source, { start, end }: Stretch): ReadResult {
  const documents: SourceDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  const text = source.text.slice(start, end);
  for (let at = skipBlanks(text, 0); at < text.length; ) {
    const behind = jsonValueEnd(text, at);
    const parsed = behind === undefined ? undefined : parseJson(text.slice(at, behind));
    if (behind !== undefined && parsed !== undefined) {
      const stretch = { start: start + at, end: start + behind };
      documents.push({ value: parsed.value, syntax: 'json', ...stretch });
    } else {
      const fault = jsonFault(text, at) ?? { offset: at, reason: 'not JSON' };
      diagnostics.push({
        code: 'invalid-json',
        severity: 'error',
        message: `JSON document left out: ${fault.reason}`,
        position: positionAt(source, start + fault.offset),
      });
    }
    // Behind a value without an end, the next line that starts one is the best guess.
    at = skipBlanks(text, behind ?? nextLineOfValue(text, at + 1));
  }
  return { documents, diagnostics };
}

/** The value of JSON text, or undefined if it is not sound. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Only a brace in the first column opens a document: inside one, printers indent. */
function nextLineOfValue(text: string, from: number): number {
  const next = text.indexOf('\n{', from);
  return next < 0 ? text.length : next + 1;
}
