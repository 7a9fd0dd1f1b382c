/**
 * A program that holds the lock of the IPv4 rules, as `vipc apply` does. Ends with its standard
 * input.
 */

import { SystemHost } from '../../../src/host/system-host.js';

/** `held` once it has the lock. */
const { kind } = await new SystemHost().tryLock('apply-IPv4', 'pid 4711 (a test)');
console.log(kind);
process.stdin.resume().on('end', () => process.exit());
