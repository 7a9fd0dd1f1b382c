/** Whether what was read is enough for a result that does not mislead. */

import { type Diagnostic, hasErrors } from '../diagnostics.js';
import { SnapshotError } from '../errors.js';
import type { CompiledInputs } from './compiled-inputs.js';
import { count } from './views/counts.js';

/**
 * Throws SnapshotError where a result would mislead: nothing was read, or under `strict` not
 * everything.
 */
export function refuseUnusable(
  { snapshot, diagnostics, locate }: Pick<CompiledInputs, 'snapshot' | 'diagnostics' | 'locate'>,
  strict = false,
): void {
  const bad = hasErrors(diagnostics);
  const located = (): readonly Diagnostic[] => locate(diagnostics.filter(isFault));
  if (strict && bad) {
    const what = count(leftOut(diagnostics), 'object');
    throw new SnapshotError(`nothing was compiled: ${what} cannot be used (--strict)`, located());
  }
  if (snapshot.services.size > 0) return;
  if (bad)
    throw new SnapshotError('nothing was compiled: no usable Service in the input', located());
  if (snapshot.nodes.size + snapshot.slices.size + snapshot.serviceCidrs.length > 0) return;
  const others = [...snapshot.skippedKinds].map(([kind, number]) => `${number} ${kind}`).join(', ');
  throw new SnapshotError(
    `no Service, EndpointSlice or Node in the input${others === '' ? '' : `, only ${others}`}`,
    located(),
    {
      hint: 'kubectl get services,endpointslices,nodes,servicecidrs -A -o yaml | vipc compile -f -',
    },
  );
}

/**
 * How many objects were left out: one may have several findings, and a document that cannot be read
 * counts as one.
 */
export function leftOut(diagnostics: readonly Diagnostic[]): number {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const objects = errors.filter(({ object }) => object !== undefined);
  const distinct = new Set(objects.map(({ object }) => JSON.stringify(object)));
  return distinct.size + errors.length - objects.length;
}

function isFault({ severity }: Diagnostic): boolean {
  return severity !== 'note';
}
