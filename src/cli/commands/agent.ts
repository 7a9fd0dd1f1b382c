/** `vipc agent`: keeps the kernel of this machine at the rules for a cluster or a folder, until it is told to stop. */

import { type AgentOptions, runAgent } from '../../agent/agent.js';
import { openLog } from '../../agent/log.js';
import { logObserver } from '../../agent/log-observer.js';
import { observers } from '../../agent/observer.js';
import { defaultFailedFolder } from '../../apply/failed-input.js';
import { KERNELS } from '../../apply/kernels.js';
import { hasIpv6 } from '../../apply/read-kernel.js';
import type { LoadedConfig } from '../../config/load.js';
import type { Host } from '../../host/host.js';
import { readText } from '../../host/input-files.js';
import { SystemHost } from '../../host/system-host.js';
import { customLayout } from '../../render/layout.js';
import { type AgentSourceFlags, agentSource } from '../agent-source.js';
import { FAMILIES } from '../compiled-inputs.js';
import type { DriftPolicy } from '../flag-values.js';
import { checkFolder } from '../inputs.js';
import { interruption } from '../interruption.js';
import { type ProxyFlags, proxyConfig } from '../proxy-flags.js';
import type { Terminal } from '../terminal.js';

/** The flags of `vipc agent` beside kube-proxy's, checked one by one. */
export interface AgentFlags extends ProxyFlags, AgentSourceFlags {
  readonly nodeName?: string;
  readonly zone?: string;
  readonly family?: 'ipv4' | 'ipv6' | 'dual';
  readonly iptables?: 'nft' | 'legacy';
  readonly templates?: string;
  readonly drift: DriftPolicy;
  /** Milliseconds. */
  readonly driftInterval: number;
  readonly lastGood?: string;
  readonly verify: boolean;
  /** Seconds. */
  readonly lockTimeout: number;
  /** Seconds. */
  readonly timeout: number;
  readonly failedDir?: string;
}

/** Runs until SIGTERM, SIGINT or SIGHUP, and leaves the rules. Throws what ends it otherwise. */
export async function agent(
  flags: AgentFlags,
  _terminal: Terminal,
  host: Host = new SystemHost(),
): Promise<number> {
  const { loaded, diagnostics } = await proxyConfig(flags, readText);
  const log = await openLog(loaded.agent.logging);
  const logs = logObserver(log);
  logs.noticed(diagnostics);
  const options = await agentOptions(flags, loaded, host);
  const interrupted = interruption();
  try {
    await runAgent({ ...options, observer: observers([logs]) }, interrupted.signal);
    return 0;
  } finally {
    interrupted.end();
  }
}

/** Who this machine is, what is to be kept there, and how. */
async function agentOptions(
  flags: AgentFlags,
  { config, agent: settings }: LoadedConfig,
  host: Host,
): Promise<Omit<AgentOptions, 'observer'>> {
  const mode = config.mode || 'iptables';
  KERNELS[mode].checkFlags(flags);
  if (flags.templates !== undefined) await checkFolder(flags.templates);
  const family = flags.family ?? ((await hasIpv6(host)) ? 'dual' : 'ipv4');
  const nodeName =
    flags.nodeName ?? (config.hostnameOverride || host.hostname().trim().toLowerCase());
  const { kubeconfig } = settings.clientConnection;
  const { source, api } = await agentSource(flags, kubeconfig, nodeName);
  return {
    ...{ host, source, mode, config, nodeName },
    ...settings.periods[mode],
    families: FAMILIES[family],
    zone: flags.zone ?? '',
    // kube-proxy's name for a node says that there is one; ours says who the machine is.
    isNodeExpected: api !== undefined && flags.nodeName === undefined,
    nodeWait: NODE_WAIT,
    drift: { policy: flags.drift.policy, interval: flags.driftInterval },
    lock: { timeout: flags.lockTimeout * 1000, about: `pid ${process.pid} (vipc agent)` },
    timeout: flags.timeout * 1000,
    failedFolder: flags.failedDir ?? defaultFailedFolder(host),
    verify: flags.verify,
    ...(flags.iptables === undefined ? {} : { iptables: flags.iptables }),
    ...(flags.templates === undefined ? {} : { layout: customLayout(flags.templates) }),
  };
}

/** Milliseconds; kube-proxy's `--hostname-override` waits as long for a Node. */
const NODE_WAIT = 30_000;
