/**
 * What the one-shot command does between its start and its end, stage by stage, in a process that
 * does nothing else.
 */

import { applyDesired } from '../../src/apply/desired.js';
import type { ApplyOptions } from '../../src/apply/steps.js';
import type { Backend } from '../../src/backends/backend.js';
import type { KernelReadOptions } from '../../src/backends/kernel.js';
import { defaultConfig } from '../../src/config/defaults.js';
import type { Host } from '../../src/host/host.js';
import type { Compiled } from '../../src/index.js';
import { timed } from './report.js';

const MINUTE = 60_000;

/** Milliseconds. */
interface CommandTimes {
  /**
   * The whole apply, without the start of Node and without the objects, their check and the
   * compiler.
   */
  readonly whole: number;
  readonly load: number;
  readonly verify: number;
  /** Measured once more, just before: the kernel is read and parsed. */
  readonly read: number;
  /** The same for the plan and its text. */
  readonly plan: number;
}

/** Applies to what the kernel holds now, as `vipc apply --family ipv4` does. */
export async function commandTimes(
  host: Host,
  backend: Backend,
  how: KernelReadOptions,
  compiled: Compiled,
): Promise<CommandTimes> {
  const { iptables } = how;
  const readStart = performance.now();
  const kernel = await backend.kernel.read(host, 'IPv4', how);
  const read = performance.now() - readStart;
  const plan = timed(() => backend.input(kernel.rules.plan(compiled.ruleset), kernel.tools));
  const options: ApplyOptions = {
    host,
    backend,
    ...(iptables === undefined ? {} : { iptables }),
    lock: { timeout: MINUTE, about: 'bench' },
    timeout: 20 * MINUTE,
    failedFolder: '/tmp',
    verify: true,
  };
  const start = performance.now();
  const applied = await applyDesired(options, {
    config: defaultConfig,
    compiled: [compiled],
    kept: new Set(),
  });
  const whole = performance.now() - start;
  if (applied.loads !== 1) throw new Error(`${applied.loads} loads`);
  return { whole, load: applied.times.load, verify: applied.times.verify, read, plan: plan.ms };
}
