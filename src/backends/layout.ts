/** Loads and runs the rule templates: the only place that knows Handlebars. A layout is a folder with two templates. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import { TemplateError } from '../errors.js';

/** A compiled template: view in, text out. Throws TemplateError if the template asks for a field that the view has not. */
export type Template = (view: object) => string;

/** How one backend spells its rules. */
export interface Layout {
  /** The folder it came from, for messages. */
  readonly directory: string;
  /** Whether it is a user's own, so that what it writes must be checked. */
  readonly custom: boolean;
  /** What every node has. */
  readonly frame: Template;
  /** One Service port; runs with the port's view as root. */
  readonly port: Template;
}

const TEMPLATES = fileURLToPath(new URL('../../templates/', import.meta.url));

/** Fields are plain text for a rule, not HTML; a missing field or an unknown helper is an error, never an empty word. */
const OPTIONS: CompileOptions = {
  noEscape: true,
  strict: true,
  knownHelpersOnly: true,
  preventIndent: true,
};

/** The layout that ships with vipc under this name, such as `iptables/kube-proxy`. */
export function builtinLayout(name: string): Layout {
  return readLayout(join(TEMPLATES, name), false);
}

/** A user's layout: a folder with `frame.hbs` and `port.hbs`. Throws TemplateError that names the file. */
export function customLayout(directory: string): Layout {
  return readLayout(directory, true);
}

/** One template that ships with vipc and is part of no layout, by its path without `.hbs`. */
export function builtinTemplate(name: string): Template {
  return readTemplate(join(TEMPLATES, `${name}.hbs`));
}

function readLayout(directory: string, custom: boolean): Layout {
  const template = (name: string): Template => readTemplate(join(directory, name));
  return { directory, custom, frame: template('frame.hbs'), port: template('port.hbs') };
}

function readTemplate(file: string): Template {
  const run = attempt(file, () => Handlebars.compile<object>(readFileSync(file, 'utf8'), OPTIONS));
  return (view) => attempt(file, () => run(view));
}

function attempt<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TemplateError(`${file}: ${reason}`, {
      cause,
      hint: 'a template may use the fields of its view, #if and #each only; see templates/ for the ones that ship with vipc',
    });
  }
}
