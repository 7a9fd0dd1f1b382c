/** Reads the files that a test names: objects, configuration, host facts and dumps. */

import { dirname, isAbsolute, join } from 'node:path';
import { type TestDocument, testFault } from '../behaviour/test-file.js';
import { parseNetworks } from '../behaviour/test-rules.js';
import { defaultConfig } from '../config/defaults.js';
import { hostFactsOf, loadHostFacts } from '../config/host-facts.js';
import { loadConfig, loadConfigValue } from '../config/load.js';
import type { HostFacts, ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { ConfigError, VipcError } from '../errors.js';
import { filesOf } from '../host/input-files.js';
import { passedOver } from '../host/special-files.js';
import type { FieldPath } from '../input/path.js';
import { invalid } from '../input/problem.js';
import type { Source } from '../input/source.js';
import { readDump } from './rule-sources.js';
import { type ReadSources, readText } from './sources.js';

/** A test with everything that it names. */
export interface TestInputs {
  readonly document: TestDocument;
  readonly sources: readonly Source[];
  readonly config: ProxyConfig;
  readonly host: HostFacts | undefined;
  /** Dumps whose rules are tested; none: those that the objects compile to. */
  readonly dumps: readonly Source[];
  /** What was passed over. */
  readonly warnings: readonly Diagnostic[];
}

/** What was read; absent where something is wrong with it, which is in the diagnostics. */
export interface ReadTest {
  readonly inputs?: TestInputs;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads what a test names. A relative path starts at the folder of the test's file. */
export async function readTestInputs(document: TestDocument): Promise<ReadTest> {
  const diagnostics: Diagnostic[] = [];
  /** What is read for a field; `undefined` where that fails. */
  const attempt = async <T>(path: FieldPath, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      for (const fault of faultsOf(error, path, document)) diagnostics.push(fault);
      return undefined;
    }
  };
  const sources: Source[] = [];
  const warnings: Diagnostic[] = [];
  for (const [path, name] of namesOf(document, 'snapshot')) {
    const found = await attempt(path, () => readSources(name));
    for (const source of found?.sources ?? []) sources.push(source);
    for (const warning of found?.diagnostics ?? []) warnings.push(warning);
  }
  const dumps: Source[] = [];
  for (const [path, name] of namesOf(document, 'rules')) {
    const text = await attempt(path, () => readDump(name));
    if (text !== undefined) dumps.push({ name, text });
  }
  const config = await attempt(['config'], () => configOf(document));
  const host = await attempt(['host'], () => hostOf(document));
  if (config === undefined || diagnostics.length > 0) return { diagnostics };
  return { inputs: { document, sources, config, host, dumps, warnings }, diagnostics };
}

/** Whatever was thrown, as faults of a field; those of a configuration have their own places. */
function faultsOf(
  error: unknown,
  path: FieldPath,
  { position }: TestDocument,
): readonly Diagnostic[] {
  if (!(error instanceof VipcError)) throw error;
  if (error instanceof ConfigError && error.diagnostics.length > 0)
    return error.diagnostics.filter(({ severity }) => severity === 'error');
  return [testFault(invalid(path, error.message, undefined, error.hint || undefined), position)];
}

/** The paths that a field names, each with its place in the test. */
function namesOf(
  { file, test }: TestDocument,
  field: 'snapshot' | 'rules',
): readonly (readonly [path: FieldPath, name: string])[] {
  const value = test[field] ?? [];
  if (typeof value === 'string') return [[[field], pathFrom(file, value)]];
  return value.map((name, i) => [[field, i], pathFrom(file, String(name))]);
}

function pathFrom(file: string, name: string): string {
  return isAbsolute(name) ? name : join(dirname(file), name);
}

/** The objects of a file or folder. */
async function readSources(path: string): Promise<ReadSources> {
  const { files, special } = await filesOf(path, false);
  const sources: Source[] = [];
  for (const name of files) sources.push({ name, text: await readText(name) });
  return { sources, diagnostics: passedOver(special) };
}

/** The configuration of the node: a file, a value, or kube-proxy's defaults. */
async function configOf({ file, test, position }: TestDocument): Promise<ProxyConfig> {
  const { config, clusterCIDR = '' } = test;
  if (config === undefined)
    return { ...defaultConfig, clusterCidrs: parseNetworks(clusterCIDR) ?? [] };
  if (typeof config !== 'string')
    return loadConfigValue(config, file, (path, part) => position(['config', ...path], part))
      .config;
  const path = pathFrom(file, config);
  return loadConfig(await readText(path), path).config;
}

async function hostOf({ file, test, position }: TestDocument): Promise<HostFacts | undefined> {
  const { host } = test;
  if (host === undefined) return undefined;
  if (typeof host === 'string') {
    const path = pathFrom(file, host);
    return loadHostFacts(await readText(path), path);
  }
  const place: TestDocument['position'] = (path, part) => position(['host', ...path], part);
  return hostFactsOf({ value: host, diagnostics: [], position: place }, file);
}
