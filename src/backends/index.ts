/** The two modes. */

import type { BackendName } from '../ruleset/types.js';
import type { Backend } from './backend.js';
import { iptables } from './iptables/index.js';
import type { Layout } from './layout.js';
import { nftables } from './nftables/index.js';

/** One backend for each mode. */
export const BACKENDS: Readonly<Record<BackendName, Backend>> = { iptables, nftables };

/**
 * The layout of a mode that ships with vipc under this name; `undefined` for one that does not
 * exist.
 */
export function builtinLayout(mode: BackendName, name = 'kube-proxy'): Layout | undefined {
  return BACKENDS[mode].layouts.find((layout) => layout.name === name);
}
