/**
 * What the flags of `vipc agent` mean: its source of objects, who this machine is, what is to be
 * kept and how.
 */

import type { Command } from 'commander';
import type { AgentOptions } from '../agent/agent.js';
import type { AgentObserver } from '../agent/observer.js';
import { HostsNames } from '../agent/observers/hosts-names.js';
import { readLastGood } from '../agent/observers/last-good.js';
import type { ObjectSource } from '../agent/source.js';
import { folderSource } from '../agent/sources/folder-source.js';
import { defaultFailedFolder } from '../apply/failed-input.js';
import { BACKENDS } from '../backends/index.js';
import type { Api } from '../cluster/api.js';
import type { LoadedConfig } from '../config/load.js';
import { CLUSTER_DOMAIN } from '../dns/records.js';
import { messageOf, UsageError } from '../errors.js';
import type { Host } from '../host/host.js';
import { hasIpv6 } from '../host/rights.js';
import type { Cidr } from '../net/cidr.js';
import type { Snapshot } from '../snapshot/types.js';
import { type ClusterListener, openCluster } from './cluster.js';
import { CLUSTER_FLAGS, type ClusterFlags, clusterFlagText } from './cluster-flags.js';
import { FAMILIES } from './compiled-inputs.js';
import { clusterDomain, type DriftPolicy } from './flags.js';
import type { KernelFlags } from './kernel-flags.js';
import type { ProxyFlags } from './proxy-flags.js';
import { customLayoutOf } from './read-inputs.js';

/** The flags of `vipc agent` that kube-proxy does not have, checked one by one. */
export interface AgentFlags extends ProxyFlags, AgentSourceFlags, KernelFlags {
  readonly nodeName?: string;
  readonly zone?: string;
  readonly templates?: string;
  readonly clusterDomain: string;
  readonly drift: DriftPolicy;
  /** Milliseconds. */
  readonly driftInterval: number;
}

/** Milliseconds that rules wait for the Node of a kube-proxy that must have one. */
const NODE_WAIT = 30_000;
/** Milliseconds: half of what the Pods of deploy/daemonset.yaml have to end. */
const LOAD_GRACE = 5000;

export type AgentRunOptions = Omit<AgentOptions, 'observer'>;

/** Who this machine is, what is to be kept there, and how. */
export async function agentOptions(
  flags: AgentFlags,
  { config, agent: settings }: LoadedConfig,
  host: Host,
  listener: ClusterListener,
): Promise<{ readonly options: AgentRunOptions; readonly api: Api | undefined }> {
  const mode = config.mode || 'iptables';
  BACKENDS[mode].kernel.checkFlags(flags);
  const layout = await customLayoutOf(mode, flags);
  const family = flags.family ?? ((await hasIpv6(host)) ? 'dual' : 'ipv4');
  const nodeName =
    flags.nodeName ?? (config.hostnameOverride || host.hostname().trim().toLowerCase());
  const { kubeconfig } = settings.clientConnection;
  const { lastGood } = flags;
  const hasLastGood = lastGood !== undefined && (await host.inode(lastGood)) !== undefined;
  const { source, api } = await agentSource(flags, { kubeconfig, nodeName, hasLastGood }, listener);
  const options: AgentRunOptions = {
    ...{ host, source, mode, nodeName },
    config,
    ...settings.periods[mode],
    families: FAMILIES[family],
    zone: flags.zone ?? '',
    // kube-proxy's name for a node says that there is one; ours says who the machine is.
    isNodeExpected: api !== undefined && flags.nodeName === undefined,
    nodeWait: NODE_WAIT,
    drift: { ...flags.drift, interval: flags.driftInterval },
    // What a complete list of an API server lacks was deleted.
    removalGracePeriod:
      api === undefined ? (flags.removalGracePeriod ?? settings.removalGracePeriod) : 0,
    lock: { timeout: flags.lockTimeout * 1000, about: `pid ${process.pid} (vipc agent)` },
    timeout: flags.timeout * 1000,
    loadGrace: LOAD_GRACE,
    failedFolder: flags.failedDir ?? defaultFailedFolder(host),
    verify: flags.verify,
    iptables: flags.iptables,
    ...(layout === undefined ? {} : { layout }),
    ...(lastGood === undefined ? {} : { lastGood: () => restored(host, lastGood, listener) }),
  };
  return { options, api };
}

/** What a former agent applied last, if there is any. */
async function restored(
  host: Host,
  path: string,
  { noticed }: ClusterListener,
): Promise<Snapshot | undefined> {
  const { loaded, diagnostics } = await readLastGood(host, path);
  noticed(diagnostics);
  return loaded?.snapshot;
}

/** The flags that say where objects come from. */
export interface AgentSourceFlags extends ClusterFlags {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly watch: boolean;
  readonly serviceCidr: readonly Cidr[];
  /** Milliseconds; overrides the configuration. */
  readonly removalGracePeriod?: number;
  readonly master?: string;
  /** The file of the last good state. */
  readonly lastGood?: string;
  /** A file whose block has the names of Services. */
  readonly hostsFile?: string;
}

/** What else decides about the source. */
interface SourceChoice {
  /** As the configuration has it, of which `--kubeconfig` is a field; `''` for none. */
  readonly kubeconfig: string;
  readonly nodeName: string;
  readonly hasLastGood: boolean;
}

/** A source, and the API server behind it if there is one. */
export interface AgentSource {
  readonly source: ObjectSource;
  readonly api: Api | undefined;
}

/**
 * Throws UsageError for flags that do not go together. Where no server can be found or no
 * credentials can be had, throws ClusterError, unless there is a file with a last good state:
 * then they are looked for until they are there.
 */
export async function agentSource(
  flags: AgentSourceFlags,
  { kubeconfig, nodeName, hasLastGood }: SourceChoice,
  listener: ClusterListener,
): Promise<AgentSource> {
  const { filename, recursive, watch, serviceCidr, master } = flags;
  if (filename.length > 0) {
    const [named] = serverFlags(flags);
    if (named !== undefined)
      throw new UsageError(`-f and ${named}, a flag for an API server, cannot be used together`);
    if (filename.includes('-'))
      throw new UsageError('-f - ends, and an agent does not: give a file or a folder');
    const source = folderSource({ paths: filename, recursive, watch, serviceCidrs: serviceCidr });
    return { source, api: undefined };
  }
  if (recursive || watch || serviceCidr.length > 0 || flags.removalGracePeriod !== undefined)
    throw new UsageError(
      '--recursive, --watch, --service-cidr and --removal-grace-period are for -f',
    );
  const [{ clusterSource }, { lazyApi }] = await Promise.all([
    import('../agent/sources/cluster-source.js'),
    import('../cluster/api.js'),
  ]);
  if (flags.server !== undefined && master !== undefined)
    throw new UsageError('--server and --master cannot be used together: both name the API server');
  const { context, cluster, user, as, asGroup, asUid, server = master, requestTimeout } = flags;
  const chosen = { context, cluster, user, as, asGroup, asUid, server, requestTimeout };
  const open = (): Promise<Api> =>
    openCluster({ ...chosen, kubeconfig: kubeconfig || undefined }, listener);
  const api = hasLastGood ? lazyApi(warning(open, listener)) : await open();
  const names = flags.hostsFile !== undefined;
  return { source: clusterSource(api, nodeName, { names }), api };
}

/** The same with a warning for each failure that is not that of the attempt before. */
function warning(open: () => Promise<Api>, { noticed }: ClusterListener): () => Promise<Api> {
  let last = '';
  return () =>
    open().catch((error: unknown) => {
      const reason = messageOf(error);
      if (reason !== last) {
        const message = `no API server can be asked, the agent keeps the rules that there are or the last good state and tries again: ${reason}`;
        noticed([{ code: 'cluster-not-found', severity: 'warning', message }]);
      }
      last = reason;
      throw error;
    });
}

/** The given flags for the API server. */
function serverFlags(flags: AgentSourceFlags): readonly string[] {
  const names = CLUSTER_FLAGS.filter((name) => flags[name] !== undefined);
  return [...names.map(clusterFlagText), ...(flags.master === undefined ? [] : ['--master'])];
}

/** Keeps the names of Services in a hosts file; `undefined` without `--hosts-file`. */
export function hostsNames(
  { hostsFile, clusterDomain: domain }: AgentFlags,
  families: AgentRunOptions['families'],
  noticed: Required<AgentObserver>['noticed'],
): HostsNames | undefined {
  if (hostsFile === undefined) return undefined;
  return new HostsNames({ path: hostsFile, domain, families, noticed });
}

/** The command with the flags of {@link hostsNames}. */
export function addHostsFileFlags(command: Command): Command {
  return command
    .option(
      '--hosts-file <file>',
      'keep the names of Services as a block in this file, such as /etc/hosts; the block stays, "vipc hosts --remove" removes it',
    )
    .option(
      '--cluster-domain <domain>',
      'with --hosts-file: DNS domain of the cluster',
      clusterDomain,
      CLUSTER_DOMAIN,
    );
}
