/** From the flags that say what should be there to compiled rules. */

import type { HostFacts, ProxyConfig } from '../config/types.js';
import { type Diagnostic, servicesInError } from '../diagnostics.js';
import { buildModel } from '../model/build.js';
import { onlyServices } from '../model/selection.js';
import type { Model, ServiceNames } from '../model/types.js';
import { nearestName } from '../nearest-name.js';
import type { Family } from '../net/ip.js';
import { type Compiled, type CompileOptions, compileModel, modelSettings } from '../pipeline.js';
import type { BackendName } from '../ruleset/types.js';
import { type LoadedSnapshot, loadSnapshot } from '../snapshot/load.js';
import type { InputOptions } from '../snapshot/loading.js';
import { locate } from '../snapshot/locate.js';
import { manifestNotes } from '../snapshot/notes.js';
import type { NamespacedName, Snapshot } from '../snapshot/types.js';
import type { InputFlags } from './input-flags.js';
import { isSelected, keptServices, type SelectionFlags } from './kept-services.js';
import { chooseNode } from './node-choice.js';
import { type Inputs, readInputs } from './read-inputs.js';
import type { Terminal } from './terminal.js';

/** What objects mean in one family. */
export interface Interpretation {
  readonly model: Model;
  readonly diagnostics: readonly Diagnostic[];
}

/** The inputs that the flags name, compiled to rules. */
export type CompiledInputs = Interpreted<Compiled>;

/** The inputs that the flags name, interpreted. */
export interface Interpreted<T> {
  /** One per family, in the order of {@link FAMILIES}. */
  readonly compiled: readonly T[];
  /** Before a namespace was selected. */
  readonly snapshot: Snapshot;
  readonly config: ProxyConfig;
  readonly host: HostFacts | undefined;
  readonly mode: BackendName;
  readonly diagnostics: readonly Diagnostic[];
  /** Services that the input says less of than it meant to, because an object was left out. */
  readonly incomplete: ReadonlySet<NamespacedName>;
  /** Services that keep the rules that the kernel has for them. */
  readonly kept: ServiceNames;
  /** Adds the places in the input; done late, because it reads the input once more. */
  readonly locate: (diagnostics: readonly Diagnostic[]) => readonly Diagnostic[];
}

/** The families that `--family` stands for. */
export const FAMILIES: Readonly<Record<InputFlags['family'], readonly Family[]>> = {
  ipv4: ['IPv4'],
  ipv6: ['IPv6'],
  dual: ['IPv4', 'IPv6'],
};

/** The `--family` that stands for one or two families. */
export function familyFlag([first, second]: readonly Family[]): InputFlags['family'] {
  if (second !== undefined) return 'dual';
  return first === 'IPv6' ? 'ipv6' : 'ipv4';
}

/** Facts of the machine that the rules are for, where they do not come from a file. */
export interface InputDefaults {
  /** Stands in for `--host`. */
  readonly host?: HostFacts | undefined;
}

/**
 * Reads what the flags name and compiles it. Throws InputError, ConfigError, UnsupportedError or
 * UsageError.
 */
export async function compileInputs(
  flags: InputFlags,
  terminal: Terminal,
): Promise<CompiledInputs> {
  return compileRead(await readInputs(flags, terminal), flags);
}

/** The objects that were read, completed and chosen, and what they are to be compiled with. */
export interface LoadedInputs {
  readonly loaded: LoadedSnapshot;
  /** The Services that the flags select. */
  readonly selected: Snapshot;
  readonly options: CompileOptions;
  readonly host: HostFacts | undefined;
  /** What there is to say before anything is compiled. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Loads the objects and chooses the node. Throws UsageError. */
export function loadInputs(
  inputs: Inputs,
  flags: Omit<InputFlags, 'family'>,
  defaults: InputDefaults & Pick<InputOptions, 'wantsAnnotation' | 'workloads'> = {},
): LoadedInputs {
  const loaded = loadSnapshot(inputs.sources, {
    serviceCidrs: flags.serviceCidr,
    wantsAnnotation: defaults.wantsAnnotation,
    workloads: defaults.workloads ?? false,
  });
  const { config, layout, mode } = inputs;
  const host = inputs.host ?? defaults.host;
  const node = chooseNode(loaded.snapshot, { flag: flags.nodeName, config, host });
  const selected = selectServices(loaded.snapshot, flags);
  return {
    loaded,
    selected: selected.snapshot,
    host,
    options: {
      ...{ config, nodeName: node.nodeName, mode, host, zone: flags.zone, layout },
    },
    diagnostics: [
      ...inputs.diagnostics,
      ...node.diagnostics,
      ...selected.diagnostics,
      ...loaded.diagnostics,
    ],
  };
}

/** Compiles what was read. Throws UnsupportedError or UsageError. */
export function compileRead(
  inputs: Inputs,
  flags: InputFlags,
  defaults: InputDefaults = {},
): CompiledInputs {
  return compileLoaded(inputs, loadInputs(inputs, flags, defaults), flags);
}

/**
 * The same from objects that were loaded before, maybe for a configuration that follows another
 * kube-proxy.
 */
export function compileLoaded(
  inputs: Inputs,
  loaded: LoadedInputs,
  flags: InputFlags,
): CompiledInputs {
  return interpretLoaded(inputs, loaded, flags, compileModel);
}

/** Only the models of what was read. Throws UnsupportedError or UsageError. */
export function modelsOfRead(
  inputs: Inputs,
  flags: InputFlags,
  defaults: InputDefaults = {},
): Interpreted<Interpretation> {
  return interpretLoaded(inputs, loadInputs(inputs, flags, defaults), flags, (model) => ({
    model,
    diagnostics: model.diagnostics,
  }));
}

function interpretLoaded<T extends Interpretation>(
  inputs: Inputs,
  { loaded, selected, host, ...before }: LoadedInputs,
  flags: InputFlags,
  interpret: (model: Model, options: CompileOptions) => T,
): Interpreted<T> {
  const options = { ...before.options, config: inputs.config };
  const settings = modelSettings(options);
  const compiled = FAMILIES[flags.family].map((family) => {
    const model = buildModel(loaded.snapshot, settings, family);
    return interpret(onlyServices(model, selected.services), options);
  });
  const diagnostics = unique([
    ...before.diagnostics,
    ...(inputs.sources.every(({ stored }) => stored)
      ? []
      : manifestNotes(loaded.snapshot, loaded.unclaimed, {
          selected: selected.services,
          serviceCidrs: flags.serviceCidr,
        })),
    ...compiled.flatMap((result) => result.diagnostics),
  ]);
  const incomplete = new Set([...loaded.incomplete, ...servicesInError(diagnostics)]);
  return {
    compiled,
    snapshot: loaded.snapshot,
    config: inputs.config,
    host,
    mode: inputs.mode,
    diagnostics,
    incomplete,
    kept: keptServices(
      { ...flags, filename: inputs.filename },
      loaded.snapshot.services,
      incomplete,
    ),
    locate: (some) => locate(some, loaded, inputs.sources),
  };
}

/**
 * The selected Services. Chosen after loading, so that neither addresses that were filled in nor
 * those that another Service wins depend on the choice.
 */
function selectServices(
  snapshot: Snapshot,
  flags: SelectionFlags,
): { readonly snapshot: Snapshot; readonly diagnostics: readonly Diagnostic[] } {
  const selected = [...snapshot.services].filter(([name]) => isSelected(name, flags));
  return {
    snapshot: { ...snapshot, services: new Map(selected) },
    diagnostics: selectionDiagnostics(snapshot, flags),
  };
}

/** Warns of Services that are named and not there. */
export function selectionDiagnostics(
  snapshot: Snapshot,
  { namespace, services = [] }: SelectionFlags,
): readonly Diagnostic[] {
  const names = [...snapshot.services.keys()];
  const diagnostics = services
    .filter((name) => !snapshot.services.has(name))
    .map((name): Diagnostic => {
      const elsewhere = names.find((other) => other.split('/')[1] === name.split('/')[1]);
      const near = elsewhere ?? nearestName(name, names);
      const hint = near === undefined ? {} : { hint: `did you mean ${near}?` };
      return { ...emptySelection(`no Service ${name} in the input`), ...hint };
    });
  if (
    namespace !== undefined &&
    services.length === 0 &&
    !names.some((name) => isSelected(name, { namespace }))
  )
    diagnostics.push(emptySelection(`no Service in namespace ${namespace}`));
  return diagnostics;
}

function emptySelection(message: string): Diagnostic {
  return { code: 'selection-empty', severity: 'warning', message };
}

/** Both families say the same about a Service; a reader needs it once. */
export function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter((diagnostic) => {
    const key = JSON.stringify(diagnostic);
    return !seen.has(key) && seen.add(key);
  });
}
