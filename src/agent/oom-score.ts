/** How soon the kernel ends this process when memory runs out. */

import type { Diagnostic } from '../diagnostics.js';
import { messageOf } from '../errors.js';
import type { Host } from '../host/host.js';

const PATH = '/proc/self/oom_score_adj';

/**
 * Sets `oomScoreAdj`, -1000 to 1000, and says what hinders it: lowering it needs CAP_SYS_RESOURCE, and a unit has
 * OOMScoreAdjust= for that. Programs that are started inherit it, as those of kube-proxy do.
 */
export async function setOomScore(host: Host, value: number): Promise<readonly Diagnostic[]> {
  if ((await host.readFile(PATH))?.trim() === String(value)) return [];
  return host.writeFile(PATH, String(value)).then(
    () => [],
    (error: unknown) => [
      {
        code: 'oom-score-refused',
        severity: 'warning',
        message: `oomScoreAdj ${value} cannot be set: ${messageOf(error)}`,
        hint: 'it needs CAP_SYS_RESOURCE; in a systemd unit set OOMScoreAdjust= instead, and oomScoreAdj to the same',
      },
    ],
  );
}
