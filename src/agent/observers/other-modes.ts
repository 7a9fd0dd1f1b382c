/**
 * Removes the rules of other modes after the first syncs. After a change of mode the rules of both
 * would translate.
 */

import { cleanUp } from '../../apply/cleanup.js';
import type { LockOptions } from '../../apply/lock.js';
import { BACKENDS } from '../../backends/index.js';
import type { Diagnostic } from '../../diagnostics.js';
import { messageOf, ToolError } from '../../errors.js';
import type { Host } from '../../host/host.js';
import type { Family } from '../../net/ip.js';
import type { BackendName } from '../../ruleset/types.js';
import type { AgentObserver } from '../observer.js';

export interface RemoveOtherModesOptions {
  readonly host: Host;
  readonly mode: BackendName;
  readonly families: readonly Family[];
  readonly lock: LockOptions;
  readonly noticed: (diagnostics: readonly Diagnostic[]) => void;
}

/** A program that hangs takes a minute of the lock in each attempt. */
const MOST_ATTEMPTS = 5;

/**
 * An observer that removes them after the first sync of every family; kube-proxy does so at its
 * start, before its rules are loaded. What is left is reported, and tried again after the next
 * syncs, {@link MOST_ATTEMPTS} times in all.
 */
export function removeOtherModes(options: RemoveOtherModesOptions): AgentObserver {
  const waiting = new Set(options.families);
  let attempts = 0;
  let isDone = false;
  return {
    synced: ({ family }) => {
      waiting.delete(family);
      if (isDone || waiting.size > 0) return;
      isDone = true;
      attempts++;
      void remove(options).then((ended) => {
        isDone = ended || attempts === MOST_ATTEMPTS;
      });
    },
  };
}

/** Returns whether no further attempt is needed. */
async function remove({
  host,
  mode,
  families,
  lock,
  noticed,
}: RemoveOtherModesOptions): Promise<boolean> {
  const modes = Object.values(BACKENDS).flatMap(({ name }) => (name === mode ? [] : name));
  try {
    const { steps, kept, diagnostics } = await cleanUp(host, { families, modes, lock });
    if (ends(lock)) return true;
    const faults = diagnostics.filter(({ severity }) => severity === 'error');
    if (faults.length > 0) {
      noticed(faults.map((fault) => ({ ...fault, code: 'other-mode-left' })));
      return false;
    }
    if (steps.length > 0 || kept.length > 0) noticed([removed(modes, families)]);
    return true;
  } catch (error) {
    // Without its tools there are no rules of that mode.
    if (error instanceof ToolError || ends(lock)) return true;
    const message = messageOf(error);
    noticed([{ code: 'other-mode-left', severity: 'error', message }]);
    return false;
  }
}

/** Whether the agent ends: what it then leaves is no fault, and its successor tries again. */
function ends({ signal }: LockOptions): boolean {
  return signal?.aborted === true;
}

function removed(modes: readonly BackendName[], families: readonly Family[]): Diagnostic {
  return {
    code: 'other-mode-removed',
    severity: 'note',
    message: `the rules of mode ${modes.join(' and ')} (${families.join(' and ')}) were removed`,
  };
}
