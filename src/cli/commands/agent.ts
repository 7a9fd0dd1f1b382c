/** `vipc agent`: keeps the kernel of this machine at the rules for a cluster or a folder, until it is told to stop. */

import { type AgentOptions, runAgent } from '../../agent/agent.js';
import { configChanged } from '../../agent/config-watch.js';
import { type Events, openEvents } from '../../agent/events.js';
import { LastGood, readLastGood } from '../../agent/last-good.js';
import { openLog } from '../../agent/log.js';
import { logObserver } from '../../agent/log-observer.js';
import { openSystemd } from '../../agent/notify.js';
import { type AgentObserver, observers } from '../../agent/observer.js';
import { setOomScore } from '../../agent/oom-score.js';
import { createServing } from '../../agent/serving/serving.js';
import { spentMemory } from '../../agent/spent-memory.js';
import { defaultFailedFolder } from '../../apply/failed-input.js';
import { BACKENDS, customLayout } from '../../backends/index.js';
import type { Api } from '../../cluster/api.js';
import { completeConfig } from '../../config/complete-config.js';
import type { LoadedConfig } from '../../config/load.js';
import type { Diagnostic } from '../../diagnostics.js';
import { collectGarbage } from '../../host/collect-garbage.js';
import type { Host } from '../../host/host.js';
import { hasIpv6 } from '../../host/rights.js';
import { SystemHost } from '../../host/system-host.js';
import { type AgentSourceFlags, agentSource } from '../agent-source.js';
import { FAMILIES } from '../compiled-inputs.js';
import type { DriftPolicy } from '../flag-values.js';
import { checkFolder, readText } from '../inputs.js';
import { interruption } from '../interruption.js';
import type { KernelFlags } from '../kernel-flags.js';
import { flagTexts, type ProxyFlags, proxyConfig } from '../proxy-flags.js';
import type { Terminal } from '../terminal.js';
import { version } from '../version.js';

/** The flags of `vipc agent` beside kube-proxy's, checked one by one. */
export interface AgentFlags extends ProxyFlags, AgentSourceFlags, KernelFlags {
  readonly nodeName?: string;
  readonly zone?: string;
  readonly templates?: string;
  readonly drift: DriftPolicy;
  /** Milliseconds. */
  readonly driftInterval: number;
}

/** Milliseconds that rules wait for the Node of a kube-proxy that must have one. */
const NODE_WAIT = 30_000;
/** Milliseconds between two looks at the configuration file. */
const CONFIG_PERIOD = 5000;
/** What ends an agent whose configuration changed; whoever started it starts it again. */
const CONFIG_CHANGED = 1;

/** Runs until SIGTERM, SIGINT or SIGHUP, or until the configuration changed, and leaves the rules. Throws what ends it otherwise. */
export async function agent(
  flags: AgentFlags,
  _terminal: Terminal,
  host: Host = new SystemHost(),
): Promise<number> {
  const { loaded, diagnostics } = await proxyConfig(flags, readText);
  const log = logObserver(await openLog(loaded.agent.logging));
  log.noticed(diagnostics);
  log.noticed(await setOomScore(host, loaded.agent.oomScoreAdj));
  const saved = await lastGoodOf(flags, host);
  log.noticed(saved.diagnostics);
  const { options, api } = await agentOptions(flags, loaded, host);
  const interrupted = interruption();
  try {
    return await run({ ...options, ...saved.options }, api, flags, loaded, log, interrupted.signal);
  } finally {
    interrupted.end();
  }
}

type Options = Omit<AgentOptions, 'observer'>;

/** The agent with everything around it. Whatever part ends first, or fails, ends the others. */
async function run(
  options: Options,
  api: Api | undefined,
  flags: AgentFlags,
  { agent: config, raw }: LoadedConfig,
  log: Required<AgentObserver>,
  interrupted: AbortSignal,
): Promise<number> {
  const { host, mode, families } = options;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  interrupted.addEventListener('abort', end, { once: true });
  const events = eventsOf(options, api, log.noticed, ending.signal);
  const { noticed } = observers([log, events?.observer ?? {}]);
  const serving = createServing({
    ...{ config, mode, families, host, version: version() },
    configz: completeConfig(raw, mode),
    flags: flagTexts(flags),
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
  const saving: AgentObserver = { synced: ({ snapshot }) => lastGood?.applied(snapshot) };
  const observer = observers([
    ...[log, events?.observer ?? {}, serving.observer, systemd?.observer ?? {}, saving],
    spentMemory(collectGarbage),
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
  await lastGood?.close();
  api?.close();
  const failed = ends.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return exitCode;
}

/** What is told to the API server about this node; nothing where there is none. */
function eventsOf(
  { nodeName }: Options,
  api: Api | undefined,
  noticed: Required<AgentObserver>['noticed'],
  signal: AbortSignal,
): Events | undefined {
  if (api === undefined) return undefined;
  return openEvents({ nodeName, noticed, post: (path, body) => api.post(path, body, signal) });
}

/** What a former agent applied last, if there is any. */
async function lastGoodOf(
  { lastGood }: AgentFlags,
  host: Host,
): Promise<{
  readonly options: Pick<AgentOptions, 'lastGood'>;
  readonly diagnostics: readonly Diagnostic[];
}> {
  if (lastGood === undefined) return { options: {}, diagnostics: [] };
  const { loaded, diagnostics } = await readLastGood(host, lastGood);
  return { options: loaded === undefined ? {} : { lastGood: loaded.snapshot }, diagnostics };
}

/** Who this machine is, what is to be kept there, and how. */
async function agentOptions(
  flags: AgentFlags,
  { config, agent: settings }: LoadedConfig,
  host: Host,
): Promise<{ readonly options: Options; readonly api: Api | undefined }> {
  const mode = config.mode || 'iptables';
  BACKENDS[mode].kernel.checkFlags(flags);
  if (flags.templates !== undefined) await checkFolder(flags.templates);
  const family = flags.family ?? ((await hasIpv6(host)) ? 'dual' : 'ipv4');
  const nodeName =
    flags.nodeName ?? (config.hostnameOverride || host.hostname().trim().toLowerCase());
  const { kubeconfig } = settings.clientConnection;
  const { source, api } = await agentSource(flags, kubeconfig, nodeName);
  const options: Options = {
    ...{ host, source, mode, config, nodeName },
    ...settings.periods[mode],
    families: FAMILIES[family],
    zone: flags.zone ?? '',
    // kube-proxy's name for a node says that there is one; ours says who the machine is.
    isNodeExpected: api !== undefined && flags.nodeName === undefined,
    nodeWait: NODE_WAIT,
    drift: { ...flags.drift, interval: flags.driftInterval },
    lock: { timeout: flags.lockTimeout * 1000, about: `pid ${process.pid} (vipc agent)` },
    timeout: flags.timeout * 1000,
    failedFolder: flags.failedDir ?? defaultFailedFolder(host),
    verify: flags.verify,
    ...(flags.iptables === undefined ? {} : { iptables: flags.iptables }),
    ...(flags.templates === undefined ? {} : { layout: customLayout(mode, flags.templates) }),
  };
  return { options, api };
}
