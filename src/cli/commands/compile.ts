/** `vipc compile`: objects in, rules out. Prints or writes what the inputs compile to. */

import { BACKENDS } from '../../backends/index.js';
import { hasErrors } from '../../diagnostics.js';
import { UsageError } from '../../errors.js';
import { print } from '../../pipeline.js';
import { type PrintableResult, refuseUnusable, writeResult } from '../compile-result.js';
import { compileInputs, type InputFlags } from '../compiled-inputs.js';
import type { Terminal } from '../terminal.js';

/** The flags of `vipc compile`, checked one by one. */
export interface CompileFlags extends InputFlags {
  readonly out?: string;
  readonly jumps: boolean;
  readonly strict: boolean;
  readonly output: 'text' | 'json';
  readonly verbose: boolean;
}

/**
 * Compiles and prints. The exit code is 0, or 1 if an object was left out though the rest was
 * compiled. Throws SnapshotError, before anything is printed, if there is nothing to compile or
 * under --strict anything was left out.
 */
export async function compile(flags: CompileFlags, terminal: Terminal): Promise<number> {
  if (flags.out !== undefined && flags.output === 'json') {
    throw new UsageError('-o json and --out cannot be used together');
  }
  const { compiled, snapshot, mode, diagnostics, locate } = await compileInputs(flags, terminal);
  const result: PrintableResult = {
    documents: compiled.map(({ ruleset }) => ({
      family: ruleset.family,
      text: print(ruleset, { jumps: flags.jumps }),
    })),
    compiler: BACKENDS[mode],
    passedOver: snapshot.passedOver,
    models: compiled.map(({ model }) => model),
    diagnostics,
    locate,
  };
  refuseUnusable(result, snapshot, flags.strict);
  await writeResult(result, flags, terminal);
  return hasErrors(diagnostics) ? 1 : 0;
}
