/** The objects that `vipc trace` is given: what they compile to, and the Pods by name. */

import type { Pods } from '../explain/places.js';
import type { Host } from '../host/host.js';
import { type CompiledInputs, compileRead } from './compiled-inputs.js';
import type { InputFlags } from './input-flags.js';
import { podAddresses } from './pod-addresses.js';
import { readAutoInputs } from './read-inputs.js';
import { type RuleFlags, rulesByFamily } from './rule-sources.js';
import type { Terminal } from './terminal.js';
import { refuseUnusable } from './views/compile.js';
import { followingWriter } from './written-profile.js';

export interface TracedObjects {
  readonly inputs: CompiledInputs;
  /** Absent: no Pod is asked about by its name. */
  readonly pods: Pods | undefined;
}

/** Reads what `-f` names. Throws as {@link compileRead} does, and where nothing can be compiled. */
export async function tracedObjects(
  flags: Omit<InputFlags, 'family'> & RuleFlags,
  terminal: Terminal,
  { asksPods, host }: { readonly asksPods: boolean; readonly host: Host },
): Promise<TracedObjects> {
  const rulesOf = async () => [...(await rulesByFamily(flags, host)).values()];
  const read = await followingWriter(
    await readAutoInputs(flags, terminal),
    flags.rules === undefined ? undefined : rulesOf,
  );
  const inputs = compileRead(read, { ...flags, family: 'dual' });
  refuseUnusable(inputs);
  return { inputs, pods: asksPods ? podAddresses(read.sources) : undefined };
}
