/** The two modes. */

import type { BackendName } from '../ruleset/types.js';
import type { Backend } from './backend.js';
import { iptables } from './iptables/index.js';
import type { Layout } from './layout.js';
import { nftables } from './nftables/index.js';

/** One backend for each mode. */
export const BACKENDS: Readonly<Record<BackendName, Backend>> = { iptables, nftables };

/** The layout of a mode that ships with vipc under this name; `undefined` for one that does not exist. */
export function builtinLayout(mode: BackendName, name = 'kube-proxy'): Layout | undefined {
  return BACKENDS[mode].layouts.find((layout) => layout.name === name);
}

/**
 * kube-proxy's layout of a mode with a user's templates: a folder with `frame.hbs`, `port.hbs` and,
 * if rules must stand behind those of all Services, `tail.hbs`. Throws TemplateError that names the file.
 */
export function customLayout(mode: BackendName, directory: string): Layout {
  return BACKENDS[mode].customLayout(directory);
}
