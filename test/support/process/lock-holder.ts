/** A program that holds the lock of the IPv4 rules, as `vipc apply` does. */

const SYSTEM_HOST = new URL('../../../src/host/system-host.ts', import.meta.url).href;

const HOLD = `
const { SystemHost } = await import('${SYSTEM_HOST}');
const { kind } = await new SystemHost().tryLock('apply-IPv4', 'pid 4711 (a test)');
console.log(kind);
process.stdin.resume().on('end', () => process.exit());`;

/** Its command line. It prints `held` once it has the lock, and ends with its standard input. */
export const HOLD_LOCK: readonly [string, ...string[]] = [
  process.execPath,
  ...['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', HOLD],
];
