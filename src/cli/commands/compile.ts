/** `vipc compile`: objects in, rules out. Prints or writes what the inputs compile to. */

import type { Command } from 'commander';
import { BACKENDS } from '../../backends/index.js';
import { hasErrors } from '../../diagnostics.js';
import { UsageError } from '../../errors.js';
import { print } from '../../pipeline.js';
import { compileInputs } from '../compiled-inputs.js';
import { addFamilyFlag, oneOf } from '../flags.js';
import { addInputFlags, type InputFlags } from '../input-flags.js';
import { writeFiles } from '../output-files.js';
import type { Done, Terminal } from '../terminal.js';
import { refuseUnusable } from '../usable-inputs.js';
import { type CompileResult, compiledView, summaryText } from '../views/compile.js';
import { writeRemarks, writeView } from '../views/view.js';

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
export async function compileCommand(flags: CompileFlags, terminal: Terminal): Promise<number> {
  if (flags.out !== undefined && flags.output === 'json') {
    throw new UsageError('-o json and --out cannot be used together');
  }
  const { compiled, snapshot, mode, diagnostics, locate } = await compileInputs(flags, terminal);
  const result: CompileResult = {
    documents: compiled.map(({ ruleset }) => ({
      family: ruleset.family,
      text: print(ruleset, { jumps: flags.jumps }),
    })),
    compiler: BACKENDS[mode],
    skippedKinds: snapshot.skippedKinds,
    models: compiled.map(({ model }) => model),
    diagnostics,
  };
  refuseUnusable({ snapshot, diagnostics, locate }, flags.strict);
  const { out, output, verbose } = flags;
  const remarks = { diagnostics, locate };
  await writeRemarks(remarks, flags, terminal);
  if (out === undefined) await writeView(compiledView(result), remarks, flags, terminal);
  else await writeFiles(out, result.compiler.documentFiles(result.documents));
  if (output !== 'json' && (verbose || terminal.interactive))
    await terminal.writeError(summaryText(result));
  return hasErrors(diagnostics) ? 1 : 0;
}

const EXAMPLES = `
Examples:
  # The rules of a running cluster for one of its nodes
  vipc compile -f cluster --node-name worker-1
  kubectl get services,endpointslices,nodes,servicecidrs -A -o yaml | vipc compile -f - --node-name worker-1

  # The same for a machine whose facts were saved there with "vipc host > host.yaml"
  vipc compile -f cluster.yaml --host host.yaml --config kube-proxy.conf --family ipv4

  # Plain manifests: a Service, and Pods that it selects
  vipc compile -f manifests/ --service-cidr 10.96.0.0/16

  # The same for nft, both families in one script
  vipc compile -f cluster.yaml --mode nftables > rules.nft

  # Files for iptables-restore and ip6tables-restore; fail if any object is bad
  vipc compile -f cluster.json --strict --out rules/
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  addFamilyFlag(addInputFlags(command), '', 'dual')
    .description('Prints the rules that kube-proxy would program on one node for these objects.')
    .option(
      '--out <folder>',
      'write iptables.v4.rules and iptables.v6.rules, or nftables.nft, there instead of standard output',
    )
    .option(
      '--no-jumps',
      'leave out the jumps from the built-in chains (nftables: the rules of base chains)',
    )
    .option('--strict', 'print nothing if any object has to be left out', false)
    .option(
      '-o, --output <form>',
      'text, or json for rules and diagnostics in one document',
      oneOf('--output', ['text', 'json']),
      'text',
    )
    .option('-v, --verbose', 'show every note and a summary', false)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: CompileFlags) => {
      done(await compileCommand(flags, terminal));
    });
}
