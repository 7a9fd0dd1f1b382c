/**
 * `vipc agent`: keeps the kernel of this machine at the rules for a cluster or a folder, until a
 * signal ends it.
 */

import { type Command, Option } from 'commander';
import { runAgent } from '../../agent/agent.js';
import { type AgentObserver, observers } from '../../agent/observer.js';
import { type Events, openEvents } from '../../agent/observers/events.js';
import { LastGood } from '../../agent/observers/last-good.js';
import { logObserver } from '../../agent/observers/log.js';
import { openLog } from '../../agent/observers/log-writer.js';
import { openSystemd } from '../../agent/observers/systemd.js';
import { collectGarbageAfterFullSync, configChanged, setOomScore } from '../../agent/process.js';
import { restClientMetrics } from '../../agent/serving/rest-client-metrics.js';
import { createServing, type ServingOptions } from '../../agent/serving/serving.js';
import type { Api } from '../../cluster/api.js';
import { completeConfig } from '../../config/complete-config.js';
import type { LoadedConfig } from '../../config/load.js';
import { collectGarbage } from '../../host/collect-garbage.js';
import type { Host } from '../../host/host.js';
import { SystemHost } from '../../host/system-host.js';
import {
  type AgentFlags,
  type AgentRunOptions,
  addHostsFileFlags,
  agentOptions,
  hostsNames,
} from '../agent-options.js';
import { addConnectionFlags } from '../cluster-flags.js';
import {
  collect,
  driftPolicy,
  driftText,
  duration,
  durationOrZero,
  labelValue,
  objectName,
  serviceCidrs,
} from '../flags.js';
import { followedProfile } from '../found-profile.js';
import { layoutOption, profileOption } from '../input-flags.js';
import { addKernelFlags } from '../kernel-flags.js';
import { flagTexts } from '../proxy-flag-values.js';
import { addProxyFlags, proxyConfig } from '../proxy-flags.js';
import { readText } from '../sources.js';
import { type Done, interruption, type Terminal } from '../terminal.js';
import { withWords } from '../value-words.js';
import { version } from '../version.js';

/** Milliseconds between two looks at the configuration file. */
const CONFIG_PERIOD = 5000;
/** The exit code of an agent whose configuration changed; its supervisor restarts it. */
const CONFIG_CHANGED = 1;

/**
 * Runs until SIGTERM, SIGINT or SIGHUP, or until the configuration changed, and leaves the rules.
 * Throws what ends it otherwise.
 */
export async function agent(
  flags: AgentFlags,
  flagz: ServingOptions['flags'],
  host: Host = new SystemHost(),
): Promise<number> {
  const { loaded, diagnostics } = await proxyConfig(flags, readText);
  const log = logObserver(await openLog(loaded.agent.logging));
  log.noticed(diagnostics);
  const requests = restClientMetrics();
  const listener = { noticed: log.noticed, requests };
  const { options, api } = await agentOptions(flags, loaded, host, listener);
  log.noticed(await setOomScore(host, loaded.agent.oomScoreAdj));
  const interrupted = interruption();
  try {
    const choice = loaded.raw.profile ?? '';
    const gates = loaded.raw.featureGates ?? {};
    const followed = await followedProfile(options, choice, gates);
    log.noticed(followed.diagnostics);
    const config = { ...options.config, profile: followed.profile };
    const running = { ...options, config, requests, flagz };
    return await run(running, api, flags, loaded, log, interrupted.signal);
  } finally {
    interrupted.end();
  }
}

/** What is served besides what the agent reports. */
interface Served {
  readonly requests: ServingOptions['requests'];
  readonly flagz: ServingOptions['flags'];
}

/** The agent with everything around it. Whatever part ends first, or fails, ends the others. */
async function run(
  options: AgentRunOptions & Served,
  api: Api | undefined,
  flags: AgentFlags,
  { agent: config, raw }: LoadedConfig,
  log: Required<AgentObserver>,
  interrupted: AbortSignal,
): Promise<number> {
  const { host, mode, families, requests, flagz } = options;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  interrupted.addEventListener('abort', end, { once: true });
  const events = eventsOf(options, api, log.noticed, ending.signal);
  const { noticed } = observers([log, events?.observer ?? {}]);
  const { profile, allowServiceExternalIps } = options.config;
  const serving = createServing({
    ...{ config, mode, families, host, requests, profile, allowServiceExternalIps },
    ...{ configz: completeConfig(raw, mode), flags: flagz, version: version() },
  });
  const lastGood =
    flags.lastGood === undefined
      ? undefined
      : new LastGood({ host, path: flags.lastGood, noticed });
  const systemd = openSystemd({
    host,
    families,
    noticed,
    alive: () => serving.health.state().healthy,
  });
  const hosts = hostsNames(flags, families, noticed);
  const saving: AgentObserver = {
    synced: (report) => {
      lastGood?.applied(report.snapshot);
      hosts?.applied(report);
    },
  };
  const observer = observers([
    ...[log, events?.observer ?? {}, serving.observer, systemd?.observer ?? {}, saving],
    collectGarbageAfterFullSync(collectGarbage),
  ]);
  events?.starting();
  let exitCode = 0;
  const parts = [
    runAgent({ ...options, observer }, ending.signal),
    serving.run(noticed, ending.signal),
  ];
  if (flags.config !== undefined) {
    const watch = { host, path: flags.config, period: CONFIG_PERIOD };
    parts.push(
      configChanged(watch, ending.signal).then((changed) => {
        if (changed) exitCode = CONFIG_CHANGED;
      }),
    );
  }
  for (const part of parts) part.then(end, end);
  const ends = await Promise.allSettled(parts);
  await systemd?.stopping();
  await Promise.all([lastGood?.close(), hosts?.close()]);
  api?.close();
  const failed = ends.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return exitCode;
}

/** Sends Events about this node to the API server; `undefined` where there is none. */
function eventsOf(
  { nodeName }: AgentRunOptions,
  api: Api | undefined,
  noticed: Required<AgentObserver>['noticed'],
  signal: AbortSignal,
): Events | undefined {
  if (api === undefined) return undefined;
  return openEvents({ nodeName, noticed, post: (path, body) => api.post(path, body, signal) });
}

const EXAMPLES = `
Keeps the rules of this machine up to date until it is stopped: SIGTERM leaves the rules, and "vipc cleanup" removes them. Takes kube-proxy's configuration file and flags, serves /healthz and /livez on port 10256, /metrics, /proxyMode and /configz on 10249, and takes over existing rules, also those of kube-proxy. Do not run it beside a kube-proxy.

Examples:
  # On a node of a cluster, with kube-proxy's own configuration
  vipc agent --config /var/lib/kube-proxy/config.conf --hostname-override worker-1

  # On a machine outside the cluster, to reach ClusterIPs from it; after a boot also before the API server answers
  vipc agent --kubeconfig /etc/vipc/kubeconfig --node-name $(hostname) --proxy-mode nftables --last-good /var/lib/vipc/last-good.json

  # Without a cluster: a folder of manifests, watched for changes
  vipc agent -f /etc/vipc/services --watch --service-cidr 10.96.0.0/16
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, _terminal: Terminal, done: Done): void {
  addHostsFileFlags(addConnectionFlags(addKernelFlags(addProxyFlags(command))))
    .description(
      'Watches the objects of a cluster or of files, and keeps the rules of this machine up to date.',
    )
    .option(
      '-f, --filename <path>',
      'objects from a file or folder instead of an API server; may be repeated',
      collect,
      [],
    )
    .option('-R, --recursive', 'with -f: read folders recursively', false)
    .option('--watch', 'with -f: watch the files for changes', false)
    .option(
      '--removal-grace-period <duration>',
      'with -f: how long Services are kept where more than half of them disappear at once; 0: not at all; overrides the file (default 30s)',
      durationOrZero('--removal-grace-period'),
    )
    .option(
      '--service-cidr <cidrs>',
      'with -f: network to assign missing ClusterIPs from; a comma-separated pair for dual stack',
      serviceCidrs,
      [],
    )
    .option(
      '--node-name <name>',
      'name of this machine; unlike with --hostname-override a Node of this name need not exist',
      objectName('--node-name'),
    )
    .option(
      '--zone <name>',
      'zone of the machine, for hints of EndpointSlices, if its Node has no zone label',
      labelValue('--zone'),
    )
    .option(
      '--templates <folder>',
      'render the rules with the templates of this folder (frame.hbs, port.hbs)',
    )
    .addOption(layoutOption())
    .addOption(profileOption())
    .option(
      '--drift <policy>',
      'what to do about rules that another program changed: off, report, repair; with ",watch" changes are noticed at once',
      withWords(['off', 'report', 'repair', 'watch'], driftPolicy),
      { policy: 'repair', watch: false },
    )
    .addOption(
      new Option(
        '--drift-interval <duration>',
        'how often all rules are compared, at most every sync period; cheap checks run at each of those',
      )
        .argParser(duration('--drift-interval'))
        .default(600_000, '10m'),
    )
    .option(
      '--last-good <file>',
      'save the last applied state to this file, and start from it where the kernel has no rules yet, also before the API server answers',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (flags: AgentFlags) => {
      const drift = driftText(flags.drift);
      done(await agent(flags, flagTexts({ ...flags, drift }, command.options)));
    });
}
