/**
 * A process that applies the given snapshots, each in its layout, in turn forever, until it is
 * killed. Prints a dot per apply.
 */

import { readFileSync } from 'node:fs';
import { applyDesired } from '../../../src/apply/desired.js';
import { BACKENDS } from '../../../src/backends/index.js';
import { LAYOUT_NAMES } from '../../../src/config/types.js';
import { SystemHost } from '../../../src/host/system-host.js';
import type { BackendName } from '../../../src/ruleset/types.js';
import type { KubernetesObject } from '../../../src/snapshot/types.js';
import { applyOptions, desired } from '../cases/apply-case.js';

async function main([how, layouts = '', ...files]: readonly string[]): Promise<void> {
  const mode: BackendName = how === 'nftables' ? 'nftables' : 'iptables';
  const names = layouts.split(',');
  const wants = files.map((file, i) => {
    const list: { readonly items: readonly KubernetesObject[] } = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    const layout = LAYOUT_NAMES.find((name) => name === names[i]) ?? 'kube-proxy';
    return desired(list.items, ['IPv4'], { mode, layout });
  });
  const options = applyOptions(new SystemHost(), {
    backend: BACKENDS[mode],
    ...(how === 'legacy' || how === 'nft' ? { iptables: how } : {}),
    verify: false,
  });
  process.stdout.write('.');
  for (let i = 0; ; i = (i + 1) % wants.length) {
    const want = wants[i];
    if (want === undefined) throw new Error('no snapshots');
    await applyDesired(options, want);
    process.stdout.write('.');
  }
}

void main(process.argv.slice(2));
