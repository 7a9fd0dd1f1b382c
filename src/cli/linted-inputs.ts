/** From what was read to the findings about it. */

import { BACKENDS } from '../backends/index.js';
import type { NamedRules } from '../backends/named-rules.js';
import { configDocument, onlyDocument } from '../config/config-map.js';
import type { ConfigDocument } from '../config/problems.js';
import { hasErrors } from '../diagnostics.js';
import { fieldSteps } from '../input/path.js';
import { asksForProxyProtocol } from '../lint/checks/load-balancers.js';
import { type LintResult, lint } from '../lint/lint.js';
import { inFile, type LintFinding } from '../lint/rule.js';
import { serviceFamilies } from '../model/service-ports.js';
import type { Cidr } from '../net/cidr.js';
import type { Family } from '../net/ip.js';
import { type Compiled, compileSnapshot, layoutOf } from '../pipeline.js';
import { locate } from '../snapshot/locate.js';
import { manifestNotes } from '../snapshot/notes.js';
import { originKey } from '../snapshot/objects.js';
import type { Snapshot } from '../snapshot/types.js';
import { FAMILIES, type LoadedInputs, loadInputs, unique } from './compiled-inputs.js';
import type { InputFlags } from './input-flags.js';
import type { Inputs } from './read-inputs.js';
import { readDumpFile, rulesOfDump } from './rule-sources.js';
import { readText } from './sources.js';
import { refuseUnusable } from './usable-inputs.js';

/** The flags that decide about findings. */
export interface LintInputFlags extends Omit<InputFlags, 'family'> {
  readonly allowExternalIps?: readonly Cidr[];
  /** A dump of the machine's rules. */
  readonly rules?: string;
}

/** The rules of each family in a dump, of the families that its text shows, else of IPv4. */
export async function dumpOf(path: string | undefined): Promise<readonly NamedRules[]> {
  if (path === undefined) return [];
  return [...rulesOfDump(await readDumpFile(path)).values()];
}

/**
 * Every finding about the input, with its place. Throws SnapshotError where the input has objects
 * and none of them is about Services.
 */
export function lintInputs(
  inputs: Inputs,
  flags: LintInputFlags,
  dump: readonly NamedRules[],
): LintResult {
  const read = loadInputs(inputs, flags, { wantsAnnotation: asksForProxyProtocol });
  // Also with -n: Services of other namespaces may have the same addresses.
  const { snapshot } = read.loaded;
  const compiled = familiesInUse(snapshot).map((family) =>
    compileSnapshot(snapshot, family, read.options),
  );
  return lintLoaded(inputs, read, compiled, flags, dump);
}

/** The same about what was loaded with its annotations, and compiled. */
export function lintLoaded(
  inputs: Inputs,
  { loaded, options, host, ...before }: LoadedInputs,
  compiled: readonly Compiled[],
  flags: LintInputFlags,
  dump: readonly NamedRules[],
): LintResult {
  const { snapshot } = loaded;
  const hasObjects = inputs.sources.length > 0;
  const unfit = [
    ...(host === undefined ? [] : BACKENDS[inputs.mode].unsupported(host)),
    ...layoutOf(options).diagnostics,
  ];
  const aboutHost = new Set(unfit.map(({ code }) => code));
  const diagnostics = unique([
    ...(hasObjects ? before.diagnostics : inputs.diagnostics),
    ...manifestNotes(snapshot, loaded.unclaimed, { serviceCidrs: flags.serviceCidr }),
    ...unfit,
    ...dump
      .flatMap((rules) => rules.diagnostics)
      .map((one) => ({ ...one, ...inFile(flags.rules) })),
    ...compiled.flatMap((result) => result.diagnostics),
  ]).map((found) => (aboutHost.has(found.code) ? { ...found, ...inFile(flags.host) } : found));
  const place = (some: readonly LintFinding[]): readonly LintFinding[] =>
    locate(some, loaded, inputs.sources);
  if (hasObjects && !hasErrors(diagnostics))
    refuseUnusable({ snapshot, diagnostics, locate: place });
  const { findings, remarks } = lint({
    snapshot,
    models: compiled.map(({ model }) => model),
    annotations: (object) => loaded.annotations.get(originKey(object)) ?? {},
    diagnostics: place(diagnostics),
    config: inputs.config,
    serviceCidrs: flags.serviceCidr,
    mode: inputs.mode,
    host,
    programs: dump.map(({ program }) => program),
    allowedExternalIps: flags.allowExternalIps,
    files: { config: flags.config, host: flags.host, rules: flags.rules },
  });
  const chosen = findings.filter(
    ({ object }) =>
      flags.namespace === undefined || ['', flags.namespace].includes(object?.namespace ?? ''),
  );
  return { findings: place(chosen), remarks };
}

/** The families that Services have rules in. */
function familiesInUse({ services }: Snapshot): readonly Family[] {
  const used = new Set([...services.values()].flatMap(serviceFamilies));
  return FAMILIES.dual.filter((family) => used.has(family));
}

/** The files that findings are about, besides those of objects. */
interface NamedFiles {
  readonly config?: string;
  readonly host?: string;
}

/**
 * The findings, in their order. Those that name a field of one of the files and its beginning get
 * the place of the field, or of what is nearest to it. The files are read again, where need be.
 */
export async function placedInFiles(
  findings: readonly LintFinding[],
  { config, host }: NamedFiles,
): Promise<readonly LintFinding[]> {
  const documents = new Map<string, ConfigDocument>();
  const isNeeded = (path: string): boolean => findings.some((found) => pointsAt(found, path));
  if (config !== undefined && isNeeded(config))
    documents.set(config, configDocument(await readText(config), config));
  if (host !== undefined && isNeeded(host))
    documents.set(host, onlyDocument(await readText(host), host));
  return findings.map((found) => {
    const document = documents.get(found.position?.file ?? '');
    if (document === undefined || !pointsAt(found, found.position?.file)) return found;
    const position = document.position(fieldSteps(found.field ?? ''), 'value');
    return position === undefined ? found : { ...found, position };
  });
}

/** Whether all that is known of the place is the file. */
function pointsAt({ field, position }: LintFinding, path: string | undefined): boolean {
  return (
    field !== undefined &&
    position !== undefined &&
    position.file === path &&
    position.line === 1 &&
    position.column === 1
  );
}
