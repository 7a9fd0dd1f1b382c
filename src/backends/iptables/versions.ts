/** Which versions of iptables can work with kube-proxy's rules, said before anything fails. */

import type { HostFacts } from '../../config/types.js';
import type { Diagnostic } from '../../diagnostics.js';
import type { Variant } from '../tools.js';
import { isOlderVersion } from '../version-order.js';

/** The oldest version of each variant that vipc uses, and what older ones cannot do. */
export const OLDEST: Readonly<
  Record<Variant, { readonly version: string; readonly reason: string }>
> = {
  // kube-proxy's rules print alike from here on.
  nf_tables: {
    version: '1.8.7',
    reason: 'older ones do not store all of the rules so that they can be read back',
  },
  // The first restore that waits for the lock, `-w`.
  legacy: { version: '1.6.2', reason: 'older ones cannot wait for the lock of the tables (-w)' },
};

/** The module that finds hairpins in layout fast. */
const HAIRPIN_MODULE = 'xt_bpf';

/** The diagnostic for a kernel that cannot take layout fast; none for unknown modules. */
export function unsupportedFast(missing: HostFacts['missingModules']): Diagnostic | undefined {
  if (missing?.includes(HAIRPIN_MODULE) !== true) return undefined;
  return {
    code: 'layout-unsupported',
    severity: 'warning',
    message: `layout fast needs module ${HAIRPIN_MODULE}, which the kernel does not have: layout kube-proxy is used`,
    hint: `use a kernel with ${HAIRPIN_MODULE}, or layout kube-proxy`,
  };
}

/** The tools of a machine that are too old, one warning for each variant. */
export function unsupported({ iptables = [] }: HostFacts): readonly Diagnostic[] {
  return (['nf_tables', 'legacy'] as const).flatMap((variant): readonly Diagnostic[] => {
    const oldest = OLDEST[variant];
    const tool = iptables.find(
      (one) => one.variant === variant && isOlderVersion(one.version, oldest.version),
    );
    if (tool === undefined) return [];
    const message = `${tool.command} (${variant}) is version ${tool.version}, and ${oldest.version} is needed: ${oldest.reason}`;
    return [
      { code: 'iptables-too-old', severity: 'warning', message, hint: 'install a newer iptables' },
    ];
  });
}
