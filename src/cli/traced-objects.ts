/** The objects that `vipc trace` is given: what they compile to, and the Pods by name. */

import type { Pods } from '../explain/places.js';
import { type CompiledInputs, compileRead } from './compiled-inputs.js';
import type { InputFlags } from './input-flags.js';
import { podAddresses } from './pod-addresses.js';
import { readInputs } from './read-inputs.js';
import type { Terminal } from './terminal.js';
import { refuseUnusable } from './views/compile.js';

export interface TracedObjects {
  readonly inputs: CompiledInputs;
  /** Absent: no Pod is asked about by its name. */
  readonly pods: Pods | undefined;
}

/** Reads what `-f` names. Throws as {@link compileRead} does, and where nothing can be compiled. */
export async function tracedObjects(
  flags: Omit<InputFlags, 'family'>,
  terminal: Terminal,
  asksPods: boolean,
): Promise<TracedObjects> {
  const read = await readInputs(flags, terminal);
  const inputs = compileRead(read, { ...flags, family: 'dual' });
  refuseUnusable(inputs);
  return { inputs, pods: asksPods ? podAddresses(read.sources) : undefined };
}
