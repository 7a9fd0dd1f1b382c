/** What a backend is: one way to spell a model for the kernel. The rest of vipc speaks to backends through this alone. */

import type { HostFacts, ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import type { BackendSettings } from '../model/settings.js';
import type { Model, NamespacedName } from '../model/types.js';
import type { Family } from '../net/ip.js';
import type { Frontend } from '../plan/frontends.js';
import type { FamilySummary } from '../plan/summary-types.js';
import type { FamilyPlan } from '../plan/types.js';
import { builtinLayout, type Layout } from '../render/layout.js';
import type { BackendName, NamedDocument, RuleDocument, Ruleset } from '../ruleset/types.js';
import { compile } from './iptables/compile.js';
import { planFromDump, planFromRuleset } from './iptables/diff.js';
import * as iptablesDocuments from './iptables/documents.js';
import { fingerprint } from './iptables/fingerprint.js';
import { keepAsItWas, keepServices } from './iptables/kept.js';
import { type LoadOptions, restoreInput } from './iptables/load.js';
import { type Dump, type ParseOptions, parseDump } from './iptables/parse.js';
import { planFault } from './iptables/plan-check.js';
import { print } from './iptables/print.js';
import { readingOf } from './iptables/reading.js';
import { returnInput, withoutEdits } from './iptables/return.js';
import { settings } from './iptables/settings.js';
import { summary } from './iptables/summary.js';
import { compile as compileNftables } from './nftables/compile.js';
import { planFromRuleset as planNftablesUpdate } from './nftables/diff.js';
import * as nftablesDocuments from './nftables/documents.js';
import { parseDump as parseNftables } from './nftables/parse.js';
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

/** Turns a model into text for the kernel's tool. Every mode can. */
export interface Compiler {
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
}

/** What a kernel holds, read once. Whoever asks need not know how rules are spelled. */
export interface Reading {
  /** Which of the kernel's rule stores it is from. */
  readonly variant: LoadOptions['variant'];
  /** Fingerprint of what is ours, as in {@link FamilyPlan.base}. */
  readonly fingerprint: () => string;
  /** The Ruleset in which some Services have what is there, also where it does not know them. */
  readonly keepServices: (ruleset: Ruleset, services: ReadonlySet<NamespacedName>) => Ruleset;
  /** What differs from a Ruleset. */
  readonly plan: (ruleset: Ruleset) => FamilyPlan;
  /** What a plan made from this means to a person. */
  readonly summary: (plan: FamilyPlan, ruleset: Ruleset) => FamilySummary;
  /** The UDP and SCTP addresses that Services answer on. */
  readonly frontends: (family: Family) => readonly Frontend[];
}

/** Also knows what the kernel holds: what diff needs. */
export interface Comparer extends Compiler {
  /** How the bytes of a dump are read. */
  readonly encoding: 'latin1' | 'utf8';
  /** The families that the text of a dump tells. */
  readonly familiesOf: (text: string) => readonly Family[];
  /** What the kernel's tool printed, or a document of ours. */
  readonly read: (text: string, options?: ParseOptions) => Reading;
  /** What differs from the Ruleset that was loaded before; `undefined` where the kernel must be looked at. */
  readonly planUpdate: (before: Ruleset, after: Ruleset) => FamilyPlan | undefined;
}

/** Also knows how to change what the kernel holds: what apply and cleanup need. */
export interface Backend extends Comparer {
  /** What the kernel's tool printed, or a document of ours, chain by chain. */
  readonly parse: (text: string, options?: ParseOptions) => Dump;
  /** Fingerprint of what a dump holds of ours, as in {@link FamilyPlan.base}. */
  readonly fingerprint: (dump: Dump) => string;
  /** What is wrong with a plan that comes from a file, in words; `''` for a plan that is fine. */
  readonly planFault: (plan: FamilyPlan) => string;
  /** What differs between the kernel and a Ruleset. */
  readonly plan: (dump: Dump, ruleset: Ruleset) => FamilyPlan;
  /** The Ruleset in which some Service ports have the rules that a dump holds for them, or none where it holds none. */
  readonly keepAsItWas: (ruleset: Ruleset, origins: ReadonlySet<string>, dump: Dump) => Ruleset;
  /** The Ruleset in which whole Services have the rules that a dump holds for them, also where it does not know them. */
  readonly keepServices: (
    ruleset: Ruleset,
    services: ReadonlySet<NamespacedName>,
    dump: Dump,
  ) => Ruleset;
  /** Input that brings the kernel of the second dump back to what the first one holds of ours; `''` for nothing. */
  readonly returnInput: (before: Dump, now: Dump, family: Family, options: LoadOptions) => string;
  /** A plan that writes chains of ours anew where `plan` edits them, and relies on no rule that is there. */
  readonly withoutEdits: (plan: FamilyPlan, ruleset: Ruleset) => FamilyPlan;
  /** What a plan means to a person; `dump` and `ruleset` are what it was made from. */
  readonly summary: (plan: FamilyPlan, dump: Dump, ruleset: Ruleset) => FamilySummary;
  /** Input for the kernel's tool that carries out a plan; `''` where there is nothing to do. */
  readonly input: (plan: FamilyPlan, options: LoadOptions) => string;
}

/** The layout of a backend that is compatible with kube-proxy; read from disk once. */
function kubeProxyLayout(backend: BackendName): () => Layout {
  let layout: Layout | undefined;
  return () => (layout ??= builtinLayout(`${backend}/kube-proxy`));
}

const iptables: Backend = {
  name: 'iptables',
  parse: parseDump,
  read: (text, options) => readingOf(parseDump(text, options)),
  fingerprint,
  planFault,
  plan: planFromDump,
  planUpdate: planFromRuleset,
  keepAsItWas,
  keepServices,
  returnInput,
  withoutEdits,
  summary,
  input: restoreInput,
  settings,
  layout: kubeProxyLayout('iptables'),
  compile,
  print,
  unsupported: () => [],
  ...iptablesDocuments,
};

const nftables: Comparer = {
  name: 'nftables',
  read: (text, options) => readNftables(parseNftables(text, options)),
  planUpdate: planNftablesUpdate,
  settings: nftablesSettings,
  layout: kubeProxyLayout('nftables'),
  compile: compileNftables,
  print: printNftables,
  unsupported: ({ nft, kernel }) => unsupported(nft, kernel),
  ...nftablesDocuments,
};

/** How every mode is compiled and compared. */
export const COMPILERS: Readonly<Record<BackendName, Comparer>> = { iptables, nftables };

/** The modes whose rules can be changed in the kernel. */
export const BACKENDS: Readonly<Partial<Record<BackendName, Backend>>> = { iptables };
