/** `vipc test`: runs tests in YAML of what becomes of packets. */

import type { Command } from 'commander';
import { readTests, type TestDocument } from '../../behaviour/test-file.js';
import type { Diagnostic } from '../../diagnostics.js';
import { SnapshotError } from '../../errors.js';
import { filesOf } from '../../host/input-files.js';
import { passedOver } from '../../host/special-files.js';
import { oneOf } from '../flags.js';
import { readText } from '../sources.js';
import type { Done, Terminal } from '../terminal.js';
import { readTestInputs, type TestInputs } from '../test-inputs.js';
import { type PacketResult, runTest, type TestRun } from '../test-run.js';
import { junitText } from '../views/junit.js';
import { tapText } from '../views/tap.js';
import { resultsContent, resultsText } from '../views/test-results.js';
import { type View, writeResult } from '../views/view.js';

/** The flags of `vipc test`, checked one by one. */
export interface TestFlags {
  readonly recursive: boolean;
  readonly output: 'human' | 'tap' | 'junit' | 'json';
  readonly verbose: boolean;
}

/**
 * Runs the tests of files and folders. 0: all pass; 1: some fail. Throws SnapshotError, before
 * anything is run, where a test cannot be used, and where there is none.
 */
export async function testCommand(
  paths: readonly string[],
  flags: TestFlags,
  terminal: Terminal,
): Promise<number> {
  const { documents, warnings } = await readDocuments(paths, flags.recursive);
  const inputs = await readAll(documents);
  const runs: TestRun[] = [];
  for (const one of inputs) runs.push(runTest(one));
  const results = runs.flatMap((run) => run.results);
  const diagnostics = [
    ...warnings,
    ...inputs.flatMap((one) => one.warnings),
    ...runs.flatMap((run) => run.diagnostics),
  ];
  await writeResult(viewOf(results, flags), { diagnostics }, flags, terminal);
  return results.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

function viewOf(results: readonly PacketResult[], { output, verbose }: TestFlags): View {
  return {
    text: (colour) => {
      if (output === 'tap') return tapText(results);
      return output === 'junit' ? junitText(results) : resultsText(results, verbose, colour);
    },
    kind: 'TestResults',
    content: () => resultsContent(results),
  };
}

async function readDocuments(
  paths: readonly string[],
  recursive: boolean,
): Promise<{
  readonly documents: readonly TestDocument[];
  readonly warnings: readonly Diagnostic[];
}> {
  const tests: TestDocument[] = [];
  const warnings: Diagnostic[] = [];
  const faults: Diagnostic[] = [];
  const read = new Set<string>();
  for (const path of paths) {
    const { files, special } = await filesOf(path, recursive);
    for (const warning of passedOver(special)) warnings.push(warning);
    for (const name of files) {
      if (read.has(name)) continue;
      read.add(name);
      const file = readTests({ name, text: await readText(name) });
      for (const test of file.tests) tests.push(test);
      for (const fault of file.diagnostics) faults.push(fault);
    }
  }
  refuse(faults);
  if (tests.length > 0) return { documents: tests, warnings };
  throw new SnapshotError(`no test in ${paths.join(', ')}`, [], {
    hint: 'a test begins with "apiVersion: vipc/v1" and "kind: Test"; -R reads the folders below a folder too',
  });
}

async function readAll(documents: readonly TestDocument[]): Promise<readonly TestInputs[]> {
  const read: TestInputs[] = [];
  const faults: Diagnostic[] = [];
  for (const document of documents) {
    const { inputs, diagnostics } = await readTestInputs(document);
    if (inputs !== undefined) read.push(inputs);
    for (const fault of diagnostics) faults.push(fault);
  }
  refuse(faults);
  return read;
}

/** Throws SnapshotError where there is a fault. */
function refuse(faults: readonly Diagnostic[]): void {
  if (faults.length > 0)
    throw new SnapshotError('nothing was tested: a test cannot be used', faults);
}

const EXAMPLES = `
Examples:
  vipc test tests/
  vipc test -R tests/ -o junit > results.xml

  # A test
  apiVersion: vipc/v1
  kind: Test
  snapshot: ../manifests
  node: worker-1
  modes: [iptables, nftables]
  packets:
    - from: pod
      to: svc/kube-system/kube-dns:53/udp
      reach: {10.244.1.7:53: 1/2, 10.244.2.9:53: 1/2}
    - from: outside
      to: 203.0.113.80:80
      dropped: true
    - from: pod
      to: svc/shop/cart:80
      refused: true

A test is about objects (snapshot: files and folders; objects: inline), compiled for each of its modes, or about the rules of a dump (rules). Paths are relative to the folder of the test. node, zone, host, config, clusterCIDR and serviceCIDR are as the flags of "vipc compile"; host and config are files, or their content.

A packet is from an address, pod, node, outside or endpoint, to ADDRESS:PORT/PROTOCOL, svc/NAMESPACE/NAME:PORT or NAME.NAMESPACE:PORT; inInterface, hook and affinity are as the flags of "vipc trace". reach takes an endpoint, the list of all endpoints, or each with its share; refused also the kind of reject; masquerade also a list of endpoints. true stands for all packets, false for none. An unknown outcome is a failure. The schema is schema/test.json of the package.

With -o json: {"passed", "failed", "results", "diagnostics"}. Each result has "file", "line", "test", "packet", "rules" (the mode, or the dump), "passed" and "failures".
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  command
    .argument('<path...>', 'files of tests, or folders of such files')
    .description(
      'Runs tests in YAML of the outcomes of packets, in the rules compiled from objects or in those of a dump. Shows failures, with the rules that decide. Sends no packet.',
    )
    .option('-R, --recursive', 'read folders recursively', false)
    .option(
      '-o, --output <form>',
      'human, tap, junit, or json for scripts',
      oneOf('--output', ['human', 'tap', 'junit', 'json']),
      'human',
    )
    .option('-v, --verbose', 'show passed tests as well', false)
    .addHelpText('after', EXAMPLES)
    .action(async (paths: readonly string[], flags: TestFlags) => {
      done(await testCommand(paths, flags, terminal));
    });
}
