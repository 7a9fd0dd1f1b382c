/** What a backend is: one mode of kube-proxy. Types only; the two values are in `index.ts`. */

import type { HostFacts, ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import type { Host } from '../host/host.js';
import type { ModeBehaviour } from '../model/behaviour.js';
import type { BackendSettings } from '../model/settings.js';
import type { Model, Protocol } from '../model/types.js';
import type { Family } from '../net/ip.js';
import type { FamilyPlan } from '../plan/types.js';
import type {
  BackendName,
  Fragment,
  NamedDocument,
  RuleDocument,
  Ruleset,
} from '../ruleset/types.js';
import type { Steps } from '../steps.js';
import type { KernelChecker } from './check/checker.js';
import type { KernelDriver } from './kernel.js';
import type { KernelRules } from './kernel-rules.js';
import type { Layout } from './layout.js';
import type { LongText } from './long-text.js';
import type { Monitor } from './monitor.js';
import type { InputTarget } from './tools.js';
import type { LoadInput } from './transaction.js';

/** A Ruleset with what it was made from, so that the next one can start from it. */
export interface Compilation {
  readonly model: Model;
  readonly layout: Layout;
  readonly ruleset: Ruleset;
}

/** How a Ruleset is printed. */
export interface PrintOptions {
  /** Whether the jumps from the built-in chains are printed; they are unless this is false. */
  readonly jumps?: boolean;
}

/** How the text of a dump is read. */
export interface ParseOptions {
  /** Reads this family only, where the text says what is of which family. */
  readonly family?: Family | undefined;
  /** What errors call the text: a file name or a command. */
  readonly name?: string | undefined;
  /** The table of `iptables -S` lines, which name none. */
  readonly table?: string | undefined;
  /**
   * Reads rules and elements when they are asked for, where the mode has use for that: for
   * questions about a few. The text is kept as long as what was read.
   */
  readonly late?: boolean | undefined;
}

/** One mode: how its rules are rendered, compared with a kernel, and changed there. */
export interface Backend {
  readonly name: BackendName;
  /** The part of the configuration that this mode reads. */
  readonly settings: (config: ProxyConfig) => BackendSettings;
  /** What this mode does that the other does not, and the other way round. */
  readonly behaviour: ModeBehaviour;
  /**
   * Whether a rule with such a comment, in such a chain, is one of those for Services, whether
   * kube-proxy or vipc wrote it.
   */
  readonly isForServices: (table: string, chain: string, comment: string) => boolean;
  /** Those that ship with vipc; the first one, the default, is compatible with kube-proxy. */
  readonly layouts: readonly [Layout, ...Layout[]];
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
  /** How the bytes of a dump are decoded. */
  readonly encoding: 'latin1' | 'utf8';
  /** The families that the text of a dump shows. */
  readonly familiesOf: (text: LongText) => readonly Family[];
  /** Reads what the kernel's tool printed, or a document of ours. */
  readonly read: (text: LongText, options?: ParseOptions) => KernelRules;
  /**
   * What differs from the Ruleset that was loaded before; `undefined` where the kernel must be read
   * first.
   */
  readonly planUpdate: (before: Ruleset, after: Ruleset) => FamilyPlan | undefined;
  /**
   * The plan with chains of ours rewritten where `plan` edits them, so that it relies on no rule
   * that is there.
   */
  readonly withoutEdits: (plan: FamilyPlan, ruleset: Ruleset) => FamilyPlan;
  /**
   * The Ruleset `after` with those of the shared fragments `held` that Service ports which `before`
   * does not have lead to, as far as it does not make the same chains itself.
   */
  readonly withSharedChains: (
    before: Ruleset,
    after: Ruleset,
    held: () => readonly Fragment[],
  ) => Ruleset;
  /** What carries out a plan. */
  readonly input: (plan: FamilyPlan, target: InputTarget) => LoadInput;
  /** The same step by step: an input may have a million lines. */
  readonly inputInSteps: (plan: FamilyPlan, target: InputTarget) => Steps<LoadInput>;
  /** How this mode reads and writes the kernel of a machine. */
  readonly kernel: KernelDriver;
  /** How events of `nft monitor` are read. */
  readonly monitor: Monitor;
  /** The metrics of kube-proxy that only this mode has. */
  readonly metrics: ModeMetrics;
  /** A new checker, which remembers what it found in order. */
  readonly checker: () => KernelChecker;
}

/** A metric by its name and the words that explain it. */
export interface MetricText {
  readonly name: string;
  readonly help: string;
}

/** The metrics of kube-proxy that only one mode has, with kube-proxy's names. */
export interface ModeMetrics {
  /** Counts failed syncs. */
  readonly failures: MetricText;
  /** Counts failed syncs that were planned from memory. */
  readonly partialFailures?: MetricText | undefined;
  /** Gauges the rules of each table. */
  readonly rules?:
    | {
        /** Written by the last sync. */
        readonly last: MetricText;
        /** Owned in total. */
        readonly total: MetricText;
        /** The tables that have a series. */
        readonly tables: readonly string[];
        /** How many rules a fragment or an input adds to each table. */
        readonly count: (text: string) => ReadonlyMap<string, number>;
      }
    | undefined;
  /** Counts packets with objects of nfacct. */
  readonly packets: readonly (MetricText & { readonly object: string })[];
  /** Counts packets to node ports that are refused on loopback addresses (KEP-6032). */
  readonly refusedOnLoopback?:
    | (MetricText & {
        /** As far as the kernel of a machine counts them. */
        readonly read: (host: Host, family: Family) => Promise<ReadonlyMap<Protocol, number>>;
      })
    | undefined;
}
