/** The objects that `vipc trace` is given: what they compile to, and the Pods by name. */

import type { NamedRules } from '../backends/named-rules.js';
import type { Pods } from '../explain/places.js';
import type { BackendName } from '../ruleset/types.js';
import { type CompiledInputs, compileRead } from './compiled-inputs.js';
import type { InputFlags } from './input-flags.js';
import { podAddresses } from './pod-addresses.js';
import { readAutoInputs } from './read-inputs.js';
import type { Terminal } from './terminal.js';
import { refuseUnusable } from './usable-inputs.js';
import { followingWriter } from './written-profile.js';

export interface TracedObjects {
  readonly inputs: CompiledInputs;
  /** Absent: no Pod is asked about by its name. */
  readonly pods: Pods | undefined;
}

/** What else is known of the question. */
export interface TraceQuestion {
  readonly needsPods: boolean;
  /** Of the dump that `--rules` names: objects are compiled for it. */
  readonly mode: BackendName | undefined;
  /** Reads those of all families; absent: none are looked at. */
  readonly rulesOf: (() => Promise<readonly NamedRules[]>) | undefined;
}

/** Reads what `-f` names. Throws as {@link compileRead} does, and where nothing can be compiled. */
export async function tracedObjects(
  flags: Omit<InputFlags, 'family'>,
  terminal: Terminal,
  { needsPods, rulesOf, ...question }: TraceQuestion,
): Promise<TracedObjects> {
  const mode = flags.mode ?? question.mode;
  const given = await readAutoInputs({ ...flags, ...(mode && { mode }) }, terminal);
  const read = await followingWriter(given, rulesOf);
  const inputs = compileRead(read, { ...flags, family: 'dual' });
  refuseUnusable(inputs);
  return { inputs, pods: needsPods ? podAddresses(read.sources) : undefined };
}
