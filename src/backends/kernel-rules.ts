/** The rules of a kernel, read once, in either mode. Types only. */

import type { Diagnostic } from '../diagnostics.js';
import type { Frontend } from '../flows/frontends.js';
import type { Protocol, ServiceNames } from '../model/types.js';
import type { Family, Ip } from '../net/ip.js';
import type { Program } from '../netfilter/program.js';
import type { FamilySummary } from '../plan/summary-types.js';
import type { ChainChange, FamilyPlan } from '../plan/types.js';
import type { Profile } from '../profiles/types.js';
import type { Ruleset } from '../ruleset/types.js';
import type { Steps } from '../steps.js';
import type { NodeSettings } from './node-settings.js';
import type { InputTarget, Variant } from './tools.js';
import type { LoadInput } from './transaction.js';
import type { Writers } from './writers.js';

/** Rules of one kernel: what they mean, and what differs from a Ruleset. */
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
  /**
   * The same without the chains that are of these Services alone and that a Ruleset does not have.
   * A plan to the Ruleset that leaves these Services alone, as with {@link keepServices}, is the
   * same in a fraction of the time, unless it deletes chains: what leads to these is not known.
   * Absent where nothing would be saved.
   */
  readonly withoutChainsOf?: (services: Pick<ServiceNames, 'has'>, ruleset: Ruleset) => KernelRules;
  /** What differs from a Ruleset. */
  readonly plan: (ruleset: Ruleset) => FamilyPlan;
  /** The same, step by step. */
  readonly planInSteps: (ruleset: Ruleset) => Steps<FamilyPlan>;
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
  /** Which versions of kube-proxy can have written them. */
  readonly writers: () => Writers;
  /**
   * What a kube-proxy that can have written them would do wrong with rules of this version, if it
   * took these back; `''` for nothing.
   */
  readonly handBackHazard: (to: Profile) => string;
  /** What a reader must know before the rules are compared; `name`: what they are called. */
  readonly remarks: (name: string) => readonly Diagnostic[];
  /** What the rules mean, as one program. Reads every rule: for questions, not for syncs. */
  readonly program: () => Program;
  /** Whether a change is in effect. */
  readonly holds: (change: ChainChange) => boolean;
  /** Brings what is ours back to what the tool printed before. */
  readonly rollbackInput: (before: string, family: Family, target: InputTarget) => LoadInput;
}
