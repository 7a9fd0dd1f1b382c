/**
 * vipc on one page: a snapshot becomes a model, a model becomes a Ruleset, a Ruleset becomes text.
 * Every step is a pure function; doing it again with what came out before costs only what changed.
 */

import type { Backend, Compilation, ParseOptions, PrintOptions } from './backends/backend.js';
import { compileLayout } from './backends/compile.js';
import { BACKENDS } from './backends/index.js';
import type { KernelRules } from './backends/kernel-rules.js';
import type { Layout } from './backends/layout.js';
import { type ChosenLayout, chooseLayout } from './backends/layout.js';
import type { InputTarget } from './backends/tools.js';
import type { LoadInput } from './backends/transaction.js';
import { defaultConfig } from './config/defaults.js';
import type { HostFacts, ProxyConfig } from './config/types.js';
import { type Diagnostic, serviceFailed } from './diagnostics.js';
import { buildModel } from './model/build.js';
import type { ModelSettings } from './model/settings.js';
import type { Model } from './model/types.js';
import type { Family } from './net/ip.js';
import type { FamilyPlan } from './plan/types.js';
import { type BackendName, type Ruleset, serviceOf } from './ruleset/types.js';
import type { Snapshot } from './snapshot/types.js';

/** What a compilation depends on besides the snapshot. */
export interface CompileOptions {
  /** Default: kube-proxy's defaults. */
  readonly config?: ProxyConfig;
  /** Facts of the machine that the rules are for; without them its Node object stands in. */
  readonly host?: HostFacts | undefined;
  /**
   * Name of the node that the rules are for; default: hostnameOverride, else the host's name, else
   * none.
   */
  readonly nodeName?: string;
  /** Zone of the machine whose Node has no zone label. */
  readonly zone?: string | undefined;
  /** Default: the layout's mode, else the configuration's, else iptables. */
  readonly mode?: BackendName | undefined;
  /** One of `mode`. Default: the one that the configuration names, kube-proxy's if it does not. */
  readonly layout?: Layout | undefined;
  /**
   * Whether node ports on loopback addresses are served by the program that loads the rules, as
   * `vipc agent` does: else a warning says that they are not served. Default: false.
   */
  readonly servesLoopback?: boolean | undefined;
}

/** The rules of one node in one family, with what is to be said about them. */
export interface Compiled extends Compilation {
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compiles a snapshot for one node in one family. With `previous`, only what changed since is
 * compiled.
 */
export function compileSnapshot(
  snapshot: Snapshot,
  family: Family,
  options: CompileOptions = {},
  previous?: Compilation,
): Compiled {
  const model = buildModel(snapshot, modelSettings(options), family, previous?.model);
  return compileModel(model, options, previous);
}

/** The same from a model that was built with these options. */
export function compileModel(
  model: Model,
  options: CompileOptions = {},
  previous?: Compilation,
): Compiled {
  const compiler = compilerOf(options);
  const { layout, diagnostics: unfitLayout } = layoutOf(options);
  const ruleset = compileLayout(model, layout, previous);
  const unfit = options.host === undefined ? [] : compiler.unsupported(options.host);
  return {
    model,
    layout,
    ruleset,
    diagnostics: [...unfit, ...unfitLayout, ...model.diagnostics, ...failures(ruleset)],
  };
}

/** One error for each Service port that could not be rendered. */
function failures({ ports }: Ruleset): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { origin, failure } of ports)
    if (failure !== undefined) found.push(serviceFailed(serviceOf(origin), failure));
  return found;
}

/**
 * What the model has to know besides the snapshot, the defaults filled in: for {@link buildModel}.
 */
export function modelSettings(options: CompileOptions = {}): ModelSettings {
  const config = options.config ?? defaultConfig;
  const nodeName = options.nodeName ?? (config.hostnameOverride || options.host?.nodeName || '');
  const backend = compilerOf(options).settings(config);
  const { zone, host, servesLoopback } = options;
  return { config, backend, nodeName, zone, host, servesLoopback };
}

/** The rules that carry out a model. */
export function compile(model: Model, options: CompileOptions = {}): Ruleset {
  return compileLayout(model, layoutOf(options).layout);
}

/**
 * The layout that writes the rules, and why it is not the one that the configuration names. Throws
 * UsageError where the mode has none of that name.
 */
export function layoutOf(options: CompileOptions): ChosenLayout {
  const { layout, config = defaultConfig, host } = options;
  return layout === undefined
    ? chooseLayout(compilerOf(options), config, host)
    : { layout, diagnostics: [] };
}

function compilerOf({ mode, layout, config = defaultConfig }: CompileOptions): Backend {
  return BACKENDS[mode ?? layout?.backend ?? (config.mode || 'iptables')];
}

/**
 * What a kernel holds, from `iptables-save` or `nft -j list ruleset`, or from a document of ours:
 * its plan to a Ruleset, the summary of that plan, and its program. Throws ParseError.
 */
export function readRules(mode: BackendName, text: string, options?: ParseOptions): KernelRules {
  return BACKENDS[mode].read(text, options);
}

/**
 * What carries out a plan of {@link KernelRules.plan}: one input after the other for
 * `iptables-restore --noflush`, or `nft -f`. Empty where there is nothing to do.
 */
export function planInput(plan: FamilyPlan, target: InputTarget): LoadInput {
  return BACKENDS[plan.backend].input(plan, target);
}

/**
 * One document that the tool of the Ruleset's mode loads: `iptables-restore --noflush`, or `nft
 * -f`.
 */
export function print(ruleset: Ruleset, options?: PrintOptions): string {
  return BACKENDS[ruleset.backend].print(ruleset, options);
}
