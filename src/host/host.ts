/**
 * The interface to a machine: everything that vipc reads from or changes on a host goes through a
 * {@link Host}. SystemHost is this machine, MemoryHost a scripted one for tests.
 */

/** A program to run, without a shell. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  /** Standard input; nothing is connected where absent. */
  readonly input?: string;
  /**
   * Input and output are bytes, one per character (latin1): what is no UTF-8 survives. UTF-8 text
   * where absent.
   */
  readonly bytes?: boolean;
  /** Milliseconds after which the program is killed; 10 seconds where absent. */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
  /**
   * Variables besides those of this process, which the program gets unchanged. Where absent,
   * `LC_ALL` is C and `PATH` has sbin too.
   */
  readonly variables?: Readonly<Record<string, string>>;
  /** Characters of output, or of errors, after which the program is ended; 512 M where absent. */
  readonly maxOutput?: number;
  /**
   * Standard input and standard error are those of this process, so that a person can answer. There
   * is no timeout then, and `stderr` of the result is empty.
   */
  readonly terminal?: boolean;
  /** In a process group of its own: Ctrl-C in the terminal and the end of vipc do not end it. */
  readonly detached?: boolean;
  /**
   * The program will be wanted again, with another input: the next one may be started before that.
   * It must do nothing until its input has ended or holds a whole command.
   */
  readonly again?: boolean;
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
  /** The machine has no file descriptor, process or memory left to start it: try again. */
  | { readonly kind: 'unstarted'; readonly reason: string }
  /** Ended by a signal: ours after the timeout or an abort, or one of another process. */
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

/** The answer to {@link Host.tryLock}. */
export type LockAttempt =
  | { readonly kind: 'held'; readonly release: () => Promise<void> }
  /**
   * `released` resolves when another attempt is worth it; `by` is the holder's introduction,
   * printable ASCII, or `''`.
   */
  | { readonly kind: 'taken'; readonly by: string; readonly released: Promise<void> };

/** A machine. */
export interface Host {
  /**
   * Runs a program to its end. Rejects only for a defect of the caller, never for what the program
   * did.
   */
  run(command: Command): Promise<CommandResult>;
  /**
   * Runs a program and calls `onLine` with each line of its standard output as it comes; none is
   * kept, and `stdout` of the result is empty. There is no input, and no timeout unless one is
   * given. The program ends with this process. `onStart` gets its process ID.
   */
  follow(
    command: Omit<Command, 'input'>,
    onLine: (line: string) => void,
    onStart?: (pid: number) => void,
  ): Promise<CommandResult>;
  /**
   * Whether this process has lately started a program with this process ID. False also for its own
   * programs if the ID is that of another PID namespace.
   */
  hasStarted(pid: number): boolean;
  /** The text of a file, or `undefined` if it cannot be read. */
  readFile(path: string): Promise<string | undefined>;
  /**
   * Writes into a file that exists; rejects with the system's error. For files of the kernel, which
   * cannot be replaced.
   */
  writeFile(path: string, text: string): Promise<void>;
  /**
   * Replaces a file (mode 0600) atomically: at any moment there is the old file or the whole new
   * one. Creates its folder if necessary; rejects with the system's error. The text is latin1; as
   * pieces it need never be in memory as a whole, and the event loop runs between two of them.
   */
  replaceFile(path: string, text: string | Iterable<string>): Promise<void>;
  /** Makes sure that there is no such file; rejects with the system's error. */
  removeFile(path: string): Promise<void>;
  /** The target of a symbolic link, or `undefined`. */
  readLink(path: string): Promise<string | undefined>;
  /** The inode number of a file, or `undefined` if there is none. */
  inode(path: string): Promise<number | undefined>;
  /** An environment variable of this process; `''` where it is not set. */
  variable(name: string): string;
  /**
   * Takes a lock that is shared by the processes of this network namespace and ends with the
   * process. `about` introduces the holder to those who wait. Rejects with the system's error where
   * there is no place for the lock.
   */
  tryLock(name: string, about: string): Promise<LockAttempt>;
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
