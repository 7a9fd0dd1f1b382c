/** Which objects are left to other proxies, by their labels. */

import type { Diagnostic } from '../diagnostics.js';
import type { ProfilePolicy } from '../profiles/types.js';
import {
  type EndpointSlice,
  HEADLESS_LABEL,
  type ObjectMeta,
  objectRef,
  SERVICE_PROXY_NAME_LABEL,
} from '../snapshot/types.js';
import type { ServiceContext } from './types.js';

/** Whether a slice is used in a family, or why not. */
export type SliceUse =
  | 'used'
  | 'other-family'
  | 'fqdn-slice'
  | 'headless-slice'
  /** Up to 1.35. */
  | 'other-proxy-slice';

/**
 * kube-proxy watches only slices without the label of headless Services; the type of the Service
 * does not matter.
 */
export function sliceUse(
  { addressType, metadata }: EndpointSlice,
  { family, policy }: Pick<ServiceContext, 'family' | 'policy'>,
): SliceUse {
  if (addressType === 'FQDN') return 'fqdn-slice';
  if (addressType !== family) return 'other-family';
  if (!isOthers(metadata, policy, HEADLESS_LABEL)) return 'used';
  return Object.hasOwn(metadata.labels ?? {}, HEADLESS_LABEL)
    ? 'headless-slice'
    : 'other-proxy-slice';
}

/** What is said of a slice that has the label of another proxy. */
export function leftToProxy(slice: EndpointSlice): Diagnostic {
  return {
    code: 'headless-slice',
    severity: 'warning',
    message: `is not used: kube-proxy up to 1.35 leaves slices with the label ${SERVICE_PROXY_NAME_LABEL} to others`,
    object: objectRef(slice),
  };
}

/** Whether a label leaves an object to others: its own, and up to 1.35 that of the other kind. */
export function isOthers(
  { labels }: ObjectMeta,
  policy: ProfilePolicy,
  own: typeof HEADLESS_LABEL | typeof SERVICE_PROXY_NAME_LABEL,
): boolean {
  if (labels === undefined) return false;
  if (policy.labels === 'own') return Object.hasOwn(labels, own);
  return Object.hasOwn(labels, HEADLESS_LABEL) || Object.hasOwn(labels, SERVICE_PROXY_NAME_LABEL);
}
