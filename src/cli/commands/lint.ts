/** `vipc lint`: what is wrong with objects, a node and its configuration, before it fails. */

import type { Command } from 'commander';
import type { Diagnostic, Severity } from '../../diagnostics.js';
import { UsageError } from '../../errors.js';
import { systemClock } from '../../host/clock.js';
import type { LintFinding } from '../../lint/rule.js';
import { RULES, ruleOf } from '../../lint/rules.js';
import { loadSuppressions, type SuppressionFile } from '../../lint/suppression-file.js';
import { SUPPRESSION_RULES, suppress } from '../../lint/suppressions.js';
import { compareText } from '../../model/order.js';
import { nearestName } from '../../nearest-name.js';
import { collectNetworks, oneOf } from '../flags.js';
import { addInputFlags } from '../input-flags.js';
import { dumpOf, type LintInputFlags, lintInputs, placedInFiles } from '../linted-inputs.js';
import { type Inputs, readAutoInputs } from '../read-inputs.js';
import { readText } from '../sources.js';
import type { Done, Terminal } from '../terminal.js';
import { version } from '../version.js';
import {
  type LintReport,
  lintContent,
  lintText,
  ruleLines,
  rulesJson,
  ruleText,
  type Unchecked,
} from '../views/lint.js';
import { sarif } from '../views/sarif.js';
import { type View, writeRemarks, writeView } from '../views/view.js';
import { followingWriter } from '../written-profile.js';

/** The flags of `vipc lint`, checked one by one. */
export interface LintFlags extends LintInputFlags {
  readonly suppressions?: string;
  readonly failOn: Severity | 'never';
  readonly list?: boolean;
  readonly explain?: string;
  readonly output: 'human' | 'json' | 'sarif';
  readonly verbose: boolean;
}

/** The first of these is the worst. */
const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

/**
 * Checks the input, or with `--list` and `--explain` prints rules. 1: there are findings at
 * or above `--fail-on`; 0: there are none.
 */
export async function lintCommand(flags: LintFlags, terminal: Terminal): Promise<number> {
  const asked = requestedRules(flags);
  if (asked !== undefined) {
    const text = flags.list === true ? ruleLines : () => asked.map(ruleText).join('\n');
    await terminal.writeOutput(flags.output === 'json' ? rulesJson(asked) : text(asked));
    return 0;
  }
  const isAboutMachine = [flags.config, flags.host, flags.rules].some((path) => path !== undefined);
  if (flags.filename.length === 0 && !isAboutMachine)
    throw new UsageError('must specify -f, --config, --host or --rules');
  const given = await readAutoInputs(flags, terminal, 'optional');
  const dump = await dumpOf(flags.rules);
  const inputs = await followingWriter(
    given,
    flags.rules === undefined ? undefined : async () => dump,
  );
  const file = await readSuppressions(flags);
  const { findings: all, remarks } = lintInputs(inputs, withNetworks(flags, file), dump);
  const today = new Date(systemClock.wall()).toISOString().slice(0, 10);
  const placed = await placedInFiles(all, flags);
  const { findings, suppressed } = suppress(placed, file.suppressions, today);
  const report: LintReport = {
    findings: findings.toSorted(compareFindings),
    suppressed,
    unchecked: unchecked(flags, inputs),
  };
  const shown = remarks.filter(({ severity }) => flags.verbose || severity !== 'note');
  if (flags.output !== 'sarif') await writeRemarks({ diagnostics: shown }, flags, terminal);
  await writeView(viewOf(report, remarks, flags), { diagnostics: remarks }, flags, terminal);
  return fails(findings, flags.failOn) ? 1 : 0;
}

function viewOf(
  report: LintReport,
  remarks: readonly Diagnostic[],
  { output, verbose }: LintFlags,
): View {
  return {
    text: (colour) =>
      output === 'sarif'
        ? sarif(report, { version: version(), remarks })
        : lintText(report, verbose, colour),
    kind: 'Findings',
    content: () => lintContent(report),
  };
}

async function readSuppressions({ suppressions: path }: LintFlags): Promise<SuppressionFile> {
  if (path === undefined) return { suppressions: [] };
  const codes = RULES.filter((rule) => !SUPPRESSION_RULES.includes(rule)).map(({ code }) => code);
  return loadSuppressions(await readText(path), path, codes);
}

/** External IPs may be those of the flag and those of the file. */
function withNetworks(flags: LintFlags, { externalIps }: SuppressionFile): LintFlags {
  if (externalIps === undefined) return flags;
  return { ...flags, allowExternalIps: [...(flags.allowExternalIps ?? []), ...externalIps] };
}

function requestedRules({ list, explain, output }: LintFlags): typeof RULES | undefined {
  if (output === 'sarif' && (list === true || explain !== undefined))
    throw new UsageError('-o sarif is for findings, not for --list and --explain');
  if (list === true && explain !== undefined)
    throw new UsageError('--list and --explain cannot be used together');
  if (list === true) return RULES;
  if (explain === undefined) return undefined;
  const rule = ruleOf(explain);
  if (rule !== undefined) return [rule];
  const near = nearestName(
    explain,
    RULES.map(({ code }) => code),
  );
  const hint = near === undefined ? 'vipc lint --list names them all' : `did you mean ${near}?`;
  throw new UsageError(`--explain: no rule ${JSON.stringify(explain)}`, { hint });
}

/** The worst first, and then in the order of the files. */
function compareFindings(a: LintFinding, b: LintFinding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    compareText(a.position?.file ?? '', b.position?.file ?? '') ||
    (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
    (a.position?.column ?? 0) - (b.position?.column ?? 0)
  );
}

function unchecked(flags: LintFlags, { filename }: Inputs): LintReport['unchecked'] {
  const given: readonly (readonly [Unchecked, boolean])[] = [
    ['objects', filename.length > 0],
    ['config', flags.config !== undefined],
    ['host', flags.host !== undefined],
    ['rules', flags.rules !== undefined],
  ];
  return given.flatMap(([part, isGiven]) => (isGiven ? [] : [part]));
}

function fails(findings: readonly LintFinding[], failOn: LintFlags['failOn']): boolean {
  if (failOn === 'never') return false;
  const worst = SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1);
  return findings.some(({ severity }) => worst.includes(severity));
}

const EXAMPLES = `
Examples:
  # A cluster, for one of its nodes
  vipc lint -f cluster --node-name worker-1 --config kube-proxy.conf --host host.yaml

  # Manifests, in CI: fail on warnings too
  vipc lint -f manifests/ --service-cidr 10.96.0.0/16 --fail-on warning

  # For code scanning
  vipc lint -f manifests/ -o sarif > vipc.sarif

  # External IPs that may be used
  vipc lint -f cluster.yaml --allow-external-ips 192.0.2.0/24,198.51.100.7

  # The meaning of a finding, and its remedy
  vipc lint --explain external-ip-overlap
  vipc lint --list

Each finding ends with its code. A file for --suppressions looks like this; * matches any text, and object, expires and externalIPs are optional:

  externalIPs: [192.0.2.0/24]
  suppressions:
    - code: external-ips-deprecated
      object: Service shop/*
      reason: moves to a load balancer with the next release
      expires: 2027-01-31

With -o json: {"counts", "findings", "suppressed", "unchecked", "diagnostics"}.
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  addInputFlags(command)
    .description(
      'Checks objects (-f), the configuration of a node (--config), the facts of its machine (--host) and a dump of its rules (--rules) for mistakes: addresses in use, endpoints that get no traffic, changes of the next version of Kubernetes. Reads no kernel and changes nothing.',
    )
    .option(
      '--rules <file>',
      'dump of the machine (iptables-save or "nft -j list ruleset"), to find other users of the mark',
    )
    .option(
      '--allow-external-ips <networks>',
      'networks and addresses that externalIPs may use, separated by commas; may be repeated',
      collectNetworks('--allow-external-ips'),
    )
    .option('--suppressions <file>', 'file of accepted findings, each with a reason')
    .option(
      '--fail-on <severity>',
      'exit with 1 if there are findings of this severity or a worse one: error, warning, note or never',
      oneOf('--fail-on', ['error', 'warning', 'note', 'never']),
      'error',
    )
    .option('--list', 'list the rules')
    .option('--explain <code>', 'explain a rule')
    .option(
      '-o, --output <form>',
      'human, json for scripts, or sarif (2.1.0) for code scanning',
      oneOf('--output', ['human', 'json', 'sarif']),
      'human',
    )
    .option('-v, --verbose', 'show every note', false)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: LintFlags) => {
      done(await lintCommand(flags, terminal));
    });
}
