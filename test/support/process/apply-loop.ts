/** A process that applies the given snapshots in turn for ever, until it is killed. Prints a dot per apply. */

import { readFileSync } from 'node:fs';
import { applyDesired } from '../../../src/apply/desired.js';
import { BACKENDS } from '../../../src/backends/index.js';
import { SystemHost } from '../../../src/host/system-host.js';
import type { BackendName } from '../../../src/ruleset/types.js';
import type { KubernetesObject } from '../../../src/snapshot/types.js';
import { applyOptions, desired } from '../cases/apply-case.js';

async function main([how, ...files]: readonly string[]): Promise<void> {
  const mode: BackendName = how === 'nftables' ? 'nftables' : 'iptables';
  const wants = files.map((file) => {
    const list: { readonly items: readonly KubernetesObject[] } = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    return desired(list.items, ['IPv4'], { mode });
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
