/**
 * The templates of a layout, as functions. Those that ship with vipc are precompiled: they need no
 * file and no compiler.
 */

import runtime from 'handlebars/runtime.js';
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

/** The text of a template that ships with vipc, as a function; `path` as below `templates/`. */
export function builtinTemplate(path: string, code: PrecompiledTemplate): Template {
  return namedTemplate(`templates/${path}.hbs`, runtime.template(code));
}

/** What `Handlebars.precompile` prints, evaluated. */
export interface PrecompiledTemplate {
  readonly compiler: readonly [revision: number, versions: string];
  readonly main: unknown;
}

/** What `scripts/templates` makes of the files of a layout. */
export interface PrecompiledTemplates {
  readonly frame: PrecompiledTemplate;
  readonly port: PrecompiledTemplate;
  readonly tail?: PrecompiledTemplate | undefined;
}

/**
 * The templates of a layout that ships with vipc; `path` is that of its folder below `templates/`,
 * for errors.
 */
export function builtinTemplates(path: string, precompiled: PrecompiledTemplates): Templates {
  const template = (name: string, code: PrecompiledTemplate): Template =>
    builtinTemplate(`${path}/${name}`, code);
  const { frame, port, tail } = precompiled;
  return {
    frame: template('frame', frame),
    port: template('port', port),
    tail: tail === undefined ? () => '' : template('tail', tail),
  };
}

/** A template whose errors are TemplateErrors that name its file. */
export function namedTemplate(file: string, run: Template): Template {
  return (view) => withTemplateErrors(file, () => run(view));
}

/** Runs the action; what it throws becomes a {@link TemplateError} that names the file. */
export function withTemplateErrors<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new TemplateError(`${file}: ${messageOf(cause)}`, {
      cause,
      hint: 'a template may use the fields of its view, #if and #each only; see templates/ for the ones that ship with vipc',
    });
  }
}
