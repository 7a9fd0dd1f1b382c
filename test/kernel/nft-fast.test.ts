/**
 * The kernel is asked: in layout fast of mode nftables Services come to numbers of endpoints that
 * none had before, whose chains look up in maps that are in the kernel already.
 */

import { fast } from '../../src/backends/nftables/layouts/fast/layout.js';
import type { Family } from '../../src/net/ip.js';
import { compileSnapshot } from '../../src/pipeline.js';
import type { Snapshot } from '../../src/snapshot/types.js';
import { service, slice, snapshotOf } from '../model/support.js';
import { goTo } from '../support/kernels/go-to.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { KERNEL_VARIANTS } from '../support/kernels/kernel-variants.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';

const variant = KERNEL_VARIANTS.find(({ mode }) => mode === 'nftables')!;
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;

describe('kernel: layout fast of nftables', () => {
  let namespace: Namespace;

  before(async function () {
    requireKernel(this, variant.tools);
    namespace = await openNamespace('nft-fast');
  });
  after(() => namespace?.close());

  for (const family of ['IPv4', 'IPv6'] satisfies Family[])
    it(`${family}: takes numbers of endpoints that are new, of each protocol`, async () => {
      let before = compileSnapshot(clusterOf(family, 2), family, {
        layout: fast,
        nodeName: 'here',
      });
      await goTo(namespace, variant, undefined, before.ruleset);
      for (const [count, isKnown] of [
        [3, true],
        [5, false],
        [40, true],
        [1, false],
      ] as const) {
        const snapshot = clusterOf(family, count);
        const next = compileSnapshot(snapshot, family, { layout: fast, nodeName: 'here' }, before);
        await goTo(namespace, variant, isKnown ? before.ruleset : undefined, next.ruleset);
        before = next;
      }
    });
});

/** A Service with each way to reach it and as many endpoints, a third of them on the node. */
function clusterOf(family: Family, count: number): Snapshot {
  const four = family === 'IPv4';
  const ip = (n: number): string => (four ? `10.1.0.${n}` : `fd00:10:1::${n}`);
  const clusterIP = four ? '10.96.0.1' : 'fd00:10:96::1';
  const ports = PROTOCOLS.map((protocol, i) => ({ name: protocol, protocol, port: 80 + i }));
  return snapshotOf(
    service('web', {
      type: 'NodePort',
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: [family],
      externalIPs: [four ? '192.0.2.1' : '2001:db8::1'],
      externalTrafficPolicy: 'Local',
      ports: ports.map((port, i) => ({ ...port, nodePort: 30080 + i })),
    }),
    slice(
      'web',
      Array.from({ length: count }, (_, n) => ({
        addresses: [ip(n + 1)],
        nodeName: n % 3 === 0 ? 'here' : 'elsewhere',
      })),
      { addressType: family, ports: ports.map((port) => ({ ...port, port: 8080 })) },
    ),
  );
}
