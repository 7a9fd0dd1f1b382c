/**
 * How one mode reads and writes the kernel of a machine: the part of a backend that runs programs.
 * Types only.
 */

import type { HostFacts, LayoutName } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import type { VipcError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { Family } from '../net/ip.js';
import type { FamilyPlan } from '../plan/types.js';
import type { BackendName } from '../ruleset/types.js';
import type { KernelRules } from './kernel-rules.js';
import type { Tools, Variant } from './tools.js';
import type { LoadInput } from './transaction.js';

export interface KernelReadOptions {
  /** `--iptables`; absent: detected. */
  readonly iptables?: 'nft' | 'legacy' | undefined;
  /** The variant of the other family, used where the rules of this one do not show it. */
  readonly otherFamily?: Variant | undefined;
  /** Absent: the three tables that rules for Services stand in. */
  readonly tables?: readonly string[] | undefined;
  /** Every table, those of other programs too. */
  readonly whole?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How the facts of a machine are collected. */
export interface FactsOptions extends Pick<KernelReadOptions, 'iptables' | 'signal'> {
  /** Of the rules that the machine is to have: some facts matter to one layout alone. */
  readonly layout: LayoutName;
}

export interface LoadOptions {
  /** Milliseconds to wait for the lock of the legacy tools. */
  readonly lockTimeout: number;
  /** Milliseconds after which the tool is killed. */
  readonly timeout: number;
  /** Only try: nothing is committed. */
  readonly test?: boolean;
  /** Other loads will follow, so that the tool of the next one may be started before that. */
  readonly again?: boolean;
  /** Called before each transaction, with its place in the input. */
  readonly onTransaction?: ((index: number, input: LoadInput) => void) | undefined;
  /** Nothing that has not begun is loaded after it; what has begun is finished. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the tool: the kernel then holds all of what it was loading, or nothing of it. */
  readonly kill?: AbortSignal | undefined;
}

/**
 * An input that was refused. The table in which it happened, and those behind it, are as before.
 */
export interface LoadFault {
  /**
   * `moved`: something that the input relies on is not there. `refused`: a rule is not accepted, or
   * the tool does not say what it is about.
   */
  readonly kind: 'moved' | 'refused';
  readonly table: string;
  /**
   * Every line of the input that was named as the cause, as a Ruleset has it; empty where the tool
   * names none but COMMIT.
   */
  readonly lines: readonly string[];
  /** The tool's words, in one line. */
  readonly reason: string;
}

/** One family of the kernel: what was read, and with what. */
export interface KernelState {
  readonly family: Family;
  readonly variant: Variant;
  /** The programs that read it, and that write to the same place. */
  readonly tools: Tools;
  readonly rules: KernelRules;
  /** What the tool printed; one byte per character where the backend's encoding is latin1. */
  readonly rawText: string;
  readonly diagnostics: readonly Diagnostic[];
}

export interface RemovalOptions {
  /** Only this variant of iptables; absent: both. */
  readonly iptables?: 'nft' | 'legacy' | undefined;
  /** Milliseconds to wait for the lock of the legacy tools. */
  readonly lockTimeout: number;
  /** Programs that did not end in time, added by reading: they are not waited for again. */
  readonly unanswered?: Map<string, VipcError>;
  readonly signal?: AbortSignal | undefined;
}

/** One command that removes something of ours from the kernel. */
export type RemovalStep =
  /** The chains and jumps that one variant of iptables holds: input for its restore program. */
  | {
      readonly kind: 'rules';
      readonly mode: BackendName;
      readonly family: Family;
      readonly tools: Tools;
      readonly plan: FamilyPlan;
      readonly input: string;
    }
  /** The table of mode nftables, `ip kube-proxy`. */
  | {
      readonly kind: 'table';
      readonly mode: BackendName;
      readonly family: Family;
      readonly name: string;
    };

/** A chain of ours that stays, emptied, because a foreign rule jumps to it. */
export interface KeptChain {
  readonly family: Family;
  readonly variant: Variant;
  readonly table: string;
  readonly chain: string;
  /** The foreign rule. */
  readonly by: string;
}

/** The removal of everything of ours from the kernel. */
export interface Removals {
  readonly steps: readonly RemovalStep[];
  readonly kept: readonly KeptChain[];
  /** Why parts of the kernel that hold or may hold rules of ours are left as they are. */
  readonly failures: readonly VipcError[];
  /** Parts of the kernel that cannot be read, because their program is not installed. */
  readonly unseen: readonly VipcError[];
}

/** Reads and writes the kernel with the tools of one mode. */
export interface KernelDriver {
  /**
   * Throws ToolError, PermissionError or UnsupportedError where this machine has no tools for the
   * mode, or no rights.
   */
  readonly checkTools: (host: Host, families: readonly Family[]) => Promise<void>;
  readonly read: (host: Host, family: Family, options: KernelReadOptions) => Promise<KernelState>;
  /** Reads again with tools that are known. */
  readonly readAgain: (
    host: Host,
    before: Pick<KernelState, 'family' | 'tools'>,
    options: KernelReadOptions,
  ) => Promise<KernelState>;
  /**
   * Runs the transactions up to one that is refused; `undefined` where all were loaded, otherwise
   * why not. With `test` only the first one: the others build on what it loads.
   */
  readonly load: (
    host: Host,
    tools: Tools,
    input: LoadInput,
    options: LoadOptions,
  ) => Promise<LoadFault | undefined>;
  /** Throws UsageError for a flag that means nothing in this mode. */
  readonly checkFlags: (flags: Pick<KernelReadOptions, 'iptables'>) => void;
  /** What compiling for this machine has to know. */
  readonly facts: (
    host: Host,
    options: FactsOptions,
  ) => Promise<{ readonly facts: HostFacts; readonly diagnostics: readonly Diagnostic[] }>;
  /** `iptables-nft 1.8.9` */
  readonly name: (tools: Tools) => string;
  /** How a person loads an input. */
  readonly usage: (tools: Tools, family: Family) => string;
  /** The command that tries an input out. */
  readonly trial: (tools: Tools) => string;
  /** What a successful trial proves. */
  readonly proof: string;
  /**
   * What removes everything of ours. Changes nothing. Throws ToolError where no program of the mode
   * is installed and nothing of ours is known to be there.
   */
  readonly planRemovals: (
    host: Host,
    families: readonly Family[],
    options: RemovalOptions,
  ) => Promise<Removals>;
  /** Runs one step of them; `undefined`, or why it changed nothing. */
  readonly remove: (
    host: Host,
    step: RemovalStep,
    options: RemovalOptions,
  ) => Promise<LoadFault | undefined>;
}
