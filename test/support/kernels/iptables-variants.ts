/**
 * The two iptables of a Linux system, each with its own tables in the kernel, as tests drive them.
 */

import type { Family } from '../../../src/index.js';
import type { Namespace } from '../machines/netns.js';

export interface IptablesVariant {
  readonly name: 'iptables-nft' | 'iptables-legacy';
  /** Commands that must be installed for it. */
  readonly tools: readonly string[];
}

export const VARIANTS: readonly IptablesVariant[] = (
  ['iptables-nft', 'iptables-legacy'] as const
).map((name) => ({
  name,
  tools: ['save', 'restore'].flatMap((verb) => [
    `${name}-${verb}`,
    `${name.replace('iptables', 'ip6tables')}-${verb}`,
  ]),
}));

/**
 * The nfacct objects that kube-proxy's rules name; a rule that names a missing one does not load.
 */
export const NFACCT_OBJECTS: readonly string[] = [
  'ct_state_invalid_dropped_pkts',
  'localhost_nps_accepted_pkts',
];

const EMPTY_TABLES = ['mangle', 'nat', 'filter'].map((table) => `*${table}\nCOMMIT\n`).join('');

/** What becomes of a forwarded packet that no rule decides about, in both families. */
export async function setForwardPolicy(
  namespace: Namespace,
  variant: IptablesVariant,
  policy: 'ACCEPT' | 'DROP',
): Promise<void> {
  const document = `*filter\n:FORWARD ${policy} [0:0]\nCOMMIT\n`;
  for (const family of ['IPv4', 'IPv6'] as const)
    await loadDocument(namespace, variant, family, document);
}

function command(variant: IptablesVariant, family: Family, verb: 'save' | 'restore'): string {
  const tool = family === 'IPv4' ? variant.name : variant.name.replace('iptables', 'ip6tables');
  return `${tool}-${verb}`;
}

/** Makes the nfacct objects; once per namespace. */
export async function makeNfacctObjects(namespace: Namespace): Promise<void> {
  for (const object of NFACCT_OBJECTS) await namespace.run('nfacct', ['add', object]);
}

/** Loads a document on top of what is there; throws with the tool's own words if it is refused. */
export async function loadDocument(
  namespace: Namespace,
  variant: IptablesVariant,
  family: Family,
  document: string,
): Promise<void> {
  await namespace.run(command(variant, family, 'restore'), ['--noflush'], document);
}

/**
 * What the kernel holds, as the variant prints it. With `counters`, each line starts with
 * `[packets:bytes]`.
 */
export async function saveDocument(
  namespace: Namespace,
  variant: IptablesVariant,
  family: Family,
  counters = false,
): Promise<string> {
  return namespace.run(command(variant, family, 'save'), counters ? ['-c'] : []);
}

/** Removes every chain and rule of the tables that kube-proxy uses. */
export async function clearTables(
  namespace: Namespace,
  variant: IptablesVariant,
  family: Family,
): Promise<void> {
  await namespace.run(command(variant, family, 'restore'), [], EMPTY_TABLES);
}
