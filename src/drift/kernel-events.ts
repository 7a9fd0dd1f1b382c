/** Follows what is written into nf_tables, so that a change by somebody else is looked at when it happens. */

import type { Loaded } from '../apply/applier.js';
import type { Diagnostic } from '../diagnostics.js';
import type { Host } from '../host/host.js';
import type { Family } from '../net/ip.js';
import type { BackendName } from '../ruleset/types.js';

export interface KernelEventsOptions {
  readonly host: Host;
  readonly backend: { readonly name: BackendName };
  /** What is loaded now in each family, as the appliers know it. */
  readonly loaded: () => readonly Loaded[];
  /** Somebody else wrote into tables that hold our rules; told at most once in {@link SETTLE}. Must not throw. */
  readonly changed: (families: readonly Family[]) => void;
}

/** Milliseconds for which changes are gathered: a program like firewalld makes many transactions. */
export const SETTLE = 200;

/**
 * How many bytes of rules a monitor reads in about a second when it starts, and the square of it for more: some 600
 * Services with 10 endpoints in iptables, 6,000 in nftables.
 */
const MOST_BYTES: Readonly<Record<BackendName, number>> = {
  iptables: 2_000_000,
  nftables: 4_000_000,
};

/** Where our rules stand in an event: `add rule ip nat KUBE-SERVICES …`. */
const OURS: Readonly<Record<BackendName, RegExp>> = {
  iptables: /^(?:add|insert|delete|replace|flush|rename) \w+ (ip6?) (?:nat|filter|mangle)(?: |$)/,
  nftables: /^(?:add|insert|delete|replace|flush|rename) \w+ (ip6?) kube-proxy(?: |$)/,
};

/** The end of a transaction; older kernels do not say by whom. */
const GENERATION = /^# new generation \d+(?: by process (\d+) \()?/;

/**
 * Runs `nft monitor` until the signal, the end of the program, or until the rules are too many for it: it reads all of them
 * first, which takes minutes of a core at 10,000 Services. Gives the reason why it ended, or did not begin; then only
 * looking now and then is left. `undefined`: by the signal.
 *
 * Transactions of programs that this process has started are passed over. Where their numbers are those of another PID
 * namespace, as in a Pod, they are told as changes too, and the look that follows finds nothing.
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
    const ip = OURS[options.backend.name].exec(line)?.[1];
    if (ip !== undefined) transaction.add(ip === 'ip' ? 'IPv4' : 'IPv6');
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
  const said = result.stderr.trim();
  return ended(`nft monitor ended${said === '' ? '' : `: ${said}`}`);
}

/** Why these rules cannot be followed; `''` where they can. */
function unfitness({ backend, loaded }: KernelEventsOptions): string {
  const now = loaded();
  if (now.some(({ tools }) => tools.variant === 'legacy'))
    return 'the kernel tells no changes of iptables-legacy rules';
  const bytes = now
    .flatMap(({ ruleset }) => ruleset.ports)
    .reduce((sum, { text }) => sum + text.length, 0);
  return bytes > MOST_BYTES[backend.name]
    ? `nft monitor would read ${Math.round(bytes / 1e6)} MB of rules before it tells anything`
    : '';
}

function ended(reason: string): Diagnostic {
  return {
    code: 'drift-watch-ended',
    severity: 'warning',
    message: `changes of the kernel's rules are not followed: ${reason}`,
    hint: 'they are looked at in every sync period instead',
  };
}

/** Tells families together that come within a moment. */
class GatheredFamilies {
  readonly #changed: KernelEventsOptions['changed'];
  readonly #families = new Set<Family>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ changed }: KernelEventsOptions) {
    this.#changed = changed;
  }

  add(families: ReadonlySet<Family>): void {
    if (families.size === 0) return;
    for (const family of families) this.#families.add(family);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const all = [...this.#families];
      this.#families.clear();
      this.#changed(all);
    }, SETTLE);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
