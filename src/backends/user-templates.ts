/**
 * Reads and compiles templates from files: the only place that needs the whole of Handlebars,
 * loaded only for a user's own layout.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { namedTemplate, type Template, type Templates, withTemplateErrors } from './templates.js';

/** Plain text, not HTML; a missing field or an unknown helper is an error, not an empty string. */
export const TEMPLATE_OPTIONS: CompileOptions = {
  noEscape: true,
  strict: true,
  knownHelpersOnly: true,
  preventIndent: true,
};

/**
 * The templates of a folder: `frame.hbs`, `port.hbs` and, where a layout needs it, `tail.hbs`.
 * Throws TemplateError that names the file.
 */
export function readTemplates(directory: string): Templates {
  const template = (name: string): Template => readTemplate(join(directory, `${name}.hbs`));
  const hasTail = existsSync(join(directory, 'tail.hbs'));
  return {
    frame: template('frame'),
    port: template('port'),
    tail: hasTail ? template('tail') : () => '',
  };
}

/** The template of a file. Throws TemplateError that names the file. */
export function readTemplate(file: string): Template {
  const compile = (): Template =>
    Handlebars.compile<object>(readFileSync(file, 'utf8'), TEMPLATE_OPTIONS);
  return namedTemplate(file, withTemplateErrors(file, compile));
}
