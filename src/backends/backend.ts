/** What a backend is: one mode of kube-proxy. Types only; the two values are in `index.ts`. */

import type { HostFacts, ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import type { Frontend } from '../flows/frontends.js';
import type { ModeBehaviour } from '../model/behaviour.js';
import type { BackendSettings } from '../model/settings.js';
import type { Model, Protocol, ServiceNames } from '../model/types.js';
import type { Family, Ip } from '../net/ip.js';
import type { Program } from '../netfilter/program.js';
import type { FamilySummary } from '../plan/summary-types.js';
import type { ChainChange, FamilyPlan } from '../plan/types.js';
import type {
  BackendName,
  Fragment,
  NamedDocument,
  RuleDocument,
  Ruleset,
} from '../ruleset/types.js';
import type { KernelChecker } from './check/checker.js';
import type { KernelDriver, Tools, Variant } from './kernel.js';
import type { Layout } from './layout.js';
import type { NodeSettings } from './node-settings.js';
import type { LoadInput } from './transaction.js';

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

export interface ParseOptions {
  /** Reads this family only, where the text says what is of which family. */
  readonly family?: Family | undefined;
  /** What errors call the text: a file name or a command. */
  readonly name?: string | undefined;
  /** The table of `iptables -S` lines, which name none. */
  readonly table?: string | undefined;
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
  readonly familiesOf: (text: string) => readonly Family[];
  /** Reads what the kernel's tool printed, or a document of ours. */
  readonly read: (text: string, options?: ParseOptions) => KernelRules;
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
  readonly input: (plan: FamilyPlan, options: InputOptions) => LoadInput;
  /** How this mode reads and writes the kernel of a machine. */
  readonly kernel: KernelDriver;
  /** How events of `nft monitor` are read. */
  readonly monitor: Monitor;
  /** The metrics of kube-proxy that only this mode has. */
  readonly metrics: ModeMetrics;
  /** A new checker, which remembers what it found in order. */
  readonly checker: () => KernelChecker;
}

/** What `nft monitor` reports about the tables of this mode. */
export interface Monitor {
  /**
   * The largest ruleset for which a monitor starts within about a second: it reads all rules first,
   * and its start-up time grows with their square.
   */
  readonly maxBytes: number;
  /** The family of the table that an event changes; `undefined` where it is none of ours. */
  readonly familyOf: (event: string) => Family | undefined;
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
}

/** The properties of a machine that decide how a plan is printed. */
export type InputOptions = Pick<Tools, 'variant' | 'twoSteps'>;

/** What a kernel holds, read once, whatever the mode. */
export interface KernelRules {
  /** Which of the kernel's rule stores it is from. */
  readonly variant: Variant;
  /** Fingerprint of what a plan relies on, for {@link FamilyPlan.base}. */
  readonly fingerprint: (plan: FamilyPlan) => string;
  /**
   * Whether rules for Services were loaded, even if for none. What kubelet makes, and what
   * a cleanup leaves for it, are no such rules.
   */
  readonly isProgrammed: () => boolean;
  /**
   * The Ruleset in which some Services keep the rules that are there, also where the Ruleset does
   * not have them.
   */
  readonly keepServices: (ruleset: Ruleset, services: ServiceNames) => Ruleset;
  /**
   * The Ruleset in which some Service ports keep the rules that are there, or have none where there
   * are none.
   */
  readonly keepAsItWas: (ruleset: Ruleset, origins: ReadonlySet<string>) => Ruleset;
  /** What differs from a Ruleset. */
  readonly plan: (ruleset: Ruleset) => FamilyPlan;
  /**
   * What is wrong with a plan that comes from a file, if it is to be carried out on this kernel;
   * `''` for nothing. With `ruleset`, the plan may also change chains that the Ruleset declares.
   */
  readonly planFault: (plan: FamilyPlan, ruleset?: Ruleset) => string;
  /** What a plan made from this means to a person. */
  readonly summary: (plan: FamilyPlan, ruleset: Ruleset) => FamilySummary;
  /** The UDP and SCTP addresses that Services answer on. */
  readonly frontends: (family: Family) => readonly Frontend[];
  /** The same over every protocol. */
  readonly allFrontends: (family: Family) => readonly Frontend<Protocol>[];
  /** The addresses of a family that the rules call ClusterIPs: no machine has them. */
  readonly clusterIps: (family: Family) => readonly Ip[];
  /** Addresses of a family that accept node ports, where the rules list them. */
  readonly nodePortIps: (family: Family) => readonly Ip[];
  /** All rules of one table as one text: another text means that it has changed. */
  readonly contents: (table: string) => string;
  /** The settings that the rules were made with, as far as they show. */
  readonly settings: () => NodeSettings;
  /** What a reader must know before the rules are compared; `name`: what they are called. */
  readonly remarks: (name: string) => readonly Diagnostic[];
  /** What the rules mean, as one program. Reads every rule: for questions, not for syncs. */
  readonly program: () => Program;
  /** Whether a change is in effect. */
  readonly holds: (change: ChainChange) => boolean;
  /** Brings what is ours back to what the tool printed before. */
  readonly rollbackInput: (before: string, family: Family, options: InputOptions) => LoadInput;
}
