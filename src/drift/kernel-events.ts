/** Follows nf_tables events, so that changes by other programs are checked at once. */

import type { Loaded } from '../apply/applier.js';
import type { Backend } from '../backends/backend.js';
import type { Diagnostic } from '../diagnostics.js';
import { systemClock, type Timer } from '../host/clock.js';
import type { Host } from '../host/host.js';
import type { Family } from '../net/ip.js';

export interface KernelEventsOptions {
  readonly host: Host;
  readonly backend: Pick<Backend, 'monitor'>;
  /** What is loaded now in each family, as the appliers know it. */
  readonly loaded: () => readonly Loaded[];
  /**
   * Another program wrote into tables that hold our rules; called at most once per {@link SETTLE}.
   * Must not throw.
   */
  readonly changed: (families: readonly Family[]) => void;
}

/**
 * Milliseconds for which changes are gathered: a program like firewalld makes many transactions.
 */
export const SETTLE = 200;

/** The end of a transaction; older kernels do not say by whom. */
const GENERATION = /^# new generation \d+(?: by process (\d+) \()?/;

/**
 * Runs `nft monitor` until the signal, the end of the program, or until the rules are too many for
 * it: it reads all of them first, which takes minutes of a core at 10,000 Services. Returns the
 * reason why it ended, or did not begin; then only the periodic checks are left. `undefined`:
 * ended by the signal.
 *
 * Transactions of programs that this process has started are skipped. Where their numbers are
 * those of another PID namespace, as in a Pod, they are reported as changes too, and the check
 * that follows finds nothing.
 */
export async function followKernel(
  options: KernelEventsOptions,
  signal: AbortSignal,
): Promise<Diagnostic | undefined> {
  const unfit = unfitness(options);
  if (unfit !== '') return ended(unfit);
  const stop = new AbortController();
  const gathered = new GatheredFamilies(options);
  const transaction = new Set<Family>();
  let reason = '';
  const onLine = (line: string): void => {
    const family = options.backend.monitor.familyOf(line);
    if (family !== undefined) transaction.add(family);
    const generation = GENERATION.exec(line);
    if (generation === null) return;
    const pid = generation[1];
    if (pid === undefined || !options.host.hasStarted(Number(pid))) gathered.add(transaction);
    transaction.clear();
    reason ||= unfitness(options);
    if (reason !== '') stop.abort();
  };
  const result = await options.host.follow(
    { command: 'nft', args: ['monitor'], signal: AbortSignal.any([signal, stop.signal]) },
    onLine,
  );
  gathered.stop();
  if (signal.aborted) return undefined;
  if (reason !== '') return ended(reason);
  if (result.kind === 'missing') return ended('the program nft is not installed');
  const said = result.kind === 'unstarted' ? result.reason : result.stderr.trim();
  return ended(`nft monitor ended${said === '' ? '' : `: ${said}`}`);
}

/** Why these rules cannot be followed; `''` where they can. */
function unfitness({ backend, loaded }: KernelEventsOptions): string {
  const now = loaded();
  if (now.some(({ tools }) => tools.variant === 'legacy'))
    return 'the kernel does not report changes of iptables-legacy rules';
  const bytes = now
    .flatMap(({ ruleset }) => ruleset.ports)
    .reduce((sum, { text }) => sum + text.length, 0);
  return bytes > backend.monitor.maxBytes
    ? `nft monitor would read ${Math.round(bytes / 1e6)} MB of rules before it reports anything`
    : '';
}

function ended(reason: string): Diagnostic {
  return {
    code: 'drift-watch-ended',
    severity: 'warning',
    message: `changes of the kernel's rules are not followed: ${reason}`,
    hint: 'the rules are checked in every sync period instead',
  };
}

/** Batches families that change within {@link SETTLE}. */
class GatheredFamilies {
  readonly #changed: KernelEventsOptions['changed'];
  readonly #families = new Set<Family>();
  #timer: Timer | undefined;

  constructor({ changed }: KernelEventsOptions) {
    this.#changed = changed;
  }

  add(families: ReadonlySet<Family>): void {
    if (families.size === 0) return;
    for (const family of families) this.#families.add(family);
    this.#timer ??= systemClock.after(SETTLE, () => {
      this.#timer = undefined;
      const all = [...this.#families];
      this.#families.clear();
      this.#changed(all);
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
