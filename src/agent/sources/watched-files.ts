/**
 * Reports when files or folders may have changed: by inotify events, and by a poll for changes that
 * inotify does not report.
 */

import { type FSWatcher, watch } from 'node:fs';
import { readlink, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { messageOf } from '../../errors.js';
import { systemClock, type Timer } from '../../host/clock.js';

/** Milliseconds. */
export interface WatchTimes {
  /**
   * How long no event may arrive before files are read: editors replace a file in several steps.
   */
  readonly quiet: number;
  /**
   * After this time files are read although no event arrived: NFS, bind mounts and links out of
   * the folder cause none.
   */
  readonly poll: number;
}

/** A folder to be watched, and the only name in it that matters; without it, all do. */
export interface WatchedFolder {
  readonly path: string;
  readonly only?: string;
}

/** The result of starting to watch. */
export interface WatchStart {
  /** Whether there is a new watch: changes before it caused no event. */
  readonly added: boolean;
  /** What cannot be watched, with the reason; only the poll finds changes there. */
  readonly faults: readonly string[];
}

/** How long changes without a pause may delay a read, in multiples of the quiet time. */
const MAX_DELAY = 10;

interface Watch {
  readonly inode: string;
  readonly watcher: FSWatcher;
}

/** Watches a changing set of folders. */
export class WatchedFiles {
  readonly #times: WatchTimes;
  readonly #watches = new Map<string, Watch>();
  #firstEvent = 0;
  #timer: Timer | undefined;
  #wake: (() => void) | undefined;
  #due = false;

  constructor(times: WatchTimes) {
    this.#times = times;
  }

  /**
   * Watches these folders and no others. One that was replaced by another of the same name is
   * watched again.
   */
  async follow(folders: readonly WatchedFolder[]): Promise<WatchStart> {
    const faults: string[] = [];
    let added = false;
    const wanted = new Set(folders.map(watchKey));
    for (const [key, { watcher }] of this.#watches) {
      if (wanted.has(key)) continue;
      watcher.close();
      this.#watches.delete(key);
    }
    for (const folder of folders) {
      const inode = await stat(folder.path, { bigint: true }).then(
        ({ dev, ino }) => `${dev}:${ino}`,
        () => '',
      );
      const known = this.#watches.get(watchKey(folder));
      if (known?.inode === inode) continue;
      known?.watcher.close();
      this.#watches.delete(watchKey(folder));
      // A missing folder is found through the watch on its parent, or by the poll.
      if (inode === '') continue;
      const fault = this.#watch(folder, inode);
      if (fault === '') added = true;
      else faults.push(`${folder.path}: ${fault}`);
    }
    return { added, faults };
  }

  /** Resolves when files should be read again, or at the signal. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.#due && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          poll.cancel();
          signal.removeEventListener('abort', done);
          this.#wake = undefined;
          resolve();
        };
        const poll = systemClock.after(this.#times.poll, done);
        signal.addEventListener('abort', done);
        this.#wake = done;
      });
    }
    this.#due = false;
  }

  /** Schedules a read after the quiet time. */
  soon(): void {
    const now = systemClock.now();
    if (this.#timer === undefined) this.#firstEvent = now;
    const { quiet } = this.#times;
    const left = this.#firstEvent + MAX_DELAY * quiet - now;
    this.#timer?.cancel();
    this.#timer = systemClock.after(Math.max(0, Math.min(quiet, left)), () => {
      this.#timer = undefined;
      this.#due = true;
      this.#wake?.();
    });
  }

  close(): void {
    this.#timer?.cancel();
    for (const { watcher } of this.#watches.values()) watcher.close();
    this.#watches.clear();
  }

  /** Starts a watch; returns why that failed, `''` for success. */
  #watch(folder: WatchedFolder, inode: string): string {
    try {
      const watcher = watch(folder.path, (_event, name) => {
        if (folder.only === undefined || name === null || name === folder.only) this.soon();
      });
      // A watch ends with its folder. The next read finds that out.
      watcher.on('error', () => this.soon());
      this.#watches.set(watchKey(folder), { inode, watcher });
      return '';
    } catch (error) {
      return messageOf(error);
    }
  }
}

function watchKey({ path, only = '' }: WatchedFolder): string {
  return `${path}\0${only}`;
}

/** Linux follows this many links. */
const MAX_LINKS = 40;

/**
 * The entries that decide what a path means, where it goes over symbolic links: each link, each
 * folder that it leads through, and the file at the end. Nothing where there is no link. A link
 * that leads nowhere ends at what is missing.
 */
export async function linksTo(path: string): Promise<readonly WatchedFolder[]> {
  const found: WatchedFolder[] = [];
  const passed = new Set<string>();
  let links = 0;
  let names = resolve(path).split(sep);
  let at = '/';
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const here = join(at, name);
    const target = await readlink(here).catch(() => undefined);
    if (target !== undefined) links += 1;
    if (links > 0 && !passed.has(here)) found.push({ path: at, only: name });
    if (links === MAX_LINKS) return found;
    passed.add(here);
    if (target === undefined) at = here;
    else {
      names = [...resolve(at, target).split(sep), ...names];
      at = '/';
    }
  }
  return found;
}
