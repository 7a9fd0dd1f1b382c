/**
 * Reads one table with iptables-save chain by chain, so that no more than one chain of a big table
 * is in memory.
 */

import { ParseError } from '../../../errors.js';
import type { Host } from '../../../host/host.js';
import type { Tools } from '../../kernel.js';
import { failure } from '../../tool-failure.js';
import { parseDump } from '../syntax/parse.js';
import { hasOpenQuote } from '../syntax/words.js';

/** One chain as `iptables -S` prints it: the line that makes it, then its rules. */
export interface SavedChain {
  readonly name: string;
  readonly policy: string;
  /** Raw lines from `-A` on; a rule with a line feed in a comment is one of them. */
  readonly lines: readonly string[];
}

/** Milliseconds; as long as reading a table whole may take elsewhere. */
const SAVE_TIMEOUT = 180_000;
/** More than any rule with a line feed can have. */
const LONGEST_RULE = 65536;

/**
 * Gives every chain of a table to `found`, those with rules first. Throws ParseError where the tool
 * did not print all of the table, which is then never taken for an empty one, and ToolError,
 * PermissionError or TimeoutError.
 */
export async function eachSavedChain(
  {
    host,
    tools,
    signal,
  }: { readonly host: Host; readonly tools: Tools; readonly signal?: AbortSignal | undefined },
  table: string,
  found: (chain: SavedChain) => void,
): Promise<void> {
  const reader = new TableReader(tools.save, table, found);
  let fault: unknown;
  const result = await host.follow(
    {
      command: tools.save,
      args: ['-t', table],
      bytes: true,
      timeout: SAVE_TIMEOUT,
      signal,
    },
    (line) => {
      if (fault !== undefined) return;
      try {
        reader.line(line);
      } catch (error) {
        fault = error;
      }
    },
  );
  if (result.kind !== 'exited' || result.code !== 0) throw failure(tools.save, result);
  if (fault !== undefined) throw fault;
  reader.end();
}

class TableReader {
  readonly #tool: string;
  readonly #table: string;
  readonly #found: (chain: SavedChain) => void;
  /** Chains without rules so far, each with its policy. */
  readonly #declared = new Map<string, string>();
  #state: 'before' | 'inside' | 'after' = 'before';
  #name = '';
  #prefix = '';
  #lines: string[] = [];
  #number = 0;
  /** A rule whose comment goes on in the next line. */
  #open = '';

  constructor(tool: string, table: string, found: (chain: SavedChain) => void) {
    this.#tool = tool;
    this.#table = table;
    this.#found = found;
  }

  line(text: string): void {
    this.#number++;
    const line = this.#open === '' ? text : `${this.#open}\n${text}`;
    this.#open = '';
    if (line.startsWith('-A ')) this.#rule(line);
    else if (line.startsWith('#') || line === '') this.#comment(line);
    else if (this.#state === 'inside' && line.startsWith(':')) this.#declare(line);
    else if (this.#state === 'inside' && line === 'COMMIT') this.#state = 'after';
    else if (this.#state === 'before' && line === `*${this.#table}`) this.#state = 'inside';
    else this.#fail(`neither a chain nor a rule: ${line.slice(0, 80)}`);
  }

  end(): void {
    if (this.#state !== 'after') this.#fail(`table ${this.#table} has no COMMIT: it is cut off`);
    this.#close();
    for (const [name, policy] of this.#declared) this.#found({ name, policy, lines: [] });
  }

  #rule(line: string): void {
    if (hasOpenQuote(line)) {
      if (line.length > LONGEST_RULE) this.#fail('a quote is not closed');
      this.#open = line;
      return;
    }
    if (this.#state !== 'inside') this.#fail('a rule outside of a table');
    if (!line.startsWith(this.#prefix) || this.#prefix === '') {
      this.#close();
      this.#name = line.slice(3, line.indexOf(' ', 3));
      this.#prefix = `-A ${this.#name} `;
      if (!this.#declared.has(this.#name)) this.#fail(`chain ${this.#name} is not declared`);
    }
    this.#lines.push(line);
  }

  #close(): void {
    if (this.#prefix === '') return;
    const policy = this.#declared.get(this.#name) ?? '-';
    this.#declared.delete(this.#name);
    this.#found({ name: this.#name, policy, lines: this.#lines });
    this.#lines = [];
    this.#prefix = '';
  }

  #declare(line: string): void {
    const [name = '', policy = '-'] = line.slice(1).split(' ');
    this.#declared.set(name, policy);
  }

  /** The tool says in comments that it left something out; the parser of whole dumps knows how. */
  #comment(line: string): void {
    parseDump(line, { name: this.#tool });
  }

  #fail(message: string): never {
    throw new ParseError(`${message} (in ${this.#tool})`, this.#number);
  }
}

/** The chain as the listing of `iptables -S`, which {@link parseDump} reads. */
export function listingOf({ name, policy, lines }: SavedChain): string {
  const head = policy === '-' ? `-N ${name}` : `-P ${name} ${policy}`;
  return `${[head, ...lines].join('\n')}\n`;
}
