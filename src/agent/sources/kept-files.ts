/**
 * Reads the files of `-f` repeatedly. A file that is broken, or that disappeared with its mount,
 * keeps the text that was read last.
 */

import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Diagnostic } from '../../diagnostics.js';
import { InputError, messageOf } from '../../errors.js';
import { systemClock } from '../../host/clock.js';
import { filesOf, readText } from '../../host/input-files.js';
import { checkRepeatable, passedOver, type SpecialFile } from '../../host/special-files.js';
import { inTurns } from '../../host/turn.js';
import { readInSteps } from '../../input/documents.js';
import type { ReadResult, Source } from '../../input/source.js';
import { linksTo, type WatchedFolder } from './watched-files.js';

/** The result of one read of all paths. */
export interface Look {
  /** Whether a text differs from the previous read. */
  readonly changed: boolean;
  /** In the order of the flags and of the names; new texts with what was read of them. */
  readonly sources: readonly Source[];
  /**
   * Files and folders that could not be read or understood now, each with the reason; their former
   * texts are in {@link sources}.
   */
  readonly kept: readonly Diagnostic[];
  /** Pipes and the like in the folders. */
  readonly passedOver: readonly Diagnostic[];
  /** Paths of which no text could ever be parsed. */
  readonly unknown: readonly string[];
  /** Whether a file is being written, so that another read should follow soon. */
  readonly unsettled: boolean;
  readonly folders: readonly WatchedFolder[];
}

interface KeptFile {
  /** Differs where the file was written, without reading it. */
  readonly stamp: string;
  /** The last text that could be parsed; `undefined` where there never was one. */
  readonly text: string | undefined;
  /** What is wrong with what is there now. */
  readonly fault: Diagnostic | undefined;
}

/** A file as it is now. */
interface FreshFile {
  readonly file: KeptFile;
  readonly settled: boolean;
  /** What was read of its text; absent where that is not new. */
  readonly read?: ReadResult;
}

interface KeptPath {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly special: readonly SpecialFile[];
  /** The device of each folder: an unmounted folder is empty and on another device. */
  readonly devices: ReadonlyMap<string, string>;
  readonly fault: Diagnostic | undefined;
}

/** Reads paths as `vipc compile -f` does, and keeps the last good text of each file. */
export class KeptFiles {
  readonly #paths: readonly string[];
  readonly #recursive: boolean;
  /** Milliseconds that a file must not have been written for. */
  readonly #quiet: number;
  #files: ReadonlyMap<string, KeptFile> = new Map();
  #listed: ReadonlyMap<string, KeptPath> = new Map();

  constructor(paths: readonly string[], recursive: boolean, quiet: number) {
    this.#paths = paths;
    this.#recursive = recursive;
    this.#quiet = quiet;
  }

  /** Reads every path. Throws InputError for a path that cannot be listed and never could. */
  async look(): Promise<Look> {
    const listed = new Map<string, KeptPath>();
    for (const path of this.#paths) listed.set(path, await this.#list(path));
    const files = new Map<string, KeptFile>();
    // Not kept: documents take several times the memory of their text.
    const fresh = new Map<string, ReadResult>();
    let unsettled = false;
    for (const path of [...listed.values()].flatMap((one) => one.files)) {
      const { file, settled, read } = await this.#read(path);
      files.set(path, file);
      if (read !== undefined) fresh.set(path, read);
      if (!settled) unsettled = true;
    }
    const before = this.#sources();
    this.#files = files;
    this.#listed = listed;
    const sources = this.#sources();
    const faults = [...listed.values(), ...files.values()].flatMap(({ fault }) => fault ?? []);
    return {
      changed:
        sources.length !== before.length ||
        sources.some(({ name, text }, i) => name !== before[i]?.name || text !== before[i]?.text),
      sources: sources.map((source) => ({ ...source, read: fresh.get(source.name) })),
      kept: faults,
      passedOver: [...listed.values()].flatMap(({ special }) => passedOver(special)),
      unknown: [...files].flatMap(([path, { text }]) => (text === undefined ? [path] : [])),
      unsettled,
      folders: await this.#watched(),
    };
  }

  /**
   * A path that cannot be listed keeps the files that it had: an unmounted volume deletes no
   * Service.
   */
  async #list(path: string): Promise<KeptPath> {
    const known = this.#listed.get(path);
    try {
      const found = await filesOf(path, this.#recursive);
      // A folder has none among its files.
      if (found.folders.length === 0) await checkRepeatable(path);
      const devices = await devicesOf(found.folders);
      const lost = known === undefined ? undefined : lostMount(known, found.files, devices);
      if (lost !== undefined) throw new InputError(`${lost} is empty and not mounted any more`);
      return { ...found, devices, fault: undefined };
    } catch (error) {
      if (known === undefined) throw error;
      const reason = messageOf(error);
      const fault: Diagnostic = {
        code: 'input-not-there',
        severity: 'warning',
        message: `${reason}: what it held stays in use`,
        hint: 'to remove every Service, give a file with an empty List',
      };
      return { ...known, fault };
    }
  }

  async #read(path: string): Promise<FreshFile> {
    const known = this.#files.get(path);
    const before = await stampOf(path);
    if (known !== undefined && before.stamp !== '' && known.stamp === before.stamp)
      return { file: known, settled: true };
    const age = systemClock.wall() - before.written;
    // The file may be half written, and its first half may parse. A time in the future is ignored.
    if (known !== undefined && age >= 0 && age < this.#quiet && before.stamp !== '')
      return { file: known, settled: false };
    try {
      await checkRepeatable(path);
      const text = await readText(path);
      const settled = (await stampOf(path)).stamp === before.stamp;
      const read = await inTurns(readInSteps({ name: path, text }));
      const broken = read.diagnostics.find(({ severity }) => severity === 'error');
      if (broken === undefined)
        return { file: { stamp: before.stamp, text, fault: undefined }, settled, read };
      const fault = known?.text === undefined ? notYet(broken) : asBefore(broken);
      return { file: { stamp: before.stamp, text: known?.text, fault }, settled };
    } catch (error) {
      const reason = messageOf(error);
      const message = `${reason}: ${known?.text === undefined ? 'what it holds is not known yet' : 'what it held stays in use'}`;
      const fault: Diagnostic = { code: 'input-not-there', severity: 'warning', message };
      return { file: { stamp: '', text: known?.text, fault }, settled: true };
    }
  }

  #sources(): readonly Source[] {
    return [...this.#listed.values()].flatMap(({ files }) =>
      files.flatMap((name): readonly Source[] => {
        const text = this.#files.get(name)?.text;
        return text === undefined ? [] : [{ name, text }];
      }),
    );
  }

  /**
   * Every folder that was read, the entry of each path in the folder above, where a new one is put
   * in its place, and what symbolic links lead to.
   */
  async #watched(): Promise<readonly WatchedFolder[]> {
    const watched = [...this.#listed].map(async ([path, { files, folders }]) => {
      const links = await Promise.all([path, ...files].map(linksTo));
      // The file of a mounted ConfigMap changes when the link `..data` beside it does.
      if (folders.length === 0) return [{ path: dirname(path) }, ...links.flat()];
      const above = { path: dirname(path), only: basename(path) };
      return [above, ...folders.map((folder) => ({ path: folder })), ...links.flat()];
    });
    return (await Promise.all(watched)).flat();
  }
}

async function devicesOf(folders: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const devices = new Map<string, string>();
  for (const folder of folders) {
    const info = await stat(folder, { bigint: true }).catch(() => undefined);
    if (info !== undefined) devices.set(folder, String(info.dev));
  }
  return devices;
}

/** A folder that had files, and now is empty and on another device. */
function lostMount(
  known: KeptPath,
  files: readonly string[],
  devices: ReadonlyMap<string, string>,
): string | undefined {
  const hasFiles = (folder: string, all: readonly string[]): boolean =>
    all.some((file) => file.startsWith(`${folder}/`));
  return [...devices].find(([folder, device]) => {
    const before = known.devices.get(folder);
    return (
      before !== undefined &&
      before !== device &&
      hasFiles(folder, known.files) &&
      !hasFiles(folder, files)
    );
  })?.[0];
}

/** A warning, not an error: no object is lost. */
function asBefore(broken: Diagnostic): Diagnostic {
  return {
    ...broken,
    severity: 'warning',
    message: `${broken.message}; its previous content stays in use`,
  };
}

function notYet(broken: Diagnostic): Diagnostic {
  return {
    ...broken,
    message: `${broken.message}; its content is not used before all of it can be parsed`,
  };
}

async function stampOf(
  path: string,
): Promise<{ readonly stamp: string; readonly written: number }> {
  return stat(path, { bigint: true }).then(
    ({ dev, ino, size, mtimeNs, ctimeNs, mtimeMs }) => ({
      stamp: `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`,
      written: Number(mtimeMs),
    }),
    () => ({ stamp: '', written: 0 }),
  );
}
