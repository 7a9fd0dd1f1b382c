/**
 * A file with the last snapshot that was applied, so that a machine boots with rules before its API
 * server answers.
 */

import type { Diagnostic } from '../../diagnostics.js';
import { messageOf } from '../../errors.js';
import { type Clock, systemClock } from '../../host/clock.js';
import type { Host } from '../../host/host.js';
import { inTurns } from '../../host/turn.js';
import type { SourceDocument } from '../../input/source.js';
import { type LoadedSnapshot, loadInSteps } from '../../snapshot/load.js';
import type { KubernetesObject, Snapshot } from '../../snapshot/types.js';
import type { Steps } from '../../steps.js';
import { LatestWriter } from './latest-writer.js';

export interface LastGoodOptions {
  readonly host: Host;
  readonly path: string;
  /** Milliseconds between two writes at least; a minute where absent. */
  readonly every?: number;
  /** Milliseconds of work after which the event loop gets its turn; 5 where absent. */
  readonly slice?: number;
  /** Called when the file cannot be written. */
  readonly noticed: (diagnostics: readonly Diagnostic[]) => void;
}

/** How a complete file begins and ends; between them is one object a line. */
const BEGIN = '{"apiVersion":"v1","kind":"List","metadata":{},"items":[';
const END = '\n]}\n';

/**
 * What an agent saved before, checked like any input; `undefined` where there is no file, or with a
 * diagnostic where it is broken. Single objects that are no longer valid are left out. The event
 * loop turns in between: health is asked for while megabytes are read.
 */
export async function readLastGood(
  host: Host,
  path: string,
  clock?: Pick<Clock, 'now'>,
): Promise<{
  readonly loaded: LoadedSnapshot | undefined;
  readonly diagnostics: readonly Diagnostic[];
}> {
  const text = await host.readFile(path);
  if (text === undefined) return { loaded: undefined, diagnostics: [] };
  const loaded = await inTurns(loadInLines(path, text), undefined, clock);
  if (typeof loaded !== 'string')
    return {
      loaded,
      diagnostics: loaded.diagnostics.filter(({ severity }) => severity !== 'note'),
    };
  const diagnostic: Diagnostic = {
    code: 'last-good-broken',
    severity: 'warning',
    message: `${path} is not used: ${loaded}`,
    hint: 'it is written again after the first sync',
  };
  return { loaded: undefined, diagnostics: [diagnostic] };
}

/** What the text holds, or why it is not used. */
function* loadInLines(path: string, text: string): Steps<LoadedSnapshot | string> {
  if (!text.startsWith(BEGIN)) return 'it does not begin as it should';
  if (!text.endsWith(END)) return 'it does not end as it should';
  const documents: SourceDocument[] = [];
  const last = text.length - END.length;
  for (let before = BEGIN.length; before < last; yield) {
    const start = before + 1;
    before = text.indexOf('\n', start);
    const end = before < last ? before - 1 : before;
    const value = parsed(text.slice(start, end));
    if (value === undefined) return `line ${documents.length + 2} is not an object`;
    documents.push({ value, syntax: 'json', start, end });
  }
  const read = { documents, diagnostics: [] };
  const loaded = yield* loadInSteps([{ name: path, text, stored: true, read }]);
  const fault = loaded.diagnostics.find(
    ({ severity, object }) => severity === 'error' && object === undefined,
  );
  return fault?.message ?? loaded;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/**
 * Keeps the file at what was applied last: soon after the first sync, then not more often than the
 * time allows, and at the end. A write is made of short pieces of work, because syncs must not wait
 * for megabytes of JSON.
 */
export class LastGood {
  readonly #options: LastGoodOptions;
  readonly #writer: LatestWriter<Snapshot>;
  #saved: Snapshot | undefined;

  constructor(options: LastGoodOptions) {
    const { every = 60_000 } = options;
    this.#options = options;
    this.#writer = new LatestWriter({ every, write: (snapshot) => this.#save(snapshot) });
  }

  /** Schedules a write of the snapshot that was applied. */
  applied(snapshot: Snapshot): void {
    this.#writer.set(snapshot);
  }

  /** Writes what is not in the file yet. Later calls of `applied` write nothing. */
  close(): Promise<void> {
    return this.#writer.close();
  }

  async #save(snapshot: Snapshot): Promise<boolean> {
    if (snapshot === this.#saved) return true;
    const { host, path, noticed, slice = 5 } = this.#options;
    try {
      await host.replaceFile(path, snapshotPieces(snapshot, slice));
      this.#saved = snapshot;
      return true;
    } catch (error) {
      const message = `${path} cannot be written: ${messageOf(error)}`;
      noticed([{ code: 'last-good-not-written', severity: 'warning', message }]);
      return false;
    }
  }
}

/**
 * A snapshot as the List that `kubectl get -o json` prints, one object a line, in ASCII; in pieces
 * of `slice` milliseconds of work.
 */
export function* snapshotPieces(snapshot: Snapshot, slice: number): Generator<string> {
  let piece = BEGIN;
  let separator = '\n';
  let started = systemClock.now();
  for (const object of objectsOf(snapshot)) {
    piece += `${separator}${ascii(JSON.stringify(object))}`;
    separator = ',\n';
    if (systemClock.now() - started < slice) continue;
    yield piece;
    piece = '';
    started = systemClock.now();
  }
  yield `${piece}${END}`;
}

function* objectsOf(snapshot: Snapshot): Generator<KubernetesObject> {
  yield* snapshot.serviceCidrs;
  yield* snapshot.nodes.values();
  for (const [name, service] of snapshot.services) {
    yield service;
    yield* snapshot.slices.get(name) ?? [];
  }
  for (const [name, slices] of snapshot.slices) if (!snapshot.services.has(name)) yield* slices;
}

/**
 * Names of zones and nodes may be in any script; as escapes they cost one byte a character in
 * memory and file.
 */
function ascii(json: string): string {
  return json.replace(/[^\0-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
