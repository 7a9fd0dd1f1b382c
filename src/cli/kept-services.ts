/** Says which Services are left alone on a machine because the input was not understood. */

import type { Diagnostic } from '../diagnostics.js';
import { compareText } from '../model/order.js';
import type { NamespacedName } from '../snapshot/types.js';

/**
 * One warning per Service: an object of it was left out, so what it has in the kernel stays, because a typing error
 * must not take a Service down.
 */
export function keptDiagnostics(services: ReadonlySet<NamespacedName>): readonly Diagnostic[] {
  return [...services].sort(compareText).map((service) => {
    const [namespace = '', name = ''] = service.split('/');
    return {
      code: 'service-kept',
      severity: 'warning',
      message: `Service ${service} keeps the rules that it has, because an object of it was left out`,
      object: { kind: 'Service', namespace, name },
      hint: 'repair the object, or delete it from the input to remove its rules',
    };
  });
}
