/**
 * Opens the API server that flags and environment name. The client is loaded here, when it is
 * needed and not before.
 */

import { dump } from 'js-yaml';
import type { Api, RawObject } from '../cluster/api.js';
import type { RequestObserver } from '../cluster/http-api.js';
import type { Diagnostic } from '../diagnostics.js';
import { ClusterError } from '../errors.js';
import type { ClusterFlags } from './cluster-flags.js';
import { interruption } from './terminal.js';
import { version } from './version.js';

/** The longest time that a timer of Node takes, in milliseconds: 24 days. */
const NO_LIMIT = 2 ** 31 - 1;

/** Callbacks for warnings and requests of a connection. */
export interface ClusterListener {
  /** What a person should know about it. */
  readonly noticed: (diagnostics: readonly Diagnostic[]) => void;
  /** Called with every request. */
  readonly requests?: RequestObserver;
}

/**
 * Opens the API without a request to the server. Throws ClusterError where no server is named, or
 * no credentials can be had.
 */
export async function openCluster(
  flags: ClusterFlags,
  { noticed, requests: observer }: ClusterListener,
): Promise<Api> {
  const [{ connect }, { openApi }] = await Promise.all([
    import('../cluster/connection.js'),
    import('../cluster/http-api.js'),
  ]);
  const { kubeconfig, context, cluster, user, as, asGroup, asUid, server, requestTimeout } = flags;
  const chosen = { kubeconfig, context, cluster, user, as, asGroup, asUid, server };
  const timeout = requestTimeout === 0 ? NO_LIMIT : requestTimeout;
  const { env: environment, stdin } = process;
  const interactive = stdin.isTTY === true;
  const connection = await connect({ ...chosen, environment, timeout, interactive });
  noticed(
    connection.warnings.map((message) => ({
      ...{ code: 'cluster-connection', severity: 'warning', message },
    })),
  );
  return openApi(connection, { userAgent: `vipc/${version()}`, timeout, observer });
}

/** Which objects, in kubectl's words; all where nothing is said. */
export interface ClusterSelection {
  readonly namespace?: string | undefined;
  readonly selector?: string | undefined;
}

/** The objects as the server has them, and what reading them was like. */
export interface ClusterObjects {
  readonly objects: readonly RawObject[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the kinds that rules are made of, page by page, until it has all or is interrupted. Rejects
 * with ClusterError at the first request that fails, because half a cluster is worse than none, and
 * with InterruptedError.
 */
export async function readClusterObjects(
  flags: ClusterFlags,
  { namespace, selector }: ClusterSelection = {},
): Promise<ClusterObjects> {
  const stop = interruption();
  try {
    const diagnostics: Diagnostic[] = [];
    const noticed = (found: readonly Diagnostic[]): void => {
      for (const one of found) diagnostics.push(one);
    };
    const [api, { readCluster }] = await Promise.all([
      openCluster(flags, { noticed }),
      import('../cluster/read-cluster.js'),
    ]);
    const onNotice = (message: string): void => {
      diagnostics.push({ code: 'cluster-notice', severity: 'note', message });
    };
    try {
      const objects = await readCluster(api, {
        ...(namespace === undefined ? {} : { namespace }),
        ...(selector === undefined ? {} : { labelSelector: selector }),
        ...{ signal: stop.signal, onNotice },
      });
      return { objects, diagnostics };
    } catch (error) {
      throw withWarnings(error, diagnostics);
    } finally {
      api.close();
    }
  } finally {
    stop.end();
  }
}

/** A refusal together with what may be its cause: that no credentials were sent. */
function withWarnings(error: unknown, diagnostics: readonly Diagnostic[]): unknown {
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
  if (!(error instanceof ClusterError) || warnings.length === 0) return error;
  const hints = [...warnings.map(({ message }) => message), error.hint].filter(Boolean);
  return new ClusterError(error.message, error, { hint: hints.join('\n'), cause: error });
}

/** The forms that kubectl has too. */
export type ListForm = 'yaml' | 'json';

/**
 * The List in one of kubectl's forms: YAML with sorted keys, or JSON with four spaces. Object by
 * object, because the text of a big cluster at once, as a tree for the writer, needs several times
 * its size.
 */
export function listText(objects: readonly RawObject[], form: ListForm): string {
  return form === 'yaml' ? yamlList(objects) : jsonList(objects);
}

/**
 * The List as JSON with one object per line: quick to write and to read, and a place in it names an
 * object.
 */
export function listLines(objects: readonly RawObject[]): string {
  const items = objects.map((object) => JSON.stringify(object)).join(',\n');
  return `{"apiVersion":"v1","kind":"List","items":[\n${items}\n]}\n`;
}

function yamlList(objects: readonly RawObject[]): string {
  const items = objects.map((object) =>
    dump([object], { lineWidth: -1, noRefs: true, sortKeys: true }),
  );
  const list = items.length === 0 ? 'items: []\n' : `items:\n${items.join('')}`;
  return `apiVersion: v1\n${list}kind: List\nmetadata:\n  resourceVersion: ""\n`;
}

function jsonList(objects: readonly RawObject[]): string {
  const items = objects.map((object) => {
    const text = JSON.stringify(object, null, 4);
    return `        ${text.replaceAll('\n', '\n        ')}`;
  });
  const list = items.length === 0 ? '[]' : `[\n${items.join(',\n')}\n    ]`;
  const metadata = '{\n        "resourceVersion": ""\n    }';
  return `{\n    "apiVersion": "v1",\n    "items": ${list},\n    "kind": "List",\n    "metadata": ${metadata}\n}\n`;
}
