/** The machine of two rulesets, with its addresses as far as facts, objects or rules name them. */

import type { HostFacts } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { knownMachine, machineOf } from '../explain/machine.js';
import {
  type Family,
  familyOf,
  type Ip,
  inetNtop,
  interfaceAddresses,
  isLoopback,
  parseIp,
} from '../net/ip.js';
import { union } from '../netfilter/intervals.js';
import { address } from '../netfilter/region.js';
import type { Machine } from '../netfilter/route.js';
import type { Node } from '../snapshot/types.js';
import { frontendsOf, type ModeRules } from './compared-rules.js';

export interface ComparedNode {
  readonly machine: Machine;
  /** Its own addresses but for loopback, the primary one first. */
  readonly addresses: readonly Ip[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The node. Where its addresses are not given, those for documentation stand for one that accepts
 * node ports in both modes and one that does not: what is asked about is not where they are.
 */
export function nodeOf(
  family: Family,
  known: {
    readonly facts: HostFacts | undefined;
    readonly node: Node | undefined;
    readonly rules: readonly ModeRules[];
  },
): ComparedNode {
  const { facts, node, rules } = known;
  const own = machineOf(family, facts, node);
  if (facts !== undefined || node !== undefined)
    return { machine: knownMachine(own), addresses: addressesIn(family, known), diagnostics: [] };
  const listed = [...new Set(rules.flatMap((one) => one.rules.nodePortIps()))].filter(
    (ip) => !isLoopback(ip) && familyOf(ip) === family,
  );
  const taken = new Set(rules.flatMap((one) => frontendsOf(one.rules).map(({ ip }) => ip)));
  const [first, second] = DOCUMENTATION[family]
    .flatMap((text) => parseIp(text) ?? [])
    .filter((ip) => !taken.has(ip));
  const primary = listed.length > 0 ? listed : [first];
  const addresses = [...primary, second].flatMap((ip) => ip ?? []);
  const local = union([own.local, ...addresses.map(address)]);
  return {
    machine: knownMachine({ ...own, local }),
    addresses,
    diagnostics: [assumption(addresses, listed.length > 0)],
  };
}

/** From the blocks for documentation (RFC 5737, RFC 3849). */
const DOCUMENTATION: Readonly<Record<Family, readonly string[]>> = {
  IPv4: ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.13'],
  IPv6: ['2001:db8::10', '2001:db8::11', '2001:db8::12', '2001:db8::13'],
};

function addressesIn(
  family: Family,
  { facts, node }: { readonly facts: HostFacts | undefined; readonly node: Node | undefined },
): readonly Ip[] {
  const ofNode = (node?.status?.addresses ?? []).flatMap((one) => parseIp(one.address) ?? []);
  const ips = new Set([...ofNode, ...interfaceAddresses(facts?.interfaces ?? [])]);
  return [...ips].filter((ip) => familyOf(ip) === family && !isLoopback(ip));
}

function assumption(addresses: readonly Ip[], isListed: boolean): Diagnostic {
  const texts = addresses.map(inetNtop);
  const last = texts.at(-1);
  const message = isListed
    ? `nothing says which addresses the machine has besides those that the rules list for node ports: ${last} stands for another one`
    : `nothing says which addresses the machine has: ${texts[0]} stands for its primary one, ${last} for another one`;
  return {
    ...{ code: 'machine-assumed', severity: 'note', message },
    hint: 'give its facts with --host',
  };
}
