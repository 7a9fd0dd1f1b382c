/**
 * The templates of a layout, as functions. Those that ship with vipc are part of the program: they
 * need no file and no Handlebars.
 */

import { messageOf, TemplateError } from '../errors.js';

/** A compiled template: view in, text out. A user's throws TemplateError for a missing field. */
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

/** What `scripts/templates` makes of the files of a layout. */
interface PrecompiledTemplates<FrameView extends object, PortView extends object> {
  readonly frame: (view: FrameView) => string;
  readonly port: (view: PortView) => string;
  readonly tail?: ((view: FrameView) => string) | undefined;
}

/** The templates of a layout that ships with vipc; they get the views of that layout alone. */
export function builtinTemplates<FrameView extends object, PortView extends object>({
  frame,
  port,
  tail = () => '',
}: PrecompiledTemplates<FrameView, PortView>): Templates {
  return {
    frame: frame as Template,
    port: port as Template,
    tail: tail as Template,
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
