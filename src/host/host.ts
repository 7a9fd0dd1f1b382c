/**
 * The one edge to a machine: everything that vipc learns from or does to a host goes through a
 * {@link Host}. SystemHost is this machine, MemoryHost a scripted one for tests.
 */

/** A program to run, without a shell. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  /** Standard input; nothing is connected where absent. */
  readonly input?: string;
  /** Input and output are bytes, one per character (latin1): what is no UTF-8 survives. UTF-8 text where absent. */
  readonly bytes?: boolean;
  /** Milliseconds after which the program is killed; 10 seconds where absent. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/**
 * How a program ended. None of these is an exception: a missing tool or a refused ruleset is an
 * answer that the caller has to look at.
 */
export type CommandResult =
  | {
      readonly kind: 'exited';
      readonly code: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  /** There is no such program, or it may not be executed. */
  | { readonly kind: 'missing'; readonly reason: string }
  /** Ended by a signal: ours after the timeout or an abort, or somebody else's. */
  | {
      readonly kind: 'killed';
      readonly by: 'timeout' | 'abort' | 'signal';
      readonly signal: string;
      readonly stdout: string;
      readonly stderr: string;
    };

/** An interface as the system's libraries list it. */
export interface NetworkInterface {
  readonly name: string;
  /** With the prefix length: `192.168.0.10/24`. */
  readonly addresses: readonly string[];
}

/** A machine. */
export interface Host {
  /** Runs a program to its end. Rejects only for a defect of the caller, never for what the program did. */
  run(command: Command): Promise<CommandResult>;
  /** The text of a file, or `undefined` if it cannot be read. */
  readFile(path: string): Promise<string | undefined>;
  /** Interfaces that are up, with their addresses. */
  interfaces(): readonly NetworkInterface[];
  /** As the kernel has it, case kept. */
  hostname(): string;
  /** Release of the kernel, `6.1.0-18-amd64`. */
  kernel(): string;
}

/** Standard output of a program that ended well, or `undefined`. */
export function goodOutput(result: CommandResult): string | undefined {
  return result.kind === 'exited' && result.code === 0 ? result.stdout : undefined;
}
