/**
 * From the flags that say what should be there to compiled rules: what compile, diff and apply have
 * in common.
 */

import type { Layout } from '../backends/layout.js';
import { defaultConfig } from '../config/defaults.js';
import { loadHostFacts } from '../config/host-facts.js';
import { type LoadedConfig, loadConfig } from '../config/load.js';
import type { HostFacts, ProxyConfig } from '../config/types.js';
import { type Diagnostic, servicesInError } from '../diagnostics.js';
import { UsageError } from '../errors.js';
import type { Source } from '../input/source.js';
import type { ServiceNames } from '../model/types.js';
import type { Cidr } from '../net/cidr.js';
import type { Family } from '../net/ip.js';
import { type Compiled, compileSnapshot } from '../pipeline.js';
import type { BackendName } from '../ruleset/types.js';
import { loadSnapshot } from '../snapshot/load.js';
import { locate } from '../snapshot/locate.js';
import { manifestNotes } from '../snapshot/notes.js';
import type { NamespacedName, Snapshot } from '../snapshot/types.js';
import {
  CLUSTER_FLAGS,
  type ClusterFlags,
  clusterFlagText,
  listLines,
  readClusterObjects,
} from './cluster.js';
import { isSelected, keptServices, type SelectionFlags } from './kept-services.js';
import { chooseNode } from './node-choice.js';
import { CLUSTER, checkFolder, readSources, readText } from './sources.js';
import type { Terminal } from './terminal.js';

/**
 * The flags that say what should be there, each checked. Those of the cluster go with `-f cluster`.
 */
export interface InputFlags extends ClusterFlags {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly config?: string;
  readonly host?: string;
  /** Beats the configuration's, as kube-proxy's flag does. */
  readonly hostnameOverride?: string;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly namespace?: string;
  /** Only these, `namespace/name`; all where there is none. */
  readonly services?: readonly NamespacedName[] | undefined;
  /**
   * Whether Services that the input does not name lose their rules; absent: with `-f cluster`
   * alone.
   */
  readonly prune?: boolean;
  readonly mode?: BackendName;
  readonly family: 'ipv4' | 'ipv6' | 'dual';
  readonly serviceCidr: readonly Cidr[];
  readonly templates?: string;
}

/** What the flags come to. */
export interface CompiledInputs {
  /** One per family, in the order of {@link FAMILIES}. */
  readonly compiled: readonly Compiled[];
  /** Before a namespace was selected. */
  readonly snapshot: Snapshot;
  readonly config: ProxyConfig;
  readonly host: HostFacts | undefined;
  readonly mode: BackendName;
  readonly diagnostics: readonly Diagnostic[];
  /** Services that the input says less of than it meant to, because an object was left out. */
  readonly incomplete: ReadonlySet<NamespacedName>;
  /** Services that keep the rules that the kernel has for them. */
  readonly kept: ServiceNames;
  /** Adds the places in the input; done late, because it reads the input once more. */
  readonly locate: (diagnostics: readonly Diagnostic[]) => readonly Diagnostic[];
}

/** The families that `--family` stands for. */
export const FAMILIES: Readonly<Record<InputFlags['family'], readonly Family[]>> = {
  ipv4: ['IPv4'],
  ipv6: ['IPv6'],
  dual: ['IPv4', 'IPv6'],
};

/** Everything that was read, before anything is compiled. */
export interface Inputs {
  /** Every `-f`; without any, the cluster that the configuration names. */
  readonly filename: readonly string[];
  readonly sources: readonly Source[];
  readonly config: ProxyConfig;
  readonly host: HostFacts | undefined;
  readonly layout: Layout | undefined;
  readonly mode: BackendName;
  readonly diagnostics: readonly Diagnostic[];
}

/** Facts of the machine that the rules are for, where they do not come from a file. */
export interface InputDefaults {
  /** Stands in for `--host`. */
  readonly host?: HostFacts;
}

/**
 * Reads what the flags name and compiles it. Throws InputError, ConfigError, UnsupportedError or
 * UsageError.
 */
export async function compileInputs(
  flags: InputFlags,
  terminal: Terminal,
  defaults: InputDefaults = {},
): Promise<CompiledInputs> {
  return compileRead(await readInputs(flags, terminal), flags, defaults);
}

/** Compiles what was read. Throws UnsupportedError or UsageError. */
export function compileRead(
  inputs: Inputs,
  flags: InputFlags,
  defaults: InputDefaults = {},
): CompiledInputs {
  const loaded = loadSnapshot(inputs.sources, { serviceCidrs: flags.serviceCidr });
  const { config, layout, mode } = inputs;
  const host = inputs.host ?? defaults.host;
  const node = chooseNode(loaded.snapshot, { flag: flags.nodeName, config, host });
  const selected = selectServices(loaded.snapshot, flags);
  const compiled = FAMILIES[flags.family].map((family) =>
    compileSnapshot(selected.snapshot, family, {
      config,
      nodeName: node.nodeName,
      mode,
      ...(flags.zone === undefined ? {} : { zone: flags.zone }),
      ...(host === undefined ? {} : { host }),
      ...(layout === undefined ? {} : { layout }),
    }),
  );
  const diagnostics = unique([
    ...inputs.diagnostics,
    ...node.diagnostics,
    ...selected.diagnostics,
    ...loaded.diagnostics,
    ...(inputs.sources.every(({ stored }) => stored) ? [] : manifestNotes(selected.snapshot)),
    ...compiled.flatMap((result) => result.diagnostics),
  ]);
  const incomplete = new Set([...loaded.incomplete, ...servicesInError(diagnostics)]);
  return {
    compiled,
    snapshot: loaded.snapshot,
    config,
    host,
    mode,
    diagnostics,
    incomplete,
    kept: keptServices(
      { ...flags, filename: inputs.filename },
      loaded.snapshot.services,
      incomplete,
    ),
    locate: (some) => locate(some, loaded, inputs.sources),
  };
}

/** Reads what the flags name. Throws InputError, ClusterError or ConfigError. */
export async function readInputs(
  flags: Omit<InputFlags, 'family'>,
  terminal: Terminal,
): Promise<Inputs> {
  const config = await readConfig(flags);
  const host =
    flags.host === undefined ? undefined : loadHostFacts(await readText(flags.host), flags.host);
  const mode = chooseMode(flags.mode, config.config);
  const layout =
    flags.templates === undefined ? undefined : await layoutOf(mode.name, flags.templates);
  const named = config.agent?.clientConnection.kubeconfig || undefined;
  const kubeconfig = flags.kubeconfig ?? named;
  const filename = flags.filename.length === 0 && named !== undefined ? [CLUSTER] : flags.filename;
  const read = await readObjects({ ...flags, filename }, kubeconfig, terminal);
  return {
    config: config.config,
    filename,
    sources: read.sources,
    host,
    layout,
    mode: mode.name,
    diagnostics: [...config.diagnostics, ...mode.diagnostics, ...read.diagnostics],
  };
}

/** The configuration of the node, kube-proxy's defaults where no file is given. */
async function readConfig({
  config: path,
  hostnameOverride,
}: Pick<InputFlags, 'config' | 'hostnameOverride'>): Promise<
  Pick<LoadedConfig, 'config' | 'diagnostics'> & Partial<Pick<LoadedConfig, 'agent'>>
> {
  const overrides = hostnameOverride === undefined ? {} : { hostnameOverride };
  if (path === undefined) return { config: { ...defaultConfig, ...overrides }, diagnostics: [] };
  return loadConfig(await readText(path), path, overrides);
}

/** The layout of `--templates`. The compiler of templates is loaded only for it. */
export async function layoutOf(mode: BackendName, folder: string): Promise<Layout> {
  await checkFolder(folder);
  const { customLayout } = await import('../backends/custom-layout.js');
  return customLayout(mode, folder);
}

async function readObjects(
  flags: Omit<InputFlags, 'family'>,
  kubeconfig: string | undefined,
  terminal: Terminal,
): Promise<Pick<Inputs, 'sources' | 'diagnostics'>> {
  const { filename, recursive } = flags;
  for (const flag of CLUSTER_FLAGS)
    if (flags[flag] !== undefined && !filename.includes(CLUSTER))
      throw new UsageError(`${clusterFlagText(flag)} is for -f cluster`);
  let diagnostics: readonly Diagnostic[] = [];
  const sources = await readSources(filename, recursive, terminal, async () => {
    const read = await readClusterObjects({ ...flags, kubeconfig });
    diagnostics = read.diagnostics;
    return { name: CLUSTER, text: listLines(read.objects), stored: true };
  });
  return { sources, diagnostics };
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

/**
 * The selected Services. Chosen after loading, so that addresses that were filled in do not depend
 * on the choice.
 */
function selectServices(
  snapshot: Snapshot,
  flags: SelectionFlags,
): { readonly snapshot: Snapshot; readonly diagnostics: readonly Diagnostic[] } {
  const { namespace, services = [] } = flags;
  const selected = [...snapshot.services].filter(([name]) => isSelected(name, flags));
  const messages = services
    .filter((name) => !snapshot.services.has(name))
    .map((name) => `no Service ${name} in the input`);
  if (namespace !== undefined && selected.length === 0)
    messages.push(`no Service in namespace ${namespace}`);
  return {
    snapshot: { ...snapshot, services: new Map(selected) },
    diagnostics: messages.map((message) => ({
      code: 'selection-empty',
      severity: 'warning',
      message,
    })),
  };
}

/** Both families say the same about a Service; a reader needs it once. */
function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter((diagnostic) => {
    const key = JSON.stringify(diagnostic);
    return !seen.has(key) && seen.add(key);
  });
}
