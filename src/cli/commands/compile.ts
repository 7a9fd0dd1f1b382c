/** `vipc compile`: objects in, rules out. Reads files, runs the pipeline, prints or writes what it made. */

import { defaultConfig } from '../../config/defaults.js';
import { loadHostFacts } from '../../config/host-facts.js';
import { loadConfig } from '../../config/load.js';
import type { HostFacts, ProxyConfig } from '../../config/types.js';
import { type Diagnostic, hasErrors } from '../../diagnostics.js';
import { UsageError } from '../../errors.js';
import type { Cidr } from '../../net/cidr.js';
import type { Family } from '../../net/ip.js';
import { compileSnapshot, print } from '../../pipeline.js';
import { customLayout, type Layout } from '../../render/layout.js';
import type { BackendName } from '../../ruleset/types.js';
import { loadSnapshot } from '../../snapshot/load.js';
import { locate } from '../../snapshot/locate.js';
import type { Source } from '../../snapshot/read.js';
import type { Snapshot } from '../../snapshot/types.js';
import { type CompileResult, refuseUnusable, writeResult } from '../compile-result.js';
import { checkFolder, readSources, readText } from '../inputs.js';
import { chooseNode } from '../node-choice.js';
import type { Terminal } from '../terminal.js';

/** The flags of `vipc compile`, checked one by one. */
export interface CompileFlags {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly config?: string;
  readonly host?: string;
  readonly nodeName?: string;
  readonly namespace?: string;
  readonly mode?: BackendName;
  readonly family: 'ipv4' | 'ipv6' | 'dual';
  readonly serviceCidr: readonly Cidr[];
  readonly out?: string;
  readonly jumps: boolean;
  readonly templates?: string;
  readonly strict: boolean;
  readonly output: 'text' | 'json';
  readonly verbose: boolean;
}

/** Everything that was read, before anything is decided. */
interface Inputs {
  readonly sources: readonly Source[];
  readonly config: ProxyConfig;
  readonly host: HostFacts | undefined;
  readonly layout: Layout | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

const FAMILIES: Readonly<Record<CompileFlags['family'], readonly Family[]>> = {
  ipv4: ['IPv4'],
  ipv6: ['IPv6'],
  dual: ['IPv4', 'IPv6'],
};

/**
 * Compiles and prints. The exit code is 0, or 1 if an object was left out though the rest was
 * compiled. Throws SnapshotError, before anything is printed, if there is nothing to compile or
 * under --strict anything was left out.
 */
export async function compile(flags: CompileFlags, terminal: Terminal): Promise<number> {
  if (flags.out !== undefined && flags.output === 'json') {
    throw new UsageError('-o json and --out cannot be used together');
  }
  const inputs = await readInputs(flags, terminal);
  const mode = chooseMode(flags.mode, inputs.config);
  const loaded = loadSnapshot(inputs.sources, { serviceCidrs: flags.serviceCidr });
  const { config, host, layout } = inputs;
  const node = chooseNode(loaded.snapshot, { flag: flags.nodeName, config, host });
  const selected = selectNamespace(loaded.snapshot, flags.namespace);
  const compiled = FAMILIES[flags.family].map((family) =>
    compileSnapshot(selected.snapshot, family, {
      config,
      nodeName: node.nodeName,
      mode: mode.name,
      ...(host === undefined ? {} : { host }),
      ...(layout === undefined ? {} : { layout }),
    }),
  );
  const diagnostics = unique([
    ...inputs.diagnostics,
    ...mode.diagnostics,
    ...node.diagnostics,
    ...selected.diagnostics,
    ...loaded.diagnostics,
    ...compiled.flatMap((result) => result.diagnostics),
  ]);
  const result: CompileResult = {
    documents: compiled.map(({ ruleset }) => ({
      family: ruleset.family,
      text: print(ruleset, { jumps: flags.jumps }),
    })),
    models: compiled.map(({ model }) => model),
    diagnostics,
    locate: (some) => locate(some, loaded, inputs.sources),
  };
  refuseUnusable(result, loaded.snapshot, flags.strict);
  await writeResult(result, flags, terminal);
  return hasErrors(diagnostics) ? 1 : 0;
}

async function readInputs(flags: CompileFlags, terminal: Terminal): Promise<Inputs> {
  const config =
    flags.config === undefined
      ? { config: defaultConfig, diagnostics: [] }
      : loadConfig(await readText(flags.config), flags.config);
  const host =
    flags.host === undefined ? undefined : loadHostFacts(await readText(flags.host), flags.host);
  if (flags.templates !== undefined) await checkFolder(flags.templates);
  const layout = flags.templates === undefined ? undefined : customLayout(flags.templates);
  const sources = await readSources(flags.filename, flags.recursive, terminal);
  return { ...config, sources, host, layout };
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

/** The Services of a namespace. Chosen after loading, so that addresses that were filled in do not depend on the choice. */
function selectNamespace(
  snapshot: Snapshot,
  namespace: string | undefined,
): { readonly snapshot: Snapshot; readonly diagnostics: readonly Diagnostic[] } {
  if (namespace === undefined) return { snapshot, diagnostics: [] };
  const services = [...snapshot.services].filter(([name]) => name.startsWith(`${namespace}/`));
  const diagnostics: readonly Diagnostic[] =
    services.length > 0
      ? []
      : [
          {
            code: 'namespace-empty',
            severity: 'warning',
            message: `no Service in namespace ${namespace}`,
          },
        ];
  return { snapshot: { ...snapshot, services: new Map(services) }, diagnostics };
}

/** Both families say the same about a Service; a reader needs it once. */
function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter((diagnostic) => {
    const key = JSON.stringify(diagnostic);
    return !seen.has(key) && seen.add(key);
  });
}
