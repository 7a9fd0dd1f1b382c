/** What a backend is: one way to spell a model for the kernel. The rest of vipc speaks to backends through this alone. */

import type { HostFacts, ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import type { BackendSettings } from '../model/settings.js';
import type { Model, NamespacedName } from '../model/types.js';
import type { Family } from '../net/ip.js';
import type { Frontend } from '../plan/frontends.js';
import type { FamilySummary } from '../plan/summary-types.js';
import type { ChainChange, FamilyPlan } from '../plan/types.js';
import { builtinLayout, type Layout } from '../render/layout.js';
import type { BackendName, NamedDocument, RuleDocument, Ruleset } from '../ruleset/types.js';
import { compile } from './iptables/compile.js';
import { planFromRuleset } from './iptables/diff.js';
import * as iptablesDocuments from './iptables/documents.js';
import { restoreInput } from './iptables/load.js';
import { type ParseOptions, parseDump } from './iptables/parse.js';
import { planFault } from './iptables/plan-check.js';
import { print } from './iptables/print.js';
import { readingOf } from './iptables/reading.js';
import { withoutEdits } from './iptables/return.js';
import { settings } from './iptables/settings.js';
import { compile as compileNftables } from './nftables/compile.js';
import { planFromRuleset as planNftablesUpdate } from './nftables/diff.js';
import * as nftablesDocuments from './nftables/documents.js';
import { nftInput } from './nftables/load.js';
import { parseDump as parseNftables } from './nftables/parse.js';
import { planFault as nftablesPlanFault } from './nftables/plan-check.js';
import { print as printNftables } from './nftables/print.js';
import { readingOf as readNftables } from './nftables/reading.js';
import { settings as nftablesSettings } from './nftables/settings.js';
import { unsupported } from './nftables/versions.js';

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

/** One mode: how its rules are spelled, compared with a kernel, and changed there. */
export interface Backend {
  readonly name: BackendName;
  /** The part of the configuration that this mode reads. */
  readonly settings: (config: ProxyConfig) => BackendSettings;
  /** The layout that is compatible with kube-proxy. */
  readonly layout: () => Layout;
  readonly compile: (model: Model, layout: Layout, previous?: Compilation) => Ruleset;
  /** One document that the backend's tool loads. */
  readonly print: (ruleset: Ruleset, options?: PrintOptions) => string;
  /** The documents of one or more families as one text, to be printed. */
  readonly joinDocuments: (documents: readonly RuleDocument[]) => string;
  /** The same as files. */
  readonly documentFiles: (documents: readonly RuleDocument[]) => readonly NamedDocument[];
  /** How many rules a document holds. */
  readonly countRules: (text: string) => number;
  /** What the tools and the kernel of a machine cannot take of this mode. */
  readonly unsupported: (host: HostFacts) => readonly Diagnostic[];
  /** How the bytes of a dump are read. */
  readonly encoding: 'latin1' | 'utf8';
  /** The families that the text of a dump tells. */
  readonly familiesOf: (text: string) => readonly Family[];
  /** What the kernel's tool printed, or a document of ours. */
  readonly read: (text: string, options?: ParseOptions) => Reading;
  /** What differs from the Ruleset that was loaded before; `undefined` where the kernel must be looked at. */
  readonly planUpdate: (before: Ruleset, after: Ruleset) => FamilyPlan | undefined;
  /** What is wrong with a plan that comes from a file, in words; `''` for a plan that is fine. */
  readonly planFault: (plan: FamilyPlan) => string;
  /** A plan that writes chains of ours anew where `plan` edits them, and relies on no rule that is there. */
  readonly withoutEdits: (plan: FamilyPlan, ruleset: Ruleset) => FamilyPlan;
  /** Input for the kernel's tool that carries out a plan; `''` where there is nothing to do. */
  readonly input: (plan: FamilyPlan, options: LoadOptions) => string;
}

/** What of a machine decides how a plan is spelled. */
export interface LoadOptions {
  readonly variant: 'nf_tables' | 'legacy';
  /** Whether the kernel lets go of what led to a chain only when a transaction ends; not if absent. */
  readonly twoSteps?: boolean;
}

/** What a kernel holds, read once. Whoever asks need not know how rules are spelled. */
export interface Reading {
  /** Which of the kernel's rule stores it is from. */
  readonly variant: LoadOptions['variant'];
  /** Fingerprint of what is ours, as in {@link FamilyPlan.base}. */
  readonly fingerprint: () => string;
  /**
   * Whether somebody has loaded rules for Services, and be it none. What kubelet makes, and what a cleanup leaves for it,
   * are no such rules.
   */
  readonly isProgrammed: () => boolean;
  /** The Ruleset in which some Services have what is there, also where it does not know them. */
  readonly keepServices: (ruleset: Ruleset, services: ReadonlySet<NamespacedName>) => Ruleset;
  /** The Ruleset in which some Service ports have what is there for them, or nothing where there is nothing. */
  readonly keepAsItWas: (ruleset: Ruleset, origins: ReadonlySet<string>) => Ruleset;
  /** What differs from a Ruleset. */
  readonly plan: (ruleset: Ruleset) => FamilyPlan;
  /** What a plan made from this means to a person. */
  readonly summary: (plan: FamilyPlan, ruleset: Ruleset) => FamilySummary;
  /** The UDP and SCTP addresses that Services answer on. */
  readonly frontends: (family: Family) => readonly Frontend[];
  /** All rules of one table as one text: another text, and somebody has changed it. */
  readonly contents: (table: string) => string;
  /** Whether a change is in effect. */
  readonly holds: (change: ChainChange) => boolean;
  /** Input that brings a kernel back to this, as far as it is ours, from what the tool prints now; `''` for nothing. */
  readonly returnInput: (now: string, family: Family, options: LoadOptions) => string;
}

/** The layout of a backend that is compatible with kube-proxy; read from disk once. */
function kubeProxyLayout(backend: BackendName): () => Layout {
  let layout: Layout | undefined;
  return () => (layout ??= builtinLayout(`${backend}/kube-proxy`));
}

const iptables: Backend = {
  name: 'iptables',
  read: (text, options) => readingOf(parseDump(text, options)),
  planFault,
  planUpdate: planFromRuleset,
  withoutEdits,
  input: restoreInput,
  settings,
  layout: kubeProxyLayout('iptables'),
  compile,
  print,
  unsupported: () => [],
  ...iptablesDocuments,
};

const nftables: Backend = {
  name: 'nftables',
  read: (text, options) => readNftables(parseNftables(text, options)),
  planFault: nftablesPlanFault,
  planUpdate: planNftablesUpdate,
  // Nothing in a transaction of nft relies on the text of a rule.
  withoutEdits: (plan) => plan,
  input: nftInput,
  settings: nftablesSettings,
  layout: kubeProxyLayout('nftables'),
  compile: compileNftables,
  print: printNftables,
  unsupported: ({ nft, kernel }) => unsupported(nft, kernel),
  ...nftablesDocuments,
};

/** The two modes. */
export const BACKENDS: Readonly<Record<BackendName, Backend>> = { iptables, nftables };
