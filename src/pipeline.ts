/**
 * vipc on one page: a snapshot becomes a model, a model becomes a Ruleset, a Ruleset becomes text.
 * Every step is a pure function; doing it again with what came out before costs only what changed.
 */

import { COMPILERS, type Compilation, type PrintOptions } from './backends/backend.js';
import { defaultConfig } from './config/defaults.js';
import type { HostFacts, ProxyConfig } from './config/types.js';
import type { Diagnostic } from './diagnostics.js';
import { buildModel } from './model/build.js';
import type { Family } from './net/ip.js';
import type { Layout } from './render/layout.js';
import type { BackendName, Ruleset } from './ruleset/types.js';
import type { Snapshot } from './snapshot/types.js';

export interface CompileOptions {
  /** Default: kube-proxy's defaults. */
  readonly config?: ProxyConfig;
  /** Facts of the machine that the rules are for; without them its Node object stands in. */
  readonly host?: HostFacts;
  /** Name of the node that the rules are for; default: hostnameOverride, else the host's name, else none. */
  readonly nodeName?: string;
  /** Default: the configuration's mode, else iptables. */
  readonly mode?: BackendName;
  /** Default: kube-proxy's layout. */
  readonly layout?: Layout;
}

export interface Compiled extends Compilation {
  readonly diagnostics: readonly Diagnostic[];
}

/** Compiles a snapshot for one node in one family. With `previous`, only what changed since is compiled. */
export function compileSnapshot(
  snapshot: Snapshot,
  family: Family,
  options: CompileOptions = {},
  previous?: Compilation,
): Compiled {
  const config = options.config ?? defaultConfig;
  const backend = COMPILERS[options.mode ?? (config.mode || 'iptables')];
  const nodeName = options.nodeName ?? (config.hostnameOverride || options.host?.nodeName || '');
  const model = buildModel(
    snapshot,
    { config, backend: backend.settings(config), nodeName, host: options.host },
    family,
    previous?.model,
  );
  const layout = options.layout ?? backend.layout();
  const ruleset = backend.compile(model, layout, previous);
  const unfit = options.host === undefined ? [] : backend.unsupported(options.host);
  return { model, layout, ruleset, diagnostics: [...unfit, ...model.diagnostics] };
}

/** One document that the tool of the Ruleset's mode loads: `iptables-restore --noflush`, or `nft -f`. */
export function print(ruleset: Ruleset, options?: PrintOptions): string {
  return COMPILERS[ruleset.backend].print(ruleset, options);
}
