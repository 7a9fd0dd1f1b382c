/** Short ways to lint objects in tests. */

import { defaultConfig } from '../../src/config/defaults.js';
import { asksForProxyProtocol } from '../../src/lint/checks/load-balancers.js';
import type { LintInput } from '../../src/lint/input.js';
import { lint } from '../../src/lint/lint.js';
import type { LintFinding } from '../../src/lint/rule.js';
import { compileSnapshot } from '../../src/pipeline.js';
import { manifestNotes } from '../../src/snapshot/notes.js';
import { originKey } from '../../src/snapshot/objects.js';
import { loadObjects } from '../snapshot/support.js';

/** What may be said besides objects. */
export type LintOptions = Partial<
  Pick<LintInput, 'config' | 'mode' | 'host' | 'allowedExternalIps' | 'files' | 'serviceCidrs'>
> & { readonly nodeName?: string };

/** The findings about these objects, in both families. */
export function lintObjects(
  objects: readonly object[],
  { nodeName = '', ...options }: LintOptions = {},
): readonly LintFinding[] {
  const { snapshot, diagnostics, unclaimed, annotations } = loadObjects(objects, {
    wantsAnnotation: asksForProxyProtocol,
  });
  const { config = defaultConfig, mode = 'iptables', host } = options;
  const compiled = (['IPv4', 'IPv6'] as const).map((family) =>
    compileSnapshot(snapshot, family, { config, mode, nodeName }),
  );
  const { findings } = lint({
    ...{ snapshot, config, mode, host, files: {}, programs: [], serviceCidrs: [] },
    ...options,
    annotations: (object) => annotations.get(originKey(object)) ?? {},
    models: compiled.map(({ model }) => model),
    diagnostics: [
      ...diagnostics,
      ...manifestNotes(snapshot, unclaimed),
      ...compiled.flatMap((result) => result.diagnostics),
    ],
  });
  return findings;
}
