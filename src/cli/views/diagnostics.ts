/** Diagnostics and errors as a person reads them on standard error. */

import { styleText } from 'node:util';
import { diagnosticText } from '../../diagnostic-text.js';
import type { Diagnostic, Severity } from '../../diagnostics.js';
import { compareText } from '../../model/order.js';
import { printable } from '../../printable.js';
import { EVERY_OTHER_SERVICE, type NamespacedName } from '../../snapshot/types.js';
import type { Terminal } from '../terminal.js';

/** More notes than this are counted instead of shown. */
const MAX_NOTES = 20;

const COLOURS = { error: 'red', warning: 'yellow', note: 'cyan', hint: 'dim' } as const;

/**
 * Diagnostics that are worth a line, in their order: every error and warning, and the first
 * 20 notes, or all with `verbose`.
 */
export function shown(diagnostics: readonly Diagnostic[], verbose: boolean): readonly Diagnostic[] {
  let notes = 0;
  return diagnostics.filter(
    ({ severity }) => severity !== 'note' || verbose || ++notes <= MAX_NOTES,
  );
}

/**
 * One line per diagnostic and one per hint, each with its newline; the last line counts what is not
 * {@link shown}. `textOf` words a diagnostic otherwise.
 */
export function diagnosticLines(
  diagnostics: readonly Diagnostic[],
  hidden: number,
  { colour: { error: colour } }: Pick<Terminal, 'colour'>,
  textOf: (diagnostic: Diagnostic) => string = diagnosticText,
): string {
  const lines = diagnostics.flatMap((diagnostic) => [
    `${label(diagnostic.severity, colour)} ${textOf(diagnostic)}\n`,
    hintLine(diagnostic.hint ?? '', colour),
  ]);
  if (hidden > 0)
    lines.push(`… and ${hidden} more ${hidden === 1 ? 'note' : 'notes'} (-v shows all)\n`);
  return lines.join('');
}

/** `error: message` and its hint, as lines. A message of several lines gets its label once. */
export function errorLines(message: string, hint: string, colour: boolean): string {
  const text = message.split('\n').map(printable).join('\n');
  return `${label('error', colour)} ${text}\n${hintLine(hint, colour)}`;
}

function label(kind: Severity, colour: boolean): string {
  return paint(`${kind}:`, COLOURS[kind], colour);
}

function hintLine(hint: string, colour: boolean): string {
  return hint === ''
    ? ''
    : `  ${paint('hint:', COLOURS.hint, colour)} ${hint.split('\n').map(printable).join('\n')}\n`;
}

function paint(
  text: string,
  style: (typeof COLOURS)[keyof typeof COLOURS],
  colour: boolean,
): string {
  return colour ? styleText(style, text, { validateStream: false }) : text;
}

/**
 * One warning per Service: an object of it was left out, so what it has in the kernel stays,
 * because a typing error must not take a Service down.
 */
export function keptDiagnostics(services: ReadonlySet<NamespacedName>): readonly Diagnostic[] {
  return [...services].sort(compareText).map((service): Diagnostic => {
    if (service === EVERY_OTHER_SERVICE) {
      return {
        code: 'removals-held-back',
        severity: 'warning',
        message:
          'Services that the input does not name keep their rules, because a part of it could not be understood and may name them',
        hint: 'repair the input to remove their rules',
      };
    }
    const [namespace = '', name = ''] = service.split('/');
    return {
      code: 'service-kept',
      severity: 'warning',
      message: `Service ${service} keeps the rules that it has, because an object of it was left out`,
      object: { kind: 'Service', namespace, name },
      hint: 'repair the object, or delete it from the input to remove its rules',
    };
  });
}
