/** `vipc report`: a page about every Service on a node, in one file. */

import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import type { HostFacts } from '../../config/types.js';
import { hasErrors } from '../../diagnostics.js';
import { UsageError } from '../../errors.js';
import { type Clock, systemClock } from '../../host/clock.js';
import { CommandHost } from '../../host/command-host.js';
import { collectFacts } from '../../host/facts.js';
import type { Host } from '../../host/host.js';
import { reportPage } from '../../report/page.js';
import type { ShownService } from '../../report/service.js';
import type { State } from '../../report/types.js';
import type { BackendName } from '../../ruleset/types.js';
import { addInputFlags } from '../input-flags.js';
import { writeFiles } from '../output-files.js';
import { readAutoInputs } from '../read-inputs.js';
import { type ReportedRules, type ReportInputFlags, reportParts } from '../reported-inputs.js';
import {
  addRuleFlags,
  type RuleFlags,
  readDumpFile,
  readsKernel,
  rulesByFamily,
  rulesOfDump,
} from '../rule-sources.js';
import type { Done, Terminal } from '../terminal.js';
import { version } from '../version.js';
import { count } from '../views/counts.js';
import { writeRemarks } from '../views/view.js';
import { followingWriter } from '../written-profile.js';

/** The flags of `vipc report`, checked one by one. */
export interface ReportFlags extends Omit<ReportInputFlags, 'rules'>, RuleFlags {
  readonly out?: string;
  readonly verbose: boolean;
}

/** Writes the page. 0: done; 1: an object was left out. Throws OutputError. */
export async function report(
  flags: ReportFlags,
  terminal: Terminal,
  host: Host = new CommandHost(),
  clock: Clock = systemClock,
): Promise<number> {
  const { out, rules: path, ...others } = flags;
  if (out === undefined)
    throw new UsageError('must specify --out', { hint: 'vipc report … --out report.html' });
  const looked = await lookedAt(flags, host);
  const mode = flags.mode ?? looked.mode;
  const given = await readAutoInputs({ ...flags, ...(mode && { mode }) }, terminal);
  const rulesOf = path === undefined ? undefined : async () => [...looked.rules.values()];
  const inputs = await followingWriter(given, rulesOf);
  const isDump = path !== undefined && looked.facts === undefined;
  const parts = reportParts(
    inputs,
    { ...others, ...(isDump && { rules: path }) },
    looked.rules,
    inputs.host ?? looked.facts,
  );
  await writeRemarks(parts, { output: 'human', verbose: flags.verbose }, terminal);
  const states: State[] = [];
  const made = new Date(clock.wall()).toISOString();
  const text = reportPage(
    { ...parts.summary, version: version(), made },
    withStates(parts.services, states, terminal),
  );
  await writeFiles(dirname(out), [{ name: basename(out), text }]);
  await terminal.writeOutput(`${out}: ${statesText(states)}\n`);
  return hasErrors(parts.diagnostics) ? 1 : 0;
}

/** The rules that are reported on. */
interface LookedAt {
  readonly rules: ReportedRules;
  /** That of a dump. */
  readonly mode?: BackendName;
  /** Those of this machine, where its kernel was read. */
  readonly facts?: HostFacts;
}

async function lookedAt(flags: RuleFlags, host: Host): Promise<LookedAt> {
  const { rules: path } = flags;
  if (readsKernel(flags, false)) {
    const rules = await rulesByFamily(flags, host);
    return { rules, facts: (await collectFacts(host)).facts };
  }
  if (path === undefined) return { rules: new Map() };
  const dump = await readDumpFile(path);
  return { mode: dump.mode, rules: rulesOfDump(dump) };
}

/** Services from one line of progress to the next. */
const PROGRESS_STEP = 500;

function* withStates(
  services: Iterable<ShownService>,
  states: State[],
  { progress }: Terminal,
): Generator<ShownService> {
  for (const service of services) {
    states.push(service.detail.state);
    if (states.length % PROGRESS_STEP === 0) progress?.(`${states.length} Services`);
    yield service;
  }
}

const STATE_TEXTS: readonly (readonly [State, string])[] = [
  ['problem', 'with a problem'],
  ['warning', 'with a warning'],
  ['unknown', 'not understood'],
];

/** `3 Services, 1 with a problem`. */
function statesText(states: readonly State[]): string {
  const counts = STATE_TEXTS.map(
    ([state, text]) => [states.filter((one) => one === state).length, text] as const,
  );
  return [
    count(states.length, 'Service'),
    ...counts.flatMap(([number, text]) => (number === 0 ? [] : [`${number} ${text}`])),
  ].join(', ');
}

const EXAMPLES = `
Examples:
  # A cluster, as one of its nodes serves it
  kubectl get services,endpointslices,nodes,servicecidrs,pods,deployments -A -o yaml > cluster.yaml
  vipc report -f cluster.yaml --node-name worker-1 --out report.html

  # The same with the rules of the node, verified
  vipc report -f cluster.yaml --node-name worker-1 --rules rules.save --out report.html

  # This machine
  sudo vipc report -f cluster --rules kernel --out report.html

The page is one file that loads nothing and sends nothing: it can be read offline, mailed and kept. It has every Service with its addresses, endpoints and shares, its rules, and what explain, lint and, with --rules, verify find.
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  addRuleFlags(addInputFlags(command))
    .description(
      'Writes a page about the Services of a node: who reaches which endpoints, by which rules, and what is wrong. With --rules also what the rules of a machine do, verified.',
    )
    .option('--out <file>', 'the file to write, such as report.html')
    .option('-v, --verbose', 'show every note', false)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ReportFlags) => {
      done(await report(flags, terminal));
    });
}
