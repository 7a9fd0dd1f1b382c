/**
 * The settings of a machine that rules for Services need: planning, applying and restoring them.
 */

import { NFACCT_COUNTERS, type ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { messageOf } from '../errors.js';
import { goodOutput, type Host } from '../host/host.js';
import type { HostChange } from '../plan/types.js';
import { fragmentsOf, type Ruleset } from '../ruleset/types.js';
import { rememberChange, rememberedChanges, rememberOnly } from './host-state.js';

/** What decides which settings are needed. */
export interface SettingsNeed {
  readonly config: ProxyConfig;
  /** What is to be loaded, one per family. */
  readonly rulesets: readonly Ruleset[];
  /** Whether node ports answer on 127.0.0.0/8. */
  readonly localhostNodePorts: boolean;
}

const ROUTE_LOCALNET = 'net.ipv4.conf.all.route_localnet';

/** kube-proxy's defaults, for a configuration that sets only one of the two. */
const MAX_PER_CORE = 32_768;
const MIN_CONNECTIONS = 131_072;

const CONNTRACK_MAX = 'net.netfilter.nf_conntrack_max';

/** The settings to change, in order; empty where all have the values that are needed. */
export async function planSettings(host: Host, need: SettingsNeed): Promise<readonly HostChange[]> {
  const { profile } = need.config;
  const values = {
    ...(need.localhostNodePorts ? { [ROUTE_LOCALNET]: 1 } : {}),
    ...conntrackValues(need.config, await coresOf(host)),
  };
  const changes = await Promise.all(
    Object.entries(values).map(([name, value]) => sysctlChange(host, name, value, profile)),
  );
  return [...(await nfacctChanges(host, need.rulesets)), ...changes.flat()];
}

function conntrackValues(
  { conntrack = {}, tcpBeLiberal, profile }: ProxyConfig,
  cores: number,
): Readonly<Record<string, number>> {
  const { maxPerCore = MAX_PER_CORE, min = MIN_CONNECTIONS } = conntrack;
  const { conntrackCap, conntrackUdp } = profile.config;
  const scaled = Math.min(maxPerCore * cores, conntrackCap);
  const named = conntrack.maxPerCore !== undefined || conntrack.min !== undefined;
  const all = {
    nf_conntrack_tcp_be_liberal: conntrackUdp && tcpBeLiberal ? 1 : 0,
    nf_conntrack_max: named && maxPerCore > 0 ? Math.max(scaled, min) : 0,
    nf_conntrack_tcp_timeout_established: conntrack.tcpEstablishedTimeout ?? 0,
    nf_conntrack_tcp_timeout_close_wait: conntrack.tcpCloseWaitTimeout ?? 0,
    nf_conntrack_udp_timeout: (conntrackUdp && conntrack.udpTimeout) || 0,
    nf_conntrack_udp_timeout_stream: (conntrackUdp && conntrack.udpStreamTimeout) || 0,
  };
  return Object.fromEntries(
    Object.entries(all)
      .filter(([, value]) => value > 0)
      .map(([name, value]) => [`net.netfilter.${name}`, value]),
  );
}

async function coresOf(host: Host): Promise<number> {
  return ((await host.readFile('/proc/cpuinfo')) ?? '').match(/^processor\s*:/gm)?.length ?? 1;
}

async function sysctlChange(
  host: Host,
  name: string,
  value: number,
  profile: ProxyConfig['profile'],
): Promise<readonly HostChange[]> {
  const before = ((await host.readFile(sysctlPath(name))) ?? '').trim();
  const after = String(value);
  const { conntrackWrites: writes } = profile.config;
  const stays = writes === 'raising' || (writes === 'but-lower-limit' && name === CONNTRACK_MAX);
  return before === after || (stays && Number(before) > value)
    ? []
    : [{ kind: 'sysctl', name, before, after }];
}

function sysctlPath(name: string): string {
  return `/proc/sys/${name.replaceAll('.', '/')}`;
}

/**
 * The objects of {@link NFACCT_COUNTERS} that rules name and the kernel does not have: without them
 * the rules do not load. Other objects that a user's template names are not created.
 */
async function nfacctChanges(
  host: Host,
  rulesets: readonly Ruleset[],
): Promise<readonly HostChange[]> {
  const names = NFACCT_COUNTERS.filter((name) =>
    rulesets.some((ruleset) =>
      fragmentsOf(ruleset).some(({ text }) => text.includes(`--nfacct-name ${name} `)),
    ),
  );
  if (names.length === 0) return [];
  const listed = goodOutput(await host.run({ command: 'nfacct', args: ['list'] }));
  // Without the program, rules name an object only where a rule in the kernel names it already.
  if (listed === undefined) return [];
  const there = new Set([...listed.matchAll(/= (\S+);/g)].map(([, name = '']) => name));
  return [...names].filter((name) => !there.has(name)).map((name) => ({ kind: 'nfacct', name }));
}

/**
 * Applies the settings that must precede the rules (`'before'`: nfacct objects, which rules name)
 * or follow them (`'after'`: route_localnet opens 127.0.0.0/8 to the network until a rule guards
 * it). What cannot be set is a diagnostic.
 */
export async function applySettings(
  host: Host,
  changes: readonly HostChange[],
  when: 'before' | 'after',
): Promise<readonly Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  for (const change of changes) {
    if (whenOf(change) !== when) continue;
    // Remembered first, so that a cleanup finds it also if vipc is killed in between.
    await rememberChange(host, change);
    const fault = await set(host, change);
    if (fault !== '') diagnostics.push(notSet(change, fault));
  }
  return diagnostics;
}

/** The conntrack sysctls exist only once a rule uses connection tracking. */
function whenOf(change: HostChange): 'before' | 'after' {
  return change.kind === 'nfacct' ? 'before' : 'after';
}

const NO_NFACCT = 'the program nfacct does not answer';

/** Why it cannot be set; `''` where it is. */
async function set(host: Host, change: HostChange): Promise<string> {
  if (change.kind === 'sysctl') return write(host, change.name, change.after);
  const result = await host.run({ command: 'nfacct', args: ['add', change.name] });
  if (result.kind !== 'exited') return NO_NFACCT;
  return result.code === 0 ? '' : result.stderr.trim();
}

async function write(host: Host, name: string, value: string): Promise<string> {
  return host.writeFile(sysctlPath(name), value).then(
    () => '',
    (error: unknown) => messageOf(error),
  );
}

function notSet(change: HostChange, fault: string): Diagnostic {
  const what =
    change.kind === 'sysctl'
      ? `${change.name} cannot be set to ${change.after}`
      : `the nfacct object ${change.name} cannot be made`;
  return { code: 'host-setting-refused', severity: 'error', message: `${what}: ${fault}` };
}

/** What was restored, and what could not be. */
export interface UndoneSettings {
  readonly undone: readonly HostChange[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Restores what vipc has set on this machine, unless it was changed since; only settings of one
 * kind where one is given. An nfacct object can be deleted once no rule refers to it; a sysctl is
 * restored before the rules that guard what it opened are removed. What could not be restored is a
 * diagnostic, and is tried again the next time.
 */
export async function undoSettings(host: Host, kind?: HostChange['kind']): Promise<UndoneSettings> {
  const undone: HostChange[] = [];
  const kept: HostChange[] = [];
  const failed: { readonly change: HostChange; readonly reason: string }[] = [];
  for (const change of await rememberedChanges(host)) {
    if (kind !== undefined && change.kind !== kind) {
      kept.push(change);
      continue;
    }
    const outcome = await undo(host, change);
    if (outcome.kind === 'undone') undone.push(change);
    if (outcome.kind === 'failed') failed.push({ change, reason: outcome.reason });
  }
  await rememberOnly(host, [...kept, ...failed.map(({ change }) => change)]);
  return { undone, diagnostics: failed.map(({ change, reason }) => notUndone(change, reason)) };
}

/** `changed`: it was changed or deleted since, so it is left alone. */
type Undoing =
  | { readonly kind: 'undone' | 'changed' }
  | { readonly kind: 'failed'; readonly reason: string };

async function undo(host: Host, change: HostChange): Promise<Undoing> {
  return change.kind === 'sysctl'
    ? undoSysctl(host, change)
    : deleteNfacctObject(host, change.name);
}

async function undoSysctl(
  host: Host,
  { name, before, after }: Extract<HostChange, { kind: 'sysctl' }>,
): Promise<Undoing> {
  const now = ((await host.readFile(sysctlPath(name))) ?? '').trim();
  if (now !== after || before === '') return { kind: 'changed' };
  const reason = await write(host, name, before);
  return reason === '' ? { kind: 'undone' } : { kind: 'failed', reason };
}

async function deleteNfacctObject(host: Host, name: string): Promise<Undoing> {
  const result = await host.run({ command: 'nfacct', args: ['delete', name] });
  if (result.kind !== 'exited') return { kind: 'failed', reason: NO_NFACCT };
  if (result.code === 0) return { kind: 'undone' };
  const reason = result.stderr.trim();
  return reason.includes('No such file') ? { kind: 'changed' } : { kind: 'failed', reason };
}

function notUndone(change: HostChange, reason: string): Diagnostic {
  return change.kind === 'sysctl'
    ? notSet({ ...change, after: change.before }, reason)
    : {
        code: 'host-setting-refused',
        severity: 'error',
        message: `the nfacct object ${change.name} cannot be deleted: ${reason}`,
        ...(reason.includes('busy') ? { hint: 'rules that are left still count with it' } : {}),
      };
}
