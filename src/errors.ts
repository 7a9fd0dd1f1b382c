/** Errors that end a command. Each class has its code and carries its facts as fields. */

import type { Diagnostic } from './diagnostics.js';
import { ERROR_CODES, type ErrorCode, type ExitCode } from './error-codes.js';

/** What any thrown value says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Options that every error takes besides its facts. */
export interface ErrorDetails {
  /** What to do about it. */
  readonly hint?: string;
  /** What was thrown below it. */
  readonly cause?: unknown;
}

/** Base of every error that vipc throws on purpose; anything else is a defect. */
export abstract class VipcError extends Error {
  /** What went wrong, stable across versions: `error.code` in JSON. */
  abstract readonly code: ErrorCode;
  /** What to do about it; printed on its own line. */
  readonly hint: string;

  constructor(message: string, options: ErrorDetails = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint ?? '';
  }

  /** The exit code of a command that ends with this error. */
  get exitCode(): ExitCode {
    return ERROR_CODES[this.code].exitCode;
  }
}

/** The command line is wrong (EX_USAGE). */
export class UsageError extends VipcError {
  readonly code = 'usage';
}

/** Objects or text that cannot be used at all, or any bad object under `--strict`. */
export class SnapshotError extends VipcError {
  readonly code = 'unusable-input';
  readonly diagnostics: readonly Diagnostic[];

  constructor(
    message: string,
    diagnostics: readonly Diagnostic[] = [],
    options: ErrorDetails = {},
  ) {
    super(message, options);
    this.diagnostics = diagnostics;
  }
}

/** A ruleset dump that cannot be read or is incomplete. */
export class ParseError extends VipcError {
  readonly code = 'unreadable-rules';
  /** Line of the dump, counted from 1; 0 where the whole dump is meant. */
  readonly line: number;

  constructor(message: string, line: number, options: ErrorDetails = {}) {
    super(line > 0 ? `line ${line}: ${message}` : message, options);
    this.line = line;
  }
}

/** An input file that cannot be read. */
export class InputError extends VipcError {
  readonly code = 'no-input';
}

/** What is known of a request that failed; `''` and 0 stand for what the answer does not say. */
export interface RequestFailure {
  /** HTTP status, or the code of an ERROR line of a watch; 0 where there was no answer. */
  readonly status?: number;
  /**
   * The reason of a Status (`Forbidden`, `Expired`), a code of the system (`ECONNREFUSED`), or
   * `Silence`.
   */
  readonly reason?: string;
  /** Reasons of the Status in more detail: `ResourceVersionTooLarge`. */
  readonly causes?: readonly string[];
  /** Milliseconds that the server asked to wait. */
  readonly retryAfter?: number;
}

/** An API server that cannot be found, reached or used, or that refuses a request. */
export class ClusterError extends VipcError {
  readonly code = 'no-cluster';
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly string[];
  readonly retryAfter: number;

  constructor(message: string, failure: RequestFailure = {}, options: ErrorDetails = {}) {
    super(message, options);
    this.status = failure.status ?? 0;
    this.reason = failure.reason ?? '';
    this.causes = failure.causes ?? [];
    this.retryAfter = failure.retryAfter ?? 0;
  }
}

/** Something asked for that this version or mode cannot do (EX_CONFIG). */
export class UnsupportedError extends VipcError {
  readonly code = 'unsupported';
}

/** A template that does not compile or asks for a field that does not exist. */
export class TemplateError extends VipcError {
  readonly code = 'bad-template';
}

/** An output file or directory that cannot be written. */
export class OutputError extends VipcError {
  readonly code = 'no-output';
}

/** A file of configuration, host facts or suppressions that is wrong (EX_CONFIG). */
export class ConfigError extends VipcError {
  readonly code = 'bad-config';
  /**
   * Every finding with its place, where the file could be read that far; the message has the first.
   */
  readonly diagnostics: readonly Diagnostic[];

  constructor(
    message: string,
    options: ErrorDetails & { readonly diagnostics?: readonly Diagnostic[] } = {},
  ) {
    super(message, options);
    this.diagnostics = options.diagnostics ?? [];
  }
}

/** The rules of the kernel were made with settings that are not given (EX_CONFIG). */
export class OtherSettingsError extends VipcError {
  readonly code = 'other-settings';
}

/** A program that vipc needs is missing, too old, or not usable on this kernel. */
export class ToolError extends VipcError {
  readonly code = 'no-tool';
  /** The program: `ip6tables-legacy-save`. */
  readonly tool: string;

  constructor(message: string, tool: string, options: ErrorDetails = {}) {
    super(message, options);
    this.tool = tool;
  }
}

/** The kernel does not let this process do it: it needs root. */
export class PermissionError extends VipcError {
  readonly code = 'forbidden';
}

/** A program was still running after its time and was killed. */
export class TimeoutError extends VipcError {
  readonly code = 'timeout';
}

/** Another process held the lock for longer than the configured wait (EX_TEMPFAIL). */
export class LockError extends VipcError {
  readonly code = 'locked';
  /** Who holds the lock, as far as it can be found out; `''` where it cannot. */
  readonly holder: string;

  constructor(message: string, holder: string, options: ErrorDetails = {}) {
    super(message, options);
    this.holder = holder;
  }
}

/**
 * Stopped between two transactions because the user or the system asked for it: what a shell shows
 * after SIGINT.
 */
export class InterruptedError extends VipcError {
  readonly code = 'interrupted';
}

/** A file that is not a plan, or a plan that vipc would never make. */
export class PlanError extends VipcError {
  readonly code = 'bad-plan';
}

/**
 * Rules that the kernel or its tool refuses, and not because of a single Service. The kernel is
 * as before.
 */
export class LoadError extends VipcError {
  readonly code = 'refused';
  /** What the tool said. */
  readonly reason: string;
  /** The line that it named; `''` where it named none. */
  readonly line: string;
  /** The file that the refused input is kept in; `''` where it could not be written. */
  readonly file: string;

  constructor(
    message: string,
    facts: { readonly reason: string; readonly line: string; readonly file: string },
    options: ErrorDetails = {},
  ) {
    super(message, options);
    this.reason = facts.reason;
    this.line = facts.line;
    this.file = facts.file;
  }
}

/** The kernel no longer holds what a plan was made from (EX_TEMPFAIL). Nothing was changed. */
export class StalePlanError extends VipcError {
  readonly code = 'stale-plan';
}

/** The rules read back differ from those loaded: another program writes rules too. */
export class VerifyError extends VipcError {
  readonly code = 'not-verified';
  /** The chains that differ, `nat KUBE-SERVICES`. */
  readonly chains: readonly string[];

  constructor(message: string, chains: readonly string[], options: ErrorDetails = {}) {
    super(message, options);
    this.chains = chains;
  }
}

/**
 * Another program changed the rules each time between reading and loading (EX_TEMPFAIL).
 */
export class ContentionError extends VipcError {
  readonly code = 'contention';
}

/** A port that our own servers should listen on and cannot, where `bindAddressHardFail` is set. */
export class ListenError extends VipcError {
  readonly code = 'port-taken';
  readonly port: number;

  constructor(message: string, port: number, options: ErrorDetails = {}) {
    super(message, options);
    this.port = port;
  }
}
