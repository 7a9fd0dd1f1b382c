/**
 * kube-proxy's flags that vipc accepts without an effect, or refuses with the command to use
 * instead.
 */

import { type Command, Option } from 'commander';
import type { Diagnostic } from '../diagnostics.js';
import { UsageError } from '../errors.js';

const IPVS = 'it is a flag of mode ipvs';
const REQUESTS = 'vipc limits its requests itself';
const BUFFERS = 'every line is written at once, to one stream';
const MACHINE = 'vipc reports no machine to the API server';

/**
 * Why each has no effect. Command lines made for kube-proxy have them, so they must not end the
 * agent.
 */
const REASONS: Readonly<Record<string, string>> = {
  'ipvs-exclude-cidrs': IPVS,
  'ipvs-min-sync-period': IPVS,
  'ipvs-scheduler': IPVS,
  'ipvs-strict-arp': IPVS,
  'ipvs-sync-period': IPVS,
  'ipvs-tcp-timeout': IPVS,
  'ipvs-tcpfin-timeout': IPVS,
  'ipvs-udp-timeout': IPVS,
  'kube-api-burst': REQUESTS,
  'kube-api-content-type': 'vipc speaks JSON with the API server',
  'kube-api-qps': REQUESTS,
  'log-flush-frequency': BUFFERS,
  'log-json-info-buffer-size': BUFFERS,
  'log-json-split-stream': BUFFERS,
  'log-text-info-buffer-size': BUFFERS,
  'log-text-split-stream': BUFFERS,
  'boot-id-file': MACHINE,
  'machine-id-file': MACHINE,
  'show-hidden-metrics-for-version': 'no metric of vipc is hidden',
  vmodule: 'the verbosity is one for all, -v',
};

/** What to do instead of a flag that makes kube-proxy do something else than proxying. */
const INSTEAD: Readonly<Record<string, string>> = {
  cleanup: 'use "vipc cleanup"',
  'init-only':
    'settings are made by "vipc apply" and by the agent itself, which needs the right to',
  version: 'use "vipc --version"',
  'write-config-to': 'GET /configz on the metrics port shows the configuration',
};

/** The names of all these flags. */
const NAMES_WITHOUT_EFFECT: readonly string[] = [...Object.keys(REASONS), ...Object.keys(INSTEAD)];

/** The command with these flags, which its help does not show. */
export function addFlagsWithoutEffect(command: Command): Command {
  for (const name of NAMES_WITHOUT_EFFECT) {
    const isSwitch = name in INSTEAD ? name !== 'write-config-to' : /-(?:stream|arp)$/.test(name);
    command.addOption(new Option(`--${name} ${isSwitch ? '[bool]' : '<value>'}`).hideHelp());
  }
  return command;
}

/**
 * A note for each flag without an effect. Throws UsageError for one that another command stands
 * for.
 */
export function flagsWithoutEffect(given: (name: string) => unknown): readonly Diagnostic[] {
  for (const [name, hint] of Object.entries(INSTEAD)) {
    const value = given(name);
    if (value !== undefined && value !== 'false')
      throw new UsageError(`--${name} is not a flag of the agent`, { hint });
  }
  return Object.entries(REASONS)
    .filter(([name]) => given(name) !== undefined)
    .map(([name, reason]) => ({
      code: 'flag-without-effect',
      severity: 'note',
      message: `--${name} has no effect: ${reason}`,
    }));
}
