/** The objects that `vipc trace` is given: what they compile to, and the Pods by name. */

import type { Pods } from '../explain/places.js';
import type { Host } from '../host/host.js';
import { type CompiledInputs, compileRead } from './compiled-inputs.js';
import type { InputFlags } from './input-flags.js';
import { podAddresses } from './pod-addresses.js';
import { readAutoInputs } from './read-inputs.js';
import { type DumpFile, type RuleFlags, rulesByFamily, rulesOfDump } from './rule-sources.js';
import type { Terminal } from './terminal.js';
import { refuseUnusable } from './views/compile.js';
import { followingWriter } from './written-profile.js';

export interface TracedObjects {
  readonly inputs: CompiledInputs;
  /** Absent: no Pod is asked about by its name. */
  readonly pods: Pods | undefined;
}

/** What else is known of the question. */
export interface TraceQuestion {
  readonly asksPods: boolean;
  /** The dump that `--rules` names: objects are compiled for the mode of its rules. */
  readonly dump: DumpFile | undefined;
  readonly host: Host;
}

/** Reads what `-f` names. Throws as {@link compileRead} does, and where nothing can be compiled. */
export async function tracedObjects(
  flags: Omit<InputFlags, 'family'> & RuleFlags,
  terminal: Terminal,
  { asksPods, dump, host }: TraceQuestion,
): Promise<TracedObjects> {
  const mode = flags.mode ?? dump?.mode;
  const rulesOf = async () => {
    const rules = dump === undefined ? await rulesByFamily(flags, host) : rulesOfDump(dump);
    return [...rules.values()];
  };
  const read = await followingWriter(
    await readAutoInputs({ ...flags, ...(mode && { mode }) }, terminal),
    flags.rules === undefined ? undefined : rulesOf,
  );
  const inputs = compileRead(read, { ...flags, family: 'dual' });
  refuseUnusable(inputs);
  return { inputs, pods: asksPods ? podAddresses(read.sources) : undefined };
}
