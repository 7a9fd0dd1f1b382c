/**
 * The conformance cases: those among the fixtures, and the whole set where it lies beside the
 * project.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { ConfigOverrides } from '../../../src/config/load.js';
import type { HostFacts, ProxyConfig } from '../../../src/config/types.js';
import {
  type BackendName,
  type Compiled,
  compileSnapshot,
  type Diagnostic,
  type Family,
  type LoadedSnapshot,
  loadConfig,
  loadHostFacts,
  loadSnapshot,
} from '../../../src/index.js';

const FIXTURES = new URL('../../../fixtures/conformance/', import.meta.url);
/** The random and the large cases, too big for this repository. */
const SHARED = new URL('../../../../shared/conformance/cases/', import.meta.url);

export interface ConformanceCase {
  readonly name: string;
  /** Its directory, with a slash at the end. */
  readonly url: URL;
  readonly recordedHere: boolean;
}

/** Whether the whole set is there. */
export function hasSharedCases(): boolean {
  return existsSync(SHARED);
}

let allCases: readonly ConformanceCase[] | undefined;

/** Every case once, fixtures first. */
export function conformanceCases(): readonly ConformanceCase[] {
  allCases ??= readCases();
  return allCases;
}

function readCases(): readonly ConformanceCase[] {
  const fixtures = directories(FIXTURES).map((name) => ({
    name,
    url: new URL(`${name}/`, FIXTURES),
    recordedHere: true,
  }));
  const known = new Set(fixtures.map(({ name }) => name));
  const shared = hasSharedCases() ? directories(SHARED).filter((name) => !known.has(name)) : [];
  return [
    ...fixtures,
    ...shared.map((name) => ({ name, url: new URL(`${name}/`, SHARED), recordedHere: false })),
  ];
}

/** The text of one file of a case. */
export function readCaseFile(found: ConformanceCase, file: string): string {
  return readFileSync(new URL(file, found.url), 'utf8');
}

/** Whether a case has this file. */
export function hasCaseFile(found: ConformanceCase, file: string): boolean {
  return existsSync(new URL(file, found.url));
}

/** A case read once: what its snapshot's loading had to say, and its rules in either family. */
export function loadCase(
  found: ConformanceCase,
  mode: BackendName = 'iptables',
  overrides: ConfigOverrides = {},
): {
  readonly diagnostics: readonly Diagnostic[];
  readonly config: ProxyConfig;
  readonly compile: (family: Family) => Compiled;
} {
  const { snapshot, host, configText } = readCase(found);
  const { config } = loadConfig(configText, 'config.yaml', overrides);
  return {
    diagnostics: snapshot.diagnostics,
    config,
    compile: (family) => compileSnapshot(snapshot.snapshot, family, { config, host, mode }),
  };
}

/** The files of a case, read. */
interface CaseFiles {
  readonly snapshot: LoadedSnapshot;
  readonly host: HostFacts;
  readonly configText: string;
}

/** By the names of their cases, which many suites load. */
const caseFiles = new Map<string, CaseFiles>();

function readCase(found: ConformanceCase): CaseFiles {
  const known = caseFiles.get(found.name);
  if (known !== undefined) return known;
  const text = readCaseFile(found, 'snapshot.yaml');
  const files = {
    snapshot: loadSnapshot([{ name: 'snapshot.yaml', text }]),
    host: loadHostFacts(readCaseFile(found, 'host.yaml'), 'host.yaml'),
    configText: readCaseFile(found, 'config.yaml'),
  };
  caseFiles.set(found.name, files);
  return files;
}

function directories(url: URL): string[] {
  return readdirSync(url, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
