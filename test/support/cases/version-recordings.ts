/**
 * What other versions of kube-proxy made of the conformance cases. Picked cases stand in
 * fixtures/kube-proxy-versions, each as the lines that differ from what the next newer version
 * made; the rest lies beside the project.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { BackendName, Family } from '../../../src/index.js';
import { type ConformanceCase, readCaseFile } from './conformance-cases.js';

const FIXTURES = new URL('../../../fixtures/kube-proxy-versions/', import.meta.url);
const SHARED = new URL('../../../../shared/conformance-versions/', import.meta.url);

/** One version in one mode. */
interface VersionRecording {
  readonly version: string;
  readonly mode: BackendName;
  /** The texts that count as equal; `undefined` where nothing was recorded. */
  readonly textsOf: (found: ConformanceCase, family: Family) => readonly string[] | undefined;
}

/** Every version and mode that was recorded, but for 1.36. */
export function versionRecordings(): readonly VersionRecording[] {
  return readdirSync(FIXTURES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: version }) =>
      (['iptables', 'nftables'] satisfies BackendName[])
        .filter((mode) => existsSync(new URL(`${version}/${mode}.patches`, FIXTURES)))
        .map((mode): VersionRecording => {
          const index = sharedIndex(version, mode);
          return {
            version,
            mode,
            textsOf: (found, family) =>
              patched(version, mode, found, family) ?? shared(version, mode, found, family, index),
          };
        }),
    );
}

interface Patches {
  readonly base: string;
  /** By case and family; more than one where kube-proxy gave one of several texts. */
  readonly patches: ReadonlyMap<string, readonly (readonly string[])[]>;
}

const read = new Map<string, Patches>();

function patchesOf(version: string, mode: BackendName): Patches {
  const path = `${version}/${mode}.patches`;
  const known = read.get(path);
  if (known !== undefined) return known;
  const [first = '', ...lines] = readFileSync(new URL(path, FIXTURES), 'utf8')
    .trimEnd()
    .split('\n');
  const patches = new Map<string, string[][]>();
  for (const line of lines) {
    const [, word, name] = /^(case|or) (\S+)$/.exec(line) ?? [];
    if (word === 'case') patches.set(name!, [[]]);
    else if (word === 'or') patches.get(name!)!.push([]);
    else [...patches.values()].at(-1)!.at(-1)!.push(line);
  }
  const found = { base: first.replace('base ', ''), patches };
  read.set(path, found);
  return found;
}

/** The texts of a case by patches, from those of 1.36 on. */
function patched(
  version: string,
  mode: BackendName,
  found: ConformanceCase,
  family: Family,
): readonly string[] | undefined {
  const end = `v${family.slice(3)}`;
  if (version === '1.36')
    return [readCaseFile(found, `expected.${mode === 'nftables' ? 'nft' : mode}.${end}`)];
  const { base, patches } = patchesOf(version, mode);
  const own = patches.get(`${found.name}.${end}`);
  const [before] = own === undefined ? [] : (patched(base, mode, found, family) ?? []);
  return before === undefined ? undefined : own?.map((patch) => patchText(before, patch));
}

/** `=N` keeps lines, `-N` leaves lines out, `+TEXT` adds one; an empty patch keeps all. */
function patchText(text: string, patch: readonly string[]): string {
  const lines = text.split('\n');
  if (patch.length === 0) return text;
  const out: string[] = [];
  let at = 0;
  for (const step of patch) {
    const count = Number(step.slice(1));
    if (step.startsWith('+')) out.push(step.slice(1));
    else if (step.startsWith('=')) out.push(...lines.slice(at, at + count));
    if (!step.startsWith('+')) at += count;
  }
  return out.join('\n');
}

/** The results of a version by case and family, where the whole recording is there. */
function sharedIndex(version: string, mode: BackendName): ReadonlyMap<string, string> {
  const url = new URL(`${version}/${mode}/index.tsv`, SHARED);
  const rows = existsSync(url) ? readFileSync(url, 'utf8').trimEnd().split('\n') : [];
  return new Map(
    rows.map((row): [string, string] => {
      const [name = '', family = '', result = ''] = row.split('\t');
      return [`${name}.${family === 'ip6' ? 'v6' : 'v4'}`, result];
    }),
  );
}

function shared(
  version: string,
  mode: BackendName,
  found: ConformanceCase,
  family: Family,
  index: ReadonlyMap<string, string>,
): readonly string[] | undefined {
  const name = `${found.name}.v${family.slice(3)}`;
  const result = index.get(name);
  if (result === 'equal') return patched('1.36', mode, found, family);
  if (result === undefined) return undefined;
  const texts = [name, `${name}.alt`]
    .map((file) => new URL(`${version}/${mode}/${file}`, SHARED))
    .filter((url) => existsSync(url))
    .map((url) => readFileSync(url, 'utf8'));
  return texts.length === 0 ? undefined : texts;
}
