/** Every recorded case of another version in which vipc differs on purpose. */

import { EXCEPTIONS, type Exception } from './exceptions.js';

/** IPv4-mapped addresses as kube-proxy 1.29 wrote them, and what they are. */
const MAPPED: ReadonlyMap<string, string> = new Map([
  ['::ffff:c633:6409/128', '198.51.100.9/32'],
  ['::ffff:cb00:7109/128', '203.0.113.9/32'],
]);

export const VERSION_EXCEPTIONS: readonly Pick<Exception, 'cases' | 'reason' | 'expected'>[] = [
  ...EXCEPTIONS,
  {
    cases: /-ipv4-mapped-legacy$/,
    reason:
      'kube-proxy 1.29 wrote an address into rules as the object spells it; ours are canonical',
    expected: {
      iptables: (recorded) =>
        [...MAPPED].reduce((text, [mapped, plain]) => text.replaceAll(mapped, plain), recorded),
      nftables: (recorded) => recorded,
    },
  },
];
