/** Which of a mode's own layouts writes the rules of a machine. */

import type { HostFacts, LayoutName } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { UsageError } from '../errors.js';
import type { Backend } from './backend.js';
import type { Layout } from './layout.js';

export interface ChosenLayout {
  readonly layout: Layout;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The layout of this name, or the default one, with a warning, where the tools of the machine
 * cannot take it. Throws {@link UsageError} where the mode has no such layout.
 */
export function chooseLayout(
  { name: mode, layouts }: Pick<Backend, 'name' | 'layouts'>,
  name: LayoutName,
  host: HostFacts | undefined,
): ChosenLayout {
  const wanted = layouts.find((layout) => layout.name === name);
  if (wanted === undefined)
    throw new UsageError(`mode ${mode} has no layout ${name}`, {
      hint: `use layout ${layouts.map((layout) => layout.name).join(' or ')} there, or another mode`,
    });
  const fault = host === undefined ? undefined : wanted.unsupported?.(host);
  return fault === undefined
    ? { layout: wanted, diagnostics: [] }
    : { layout: layouts[0], diagnostics: [fault] };
}
