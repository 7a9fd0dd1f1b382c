/** Loads and runs the rule templates: the only place that knows Handlebars. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import { messageOf, TemplateError } from '../errors.js';

/** A compiled template: view in, text out. Throws TemplateError if it asks for a missing field. */
export type Template = (view: object) => string;

/** The templates of one layout. */
export interface Templates {
  /** What every node has. */
  readonly frame: Template;
  /** One Service port; runs with the port's view as root. */
  readonly port: Template;
  /** Rules that stand behind those of all Services; runs with the frame's view. */
  readonly tail: Template;
}

const TEMPLATES = fileURLToPath(new URL('../../templates/', import.meta.url));

/** Plain text, not HTML; a missing field or an unknown helper is an error, not an empty string. */
const OPTIONS: CompileOptions = {
  noEscape: true,
  strict: true,
  knownHelpersOnly: true,
  preventIndent: true,
};

/**
 * The templates of a layout that ships with vipc, by its path such as `iptables/kube-proxy`; read from
 * disk when the first is used.
 */
export function builtinTemplates(path: string): Templates {
  let templates: Templates | undefined;
  const read = (): Templates => {
    templates ??= readTemplates(join(TEMPLATES, path));
    return templates;
  };
  return {
    frame: (view) => read().frame(view),
    port: (view) => read().port(view),
    tail: (view) => read().tail(view),
  };
}

/** One template that ships with vipc and is part of no layout, by its path without `.hbs`. */
export function builtinTemplate(path: string): Template {
  return readTemplate(join(TEMPLATES, `${path}.hbs`));
}

/**
 * The templates of a folder: `frame.hbs`, `port.hbs` and, where a layout needs it, `tail.hbs`. Throws
 * {@link TemplateError} that names the file.
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

function readTemplate(file: string): Template {
  const run = attempt(file, () => Handlebars.compile<object>(readFileSync(file, 'utf8'), OPTIONS));
  return (view) => attempt(file, () => run(view));
}

function attempt<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const reason = messageOf(cause);
    throw new TemplateError(`${file}: ${reason}`, {
      cause,
      hint: 'a template may use the fields of its view, #if and #each only; see templates/ for the ones that ship with vipc',
    });
  }
}
