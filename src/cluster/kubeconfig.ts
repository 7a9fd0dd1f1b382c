/**
 * Reads kubeconfig files and picks one context, with kubectl's rules. Messages name file, entry and
 * field.
 */

import { createReadStream } from 'node:fs';
import { dirname } from 'node:path';
import { CORE_SCHEMA, loadAll } from 'js-yaml';
import { ClusterError } from '../errors.js';
import { decodeText } from '../input/text.js';
import { isArray, isObject, oneLine, quote } from '../input/value.js';
import { nearestName } from '../nearest-name.js';
import { Entry, errorReason, LARGEST_FILE } from './kubeconfig-entry.js';

/** A context with its cluster and user. */
export interface ResolvedContext {
  /** `context "prod" of /etc/kube/config`. */
  readonly description: string;
  readonly namespace: string;
  readonly cluster: Entry;
  readonly user: Entry;
}

type Section = 'contexts' | 'clusters' | 'users';

/** The merged content of kubeconfig files: of two entries with one name, the first counts. */
export interface Kubeconfig {
  readonly files: string;
  readonly currentContext: string;
  readonly contexts: ReadonlyMap<string, Entry>;
  readonly clusters: ReadonlyMap<string, Entry>;
  readonly users: ReadonlyMap<string, Entry>;
}

/**
 * Reads and merges files, earlier ones first. Throws ClusterError for a file that cannot be read or
 * parsed.
 */
export async function readKubeconfig(paths: readonly string[]): Promise<Kubeconfig> {
  const files = paths.join(', ');
  const found = await Promise.all(paths.map(readFileOf));
  const merged = (section: Section): ReadonlyMap<string, Entry> =>
    firstOfEach(found.flatMap((file) => [...file[section]]));
  return {
    files,
    currentContext: found.find(({ currentContext }) => currentContext !== '')?.currentContext ?? '',
    contexts: merged('contexts'),
    clusters: merged('clusters'),
    users: merged('users'),
  };
}

async function readFileOf(path: string): Promise<Kubeconfig> {
  const root = parse(path, await textOf(path));
  return {
    files: path,
    currentContext: new Entry(path, path, root, dirname(path)).text('current-context') ?? '',
    contexts: entriesOf(path, root, 'contexts'),
    clusters: entriesOf(path, root, 'clusters'),
    users: entriesOf(path, root, 'users'),
  };
}

/** Flags that override parts of the current context. */
export interface ContextOverrides {
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
}

/**
 * The named or the current context, with its cluster and user or those that the flags name. A
 * context without a user is anonymous. As with kubectl, no context is needed if a cluster is named.
 * Throws ClusterError for a name that does not exist.
 */
export function chooseContext(config: Kubeconfig, wanted: ContextOverrides): ResolvedContext {
  const context = contextOf(config, wanted);
  const user = wanted.user ?? context.text('user');
  return {
    description:
      context.name === '' ? config.files : `context ${quote(context.name)} of ${config.files}`,
    namespace: context.text('namespace') ?? 'default',
    cluster: entry(config, 'clusters', wanted.cluster ?? context.required('cluster'), context),
    user:
      user === undefined
        ? new Entry(`${context.place}: user`, '', {}, '')
        : entry(config, 'users', user, context),
  };
}

function contextOf(config: Kubeconfig, { context, cluster }: ContextOverrides): Entry {
  const name = context ?? config.currentContext;
  if (name !== '') return entry(config, 'contexts', name);
  if (cluster !== undefined) return new Entry(config.files, '', {}, '');
  const names = [...config.contexts.keys()].join(', ') || 'the file has no contexts';
  throw new ClusterError(
    `${config.files}: current-context is not set`,
    {},
    { hint: `--context NAME: ${names}` },
  );
}

function entry(config: Kubeconfig, section: Section, name: string, from?: Entry): Entry {
  const found = config[section].get(name);
  if (found !== undefined) return found;
  const names = [...config[section].keys()];
  const near = nearestName(name, names);
  throw new ClusterError(
    `${from?.place ?? config.files}: there is no ${quote(name)} among the ${section}`,
    {},
    { hint: near === undefined ? hintOf(names) : `did you mean ${near}?` },
  );
}

function hintOf(names: readonly string[]): string {
  return names.length === 0 ? 'there are none' : `there are: ${names.join(', ')}`;
}

/** The entries of one section by name. Of two with one name the first counts. */
function entriesOf(
  path: string,
  root: Readonly<Record<string, unknown>>,
  section: Section,
): ReadonlyMap<string, Entry> {
  const list = root[section] ?? [];
  if (!isArray(list)) throw new ClusterError(`${path}: ${section}: must be a list`);
  const entries = list.map((item, index): [string, Entry] => {
    const place = `${path}: ${section}[${index}]`;
    if (!isObject(item) || typeof item.name !== 'string')
      throw new ClusterError(`${place}: name is missing`);
    const named = `${path}: ${section} ${quote(item.name)}`;
    return [item.name, new Entry(named, item.name, item[section.slice(0, -1)], dirname(path))];
  });
  return firstOfEach(entries);
}

function firstOfEach(entries: readonly (readonly [string, Entry])[]): ReadonlyMap<string, Entry> {
  const first = new Map<string, Entry>();
  for (const [name, one] of entries) if (!first.has(name)) first.set(name, one);
  return first;
}

function parse(path: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const [root] = loadAll(text, { schema: CORE_SCHEMA });
    // kubectl reads an empty file as a kubeconfig without entries.
    if (root === undefined || root === null) return {};
    if (isObject(root)) return ofKubeconfig(path, root);
  } catch (error) {
    if (error instanceof ClusterError) throw error;
    const said = error instanceof Error ? oneLine(error.message) : '';
    throw new ClusterError(`${path}: is not YAML: ${said}`, {}, { cause: error });
  }
  throw new ClusterError(`${path}: is not a kubeconfig`);
}

/** Throws ClusterError for another kind, in kubectl's words. Both fields may be absent. */
function ofKubeconfig(
  path: string,
  root: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { kind, apiVersion } = root;
  if ((kind || 'Config') === 'Config' && (apiVersion || 'v1') === 'v1') return root;
  const [named, version] = [quote(kind || 'Config'), quote(apiVersion || 'v1')];
  throw new ClusterError(
    `${path}: no kind ${named} is registered for version ${version}`,
    {},
    { hint: 'a kubeconfig is of kind Config and of apiVersion v1' },
  );
}

async function textOf(path: string): Promise<string> {
  try {
    return await readAtMost(path);
  } catch (error) {
    throw new ClusterError(`kubeconfig: ${errorReason(error)}`, {}, { cause: error });
  }
}

/** The text of a file or of a pipe, which a device would never end. */
async function readAtMost(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: LARGEST_FILE })) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.length > LARGEST_FILE) throw new Error(`${path} is larger than 16 MB`);
  return decodeText(bytes, path);
}
