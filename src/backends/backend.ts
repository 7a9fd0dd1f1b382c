/** What a backend is: one way to spell a model for the kernel. The rest of vipc speaks to backends through this alone. */

import type { ProxyConfig } from '../config/types.js';
import type { BackendSettings } from '../model/settings.js';
import type { Model } from '../model/types.js';
import { builtinLayout, type Layout } from '../render/layout.js';
import type { BackendName, Ruleset } from '../ruleset/types.js';
import { compile } from './iptables/compile.js';
import { print } from './iptables/print.js';
import { settings } from './iptables/settings.js';

/** A Ruleset with what it was made from, so that the next one can start from it. */
export interface Compilation {
  readonly model: Model;
  readonly layout: Layout;
  readonly ruleset: Ruleset;
}

export interface PrintOptions {
  /** Whether the jumps from the built-in chains are printed; they are unless this is false. */
  readonly jumps?: boolean;
}

export interface Backend {
  readonly name: BackendName;
  /** The part of the configuration that this mode reads. */
  readonly settings: (config: ProxyConfig) => BackendSettings;
  /** The layout that is compatible with kube-proxy. */
  readonly layout: () => Layout;
  readonly compile: (model: Model, layout: Layout, previous?: Compilation) => Ruleset;
  /** One document that the backend's tool loads. */
  readonly print: (ruleset: Ruleset, options?: PrintOptions) => string;
}

let kubeProxyLayout: Layout | undefined;

const iptables: Backend = {
  name: 'iptables',
  settings,
  layout: () => (kubeProxyLayout ??= builtinLayout('iptables/kube-proxy')),
  compile,
  print,
};

/** Every backend by its name; `nftables` follows. */
export const BACKENDS: Readonly<Partial<Record<BackendName, Backend>>> = { iptables };
