/** What lint rules look at, and how a rule says where in it something is wrong. */

import type { HostFacts, ProxyConfig } from '../config/types.js';
import type { Diagnostic, ObjectRef } from '../diagnostics.js';
import type { Model } from '../model/types.js';
import type { Cidr } from '../net/cidr.js';
import type { Program } from '../netfilter/program.js';
import type { BackendName } from '../ruleset/types.js';
import type { Snapshot } from '../snapshot/types.js';
import type { LintFinding, LintRule } from './rule.js';

/** Everything that is known about a cluster and one of its nodes. */
export interface LintInput {
  readonly snapshot: Snapshot;
  /** What the snapshot means on the node, one per family. */
  readonly models: readonly Model[];
  /** The annotations of a Service that {@link ./checks/load-balancers} asks about. */
  readonly annotations: (object: ObjectRef) => Readonly<Record<string, string>>;
  /** What reading and compiling said about the input. */
  readonly diagnostics: readonly Diagnostic[];
  /** Networks of cluster IPs that were named besides the ServiceCIDRs of the snapshot. */
  readonly serviceCidrs: readonly Cidr[];
  /** kube-proxy's defaults where no file is given. */
  readonly config: ProxyConfig;
  readonly mode: BackendName;
  /** Facts of the machine that the node is. */
  readonly host: HostFacts | undefined;
  /** The rules of a dump of the machine, one for each of its families. */
  readonly programs: readonly Program[];
  /** Networks that `spec.externalIPs` may use; absent: not given. */
  readonly allowedExternalIps?: readonly Cidr[] | undefined;
  /** Names of the files that {@link config}, {@link host} and {@link programs} are from. */
  readonly files: {
    readonly config?: string | undefined;
    readonly host?: string | undefined;
    readonly rules?: string | undefined;
  };
}

/** One subject: its rules, and what finds where they are broken. */
export interface CheckGroup {
  readonly rules: readonly LintRule[];
  readonly check: (input: LintInput) => readonly LintFinding[];
}
