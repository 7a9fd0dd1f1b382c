/** Reads what the flags of commands name that take objects. */

import type { Layout } from '../backends/layout.js';
import { defaultConfig } from '../config/defaults.js';
import { loadHostFacts } from '../config/host-facts.js';
import { type LoadedConfig, loadConfig } from '../config/load.js';
import type { HostFacts, ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { UsageError } from '../errors.js';
import type { Source } from '../input/source.js';
import { AUTO, profileOf } from '../profiles/profiles.js';
import type { BackendName } from '../ruleset/types.js';
import { listLines, readClusterObjects } from './cluster.js';
import { CLUSTER_FLAGS, type ClusterFlags, clusterFlagText } from './cluster-flags.js';
import type { InputFlags } from './input-flags.js';
import { CLUSTER, checkFolder, readSources, readText } from './sources.js';
import type { Terminal } from './terminal.js';

/** Everything that was read, before anything is compiled. */
export interface Inputs {
  /** Every `-f`; without any, the cluster that the configuration names. */
  readonly filename: readonly string[];
  readonly sources: readonly Source[];
  readonly config: ProxyConfig;
  readonly host: HostFacts | undefined;
  readonly layout: Layout | undefined;
  readonly mode: BackendName;
  /** The profile that a flag or the configuration names: a version, `auto`, or `''` for none. */
  readonly profile: string;
  /** Whether the rules have a layout that no kube-proxy has. */
  readonly isOwnLayout: boolean;
  /** Gates of the configuration, for profiles that are tried. */
  readonly featureGates: Readonly<Record<string, boolean>>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads what the flags of a command name that looks at no rules. Throws as {@link readAutoInputs}
 * does, and UsageError for the profile auto.
 */
export async function readInputs(
  flags: Omit<InputFlags, 'family'>,
  terminal: Terminal,
): Promise<Inputs> {
  const inputs = await readAutoInputs(flags, terminal);
  if (inputs.profile === AUTO)
    throw new UsageError('profile auto takes the version from rules, and compile reads none', {
      hint: 'name a version with --profile',
    });
  return inputs;
}

/**
 * Reads what the flags of a command name that finds out which kube-proxy wrote the rules that are
 * there. Throws InputError, ClusterError or ConfigError, and UsageError where they name no objects,
 * unless these are `optional`. With `unnamedProfile` the command does that also where no profile is
 * named.
 */
export async function readAutoInputs(
  flags: Omit<InputFlags, 'family'>,
  terminal: Terminal,
  objects: 'required' | 'optional' = 'required',
  unnamedProfile?: typeof AUTO,
): Promise<Inputs> {
  const config = await readConfig(flags, unnamedProfile);
  const host =
    flags.host === undefined ? undefined : loadHostFacts(await readText(flags.host), flags.host);
  const mode = chooseMode(flags.mode, config.config);
  const layout = await customLayoutOf(mode.name, flags);
  const named = config.agent?.clientConnection.kubeconfig || undefined;
  const kubeconfig = flags.kubeconfig ?? named;
  const filename = flags.filename.length === 0 && named !== undefined ? [CLUSTER] : flags.filename;
  const read =
    filename.length === 0 && objects === 'optional'
      ? { sources: [], diagnostics: [] }
      : await readObjects({ ...flags, filename }, kubeconfig, terminal);
  return {
    config: config.config,
    filename,
    sources: read.sources,
    host,
    layout,
    mode: mode.name,
    profile: flags.profile ?? config.raw?.profile ?? '',
    isOwnLayout: layout !== undefined || config.config.layout !== 'kube-proxy',
    featureGates: config.raw?.featureGates ?? {},
    diagnostics: [...config.diagnostics, ...mode.diagnostics, ...read.diagnostics],
  };
}

/** The configuration of the node, kube-proxy's defaults where no file is given. */
async function readConfig(
  {
    config: path,
    hostnameOverride,
    clusterCidr: clusterCidrs,
    layout,
    profile,
  }: Pick<InputFlags, 'config' | 'hostnameOverride' | 'clusterCidr' | 'layout' | 'profile'>,
  unnamedProfile: typeof AUTO | undefined,
): Promise<
  Pick<LoadedConfig, 'config' | 'diagnostics'> & Partial<Pick<LoadedConfig, 'agent' | 'raw'>>
> {
  const overrides = {
    ...(hostnameOverride === undefined ? {} : { hostnameOverride }),
    ...(layout === undefined ? {} : { layout }),
  };
  if (path === undefined) {
    const networks = clusterCidrs === undefined ? {} : { clusterCidrs };
    const followed = { profile: profileOf(profile ?? '') ?? defaultConfig.profile };
    const config = { ...defaultConfig, ...overrides, ...networks, ...followed };
    return { config, diagnostics: [] };
  }
  if (clusterCidrs !== undefined)
    throw new UsageError('--cluster-cidr and --config cannot be used together', {
      hint: 'put clusterCIDR into the file',
    });
  const followed = {
    ...(profile === undefined ? {} : { profile }),
    ...(unnamedProfile === undefined ? {} : { unnamedProfile }),
  };
  return loadConfig(await readText(path), path, { ...overrides, ...followed });
}

/**
 * The layout of `--templates`, if there is one. The compiler of templates is loaded only for it.
 */
export async function customLayoutOf(
  mode: BackendName,
  { templates, layout }: Pick<InputFlags, 'templates' | 'layout'>,
): Promise<Layout | undefined> {
  if (templates === undefined) return undefined;
  if (layout !== undefined)
    throw new UsageError('--templates and --layout cannot be used together: both name a layout');
  await checkFolder(templates);
  const { customLayout } = await import('../backends/custom-layout.js');
  return customLayout(mode, templates);
}

/** The objects that `-f` names. Throws UsageError, InputError or ClusterError. */
export async function readObjects(
  flags: ClusterFlags & Pick<InputFlags, 'filename' | 'recursive'>,
  kubeconfig: string | undefined,
  terminal: Terminal,
): Promise<Pick<Inputs, 'sources' | 'diagnostics'>> {
  const { filename, recursive } = flags;
  for (const flag of CLUSTER_FLAGS)
    if (flags[flag] !== undefined && !filename.includes(CLUSTER))
      throw new UsageError(`${clusterFlagText(flag)} is for -f cluster`);
  let listed: readonly Diagnostic[] = [];
  const { sources, diagnostics } = await readSources(filename, recursive, terminal, async () => {
    const read = await readClusterObjects({ ...flags, kubeconfig });
    listed = read.diagnostics;
    return { name: CLUSTER, text: listLines(read.objects), stored: true };
  });
  return { sources, diagnostics: [...listed, ...diagnostics] };
}

function chooseMode(
  flag: BackendName | undefined,
  config: ProxyConfig,
): { readonly name: BackendName; readonly diagnostics: readonly Diagnostic[] } {
  const name = flag ?? config.mode;
  if (name !== '') return { name, diagnostics: [] };
  const message =
    'compiled for mode iptables, because neither --mode nor the configuration names one';
  return { name: 'iptables', diagnostics: [{ code: 'mode-chosen', severity: 'note', message }] };
}
