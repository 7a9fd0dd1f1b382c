/**
 * Files and folders of manifests as the source of an agent, for machines without a cluster.
 */

import { diagnosticText } from '../../diagnostic-text.js';
import type { Diagnostic } from '../../diagnostics.js';
import { inTurns, turn } from '../../host/turn.js';
import type { Cidr } from '../../net/cidr.js';
import { loadInSteps } from '../../snapshot/load.js';
import { locate } from '../../snapshot/locate.js';
import { shareSnapshot } from '../../snapshot/share.js';
import type {
  ObjectSource,
  SourceListener,
  SourceState,
  SourceStatus,
  WatchedKind,
} from '../source.js';
import { KeptFiles, type Look } from './kept-files.js';
import { changesBetween } from './state-changes.js';
import { WatchedFiles, type WatchTimes } from './watched-files.js';

export interface FolderSourceOptions {
  /** Every `-f`, in the order of the flags. */
  readonly paths: readonly string[];
  /** `-R`: also the folders below. */
  readonly recursive: boolean;
  /** `--watch`: whether files are followed after all could be read once. */
  readonly watch: boolean;
  /** Networks for ClusterIPs that the manifests leave out. */
  readonly serviceCidrs: readonly Cidr[];
  readonly times?: Partial<WatchTimes>;
}

const TIMES: WatchTimes = { quiet: 100, poll: 30_000 };

const KINDS: readonly WatchedKind[] = ['Service', 'EndpointSlice', 'Node', 'ServiceCIDR'];

/**
 * Follows the manifests behind `-f`, or reads them once. What disappears with its folder, or cannot
 * be parsed, stays as it was and the source is stale: rules go only when a file goes, or is
 * changed, within a folder that is there. At the start there is no state before every file could be
 * parsed once: what a broken file meant to keep is not known, and the rules that the kernel has are
 * better than none.
 */
export function folderSource(options: FolderSourceOptions): ObjectSource {
  const times = { ...TIMES, ...options.times };
  const files = new KeptFiles(options.paths, options.recursive, times.quiet);
  let state: SourceState | undefined;
  const take = async (look: Look, listener: SourceListener): Promise<void> => {
    if (state === undefined ? look.unknown.length > 0 : !look.changed) return;
    const { serviceCidrs } = options;
    const loaded = await inTurns(loadInSteps(look.sources, { serviceCidrs }));
    await turn();
    const snapshot =
      state === undefined ? loaded.snapshot : shareSnapshot(state.snapshot, loaded.snapshot);
    const before = state;
    state = { snapshot, incomplete: loaded.incomplete };
    const changes = changesBetween(before, state);
    const doubts = loaded.diagnostics.filter(({ severity }) => severity !== 'note');
    if (doubts.length > 0) listener.noticed(locate(doubts, loaded, look.sources));
    if (changes.length > 0) listener.changed(changes);
  };
  return {
    state: () => state,
    run: async (listener, signal) => {
      const watched = new WatchedFiles(times);
      const reportStatus = statusReporter(listener);
      const reportFaults = faultReporter(listener);
      // On its own, so that nothing holds what was read while nothing changes.
      const readAll = async (): Promise<void> => {
        const look = await files.look();
        const { added, faults } = await watched.follow(look.folders);
        reportFaults([...faults.map(notWatched), ...look.passedOver, ...look.kept]);
        await take(look, listener);
        reportStatus(state !== undefined, look.kept);
        // A change between the read and the start of the watch is in neither.
        if (added || look.unsettled) watched.soon();
      };
      try {
        while (!signal.aborted) {
          await readAll();
          if (state !== undefined && !options.watch) return await ended(signal);
          await watched.next(signal);
        }
      } finally {
        watched.close();
      }
    },
  };
}

/** Resolves at the signal. */
function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Reports each change of status once, for all kinds: a file may hold any of them. */
function statusReporter(
  listener: SourceListener,
): (complete: boolean, kept: readonly Diagnostic[]) => void {
  let last = '';
  return (complete, kept) => {
    const state: SourceStatus['state'] =
      kept.length === 0 ? 'following' : complete ? 'stale' : 'listing';
    const reason = kept[0] === undefined ? '' : diagnosticText(kept[0]);
    if (last === `${state} ${reason}`) return;
    last = `${state} ${reason}`;
    for (const kind of KINDS) listener.status({ kind, state, reason });
  };
}

/** Reports the faults whenever they change. */
function faultReporter(listener: SourceListener): (faults: readonly Diagnostic[]) => void {
  let last = '[]';
  return (faults) => {
    const text = JSON.stringify(faults);
    if (text !== last && faults.length > 0) listener.noticed(faults);
    last = text;
  };
}

function notWatched(fault: string): Diagnostic {
  return {
    code: 'folder-not-watched',
    severity: 'warning',
    message: `${fault}: only polling finds changes there`,
    hint: 'more folders can be watched with sysctl fs.inotify.max_user_watches and max_user_instances',
  };
}
