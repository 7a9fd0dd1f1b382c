/** The two modes. */

import type { BackendName } from '../ruleset/types.js';
import type { Backend } from './backend.js';
import { iptables } from './iptables/index.js';
import { nftables } from './nftables/index.js';

/** One backend for each mode. */
export const BACKENDS: Readonly<Record<BackendName, Backend>> = { iptables, nftables };
