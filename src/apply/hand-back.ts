/** What is said where rules of an older kube-proxy are changed to those of a newer one. */

import type { KernelRules } from '../backends/kernel-rules.js';
import type { ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import type { Model } from '../model/types.js';

/** The rules of one family that were found, and what is to be there instead. */
export interface ReplacedRules {
  readonly rules: Pick<KernelRules, 'handBackHazard'>;
  readonly model: Model | undefined;
}

/**
 * What that kube-proxy would do wrong if it took the rules back; nothing where no Service is
 * affected.
 */
export function handBackNote(
  families: readonly ReplacedRules[],
  profile: ProxyConfig['profile'],
): readonly Diagnostic[] {
  const isSticky = families.some(({ model }) =>
    model?.ports.some(({ affinitySeconds }) => affinitySeconds > 0),
  );
  if (!isSticky) return [];
  const message = families.map(({ rules }) => rules.handBackHazard(profile)).find(Boolean);
  if (message === undefined) return [];
  const hint = 'before handing them back, apply those of that version with --profile, or clean up';
  return [{ code: 'profile-hand-back', severity: 'note', message, hint }];
}
