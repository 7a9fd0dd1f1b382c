/**
 * The settings of a machine that rules for Services need: planning, applying and restoring them.
 */

import { type ConntrackConfig, NFACCT_COUNTERS, type ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { messageOf } from '../errors.js';
import { goodOutput, type Host } from '../host/host.js';
import type { HostChange } from '../plan/types.js';
import { fragmentsOf, type Ruleset } from '../ruleset/types.js';
import { rememberChange, rememberedChanges, rememberOnly } from './host-state.js';

/** What the settings follow from. */
export interface SettingsNeed {
  readonly config: ProxyConfig;
  /** What is to be loaded, one per family. */
  readonly rulesets: readonly Ruleset[];
  /** Whether node ports answer on 127.0.0.0/8. */
  readonly localhostNodePorts: boolean;
}

const ROUTE_LOCALNET = 'net.ipv4.conf.all.route_localnet';

/** kube-proxy's defaults, which complete a file that names one of the two. */
const MAX_PER_CORE = 32_768;
const MIN_CONNECTIONS = 131_072;
/** The most that kube-proxy 1.36 sets for the number of cores; a `min` above it stays. */
const MOST_SCALED = 1_048_576;

const CONNTRACK_MAX = 'net.netfilter.nf_conntrack_max';

/** What has to be set, in order. Nothing where the machine is as it should be. */
export async function planSettings(host: Host, need: SettingsNeed): Promise<readonly HostChange[]> {
  const values = {
    ...(need.localhostNodePorts ? { [ROUTE_LOCALNET]: 1 } : {}),
    ...(need.config.tcpBeLiberal ? { 'net.netfilter.nf_conntrack_tcp_be_liberal': 1 } : {}),
    ...conntrackValues(need.config.conntrack ?? {}, await coresOf(host)),
  };
  const changes = await Promise.all(
    Object.entries(values).map(([name, value]) => sysctlChange(host, name, value)),
  );
  return [...(await nfacctChanges(host, need.rulesets)), ...changes.flat()];
}

function conntrackValues(
  conntrack: ConntrackConfig,
  cores: number,
): Readonly<Record<string, number>> {
  const { maxPerCore = MAX_PER_CORE, min = MIN_CONNECTIONS } = conntrack;
  const named = conntrack.maxPerCore !== undefined || conntrack.min !== undefined;
  const all = {
    nf_conntrack_max: named && maxPerCore > 0 ? conntrackMax(maxPerCore * cores, min) : 0,
    nf_conntrack_tcp_timeout_established: conntrack.tcpEstablishedTimeout ?? 0,
    nf_conntrack_tcp_timeout_close_wait: conntrack.tcpCloseWaitTimeout ?? 0,
    nf_conntrack_udp_timeout: conntrack.udpTimeout ?? 0,
    nf_conntrack_udp_timeout_stream: conntrack.udpStreamTimeout ?? 0,
  };
  return Object.fromEntries(
    Object.entries(all)
      .filter(([, value]) => value > 0)
      .map(([name, value]) => [`net.netfilter.${name}`, value]),
  );
}

function conntrackMax(scaled: number, min: number): number {
  return Math.max(Math.min(scaled, MOST_SCALED), min);
}

async function coresOf(host: Host): Promise<number> {
  return ((await host.readFile('/proc/cpuinfo')) ?? '').match(/^processor\s*:/gm)?.length ?? 1;
}

async function sysctlChange(
  host: Host,
  name: string,
  value: number,
): Promise<readonly HostChange[]> {
  const before = ((await host.readFile(sysctlPath(name))) ?? '').trim();
  const after = String(value);
  // Like kube-proxy 1.38: whoever set more had a reason, and flows beyond the new limit would be
  // dropped.
  const isEnough = name === CONNTRACK_MAX && Number(before) >= value;
  return before === after || isEnough ? [] : [{ kind: 'sysctl', name, before, after }];
}

function sysctlPath(name: string): string {
  return `/proc/sys/${name.replaceAll('.', '/')}`;
}

/**
 * Objects of {@link NFACCT_COUNTERS} that rules count with and that are not there: such a rule does
 * not load. A template that names others has to see to them itself.
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
  // Without the tool, rules name objects only where rules in the kernel show that they are there.
  if (listed === undefined) return [];
  const there = new Set([...listed.matchAll(/= (\S+);/g)].map(([, name = '']) => name));
  return [...names].filter((name) => !there.has(name)).map((name) => ({ kind: 'nfacct', name }));
}

/**
 * Sets what comes before the rules (`'before'`: they refer to it) or after them (`'after'`:
 * route_localnet would open 127.0.0.0/8 to the network if the rule that guards it were not there
 * yet). What cannot be set is a diagnostic.
 */
export async function applySettings(
  host: Host,
  changes: readonly HostChange[],
  when: 'before' | 'after',
): Promise<readonly Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  for (const change of changes) {
    if (whenOf(change) !== when) continue;
    // Written down first: killed in between, cleanup takes back what is as it was.
    await rememberChange(host, change);
    const fault = await set(host, change);
    if (fault !== '') diagnostics.push(notSet(change, fault));
  }
  return diagnostics;
}

/**
 * The settings of connection tracking appear in the kernel with the first rule that asks for a
 * connection.
 */
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
 * Restores what vipc has set on this machine, unless it was changed since. To be called after the
 * rules are removed: an nfacct object that a rule refers to stays. What could not be restored is a
 * diagnostic, and is tried again the next time.
 */
export async function undoSettings(host: Host): Promise<UndoneSettings> {
  const undone: HostChange[] = [];
  const failed: { readonly change: HostChange; readonly reason: string }[] = [];
  for (const change of await rememberedChanges(host)) {
    const outcome = await undo(host, change);
    if (outcome.kind === 'undone') undone.push(change);
    if (outcome.kind === 'failed') failed.push({ change, reason: outcome.reason });
  }
  await rememberOnly(
    host,
    failed.map(({ change }) => change),
  );
  return { undone, diagnostics: failed.map(({ change, reason }) => notUndone(change, reason)) };
}

/** `changed`: it no longer is as vipc has set it, so it is left alone. */
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
