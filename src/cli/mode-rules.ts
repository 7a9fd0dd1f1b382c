/**
 * The rules that a node would have in a mode: from objects, or where there are none from the rules
 * that it has. Rules of other programs stay as they are.
 */

import { rulesOfRuleset } from '../backends/named-rules.js';
import type { NodeSettings } from '../backends/node-settings.js';
import type { HostFacts, ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { recoveredPorts } from '../explain/recovered-ports.js';
import { sendersOf } from '../explain/senders.js';
import { buildModel, isLarge } from '../model/build.js';
import type { Model } from '../model/types.js';
import type { Cidr } from '../net/cidr.js';
import { type Family, type Ip, inetNtop } from '../net/ip.js';
import { joinedPrograms, withoutRulesOf } from '../netfilter/program.js';
import { type Machine, Router } from '../netfilter/route.js';
import { compile, modelSettings } from '../pipeline.js';
import type { BackendName } from '../ruleset/types.js';
import { loadSnapshot } from '../snapshot/load.js';
import type { Node, ServiceCidr } from '../snapshot/types.js';
import { frontendsOf, type ModeRules, ownsInAnyMode } from './compared-rules.js';

/** What the rules of a mode are made for. */
export interface ModeNode {
  readonly mode: BackendName;
  readonly family: Family;
  readonly config: ProxyConfig;
  readonly host: HostFacts | undefined;
  readonly machine: Machine;
  /** Its addresses, the primary one first. */
  readonly addresses: readonly Ip[];
  readonly serviceCidr: readonly Cidr[];
  /** Whether the configuration is what the node has; else the rules are asked. */
  readonly isConfigured: boolean;
}

/** The rules of a model, together with the foreign rules that are there. */
export function rulesOfMode(
  model: Model,
  before: ModeRules,
  { mode, isConfigured }: Pick<ModeNode, 'mode' | 'isConfigured'>,
): ModeRules {
  const observed = isConfigured ? {} : portable(before, mode);
  const context = { ...model.context, ...observed };
  const rules = rulesOfRuleset(compile({ ...model, context }, { mode }));
  const others = withoutRulesOf(before.rules.program, ownsInAnyMode);
  const name = `mode ${mode}`;
  return { mode, rules: { ...rules, name, program: joinedPrograms([others, rules.program]) } };
}

/**
 * The settings that hold in the other mode too. Node ports on every address may be a default, which
 * each mode has its own of. Rules of mode iptables that let none answer have no rule that says it.
 */
function portable({ mode, rules }: ModeRules, wanted: BackendName): NodeSettings {
  const settings = rules.settings();
  if (mode === wanted) return settings;
  const { localhostNodePorts: _loopback, nodePortAddresses: addresses, ...others } = settings;
  const listed = addresses ?? (mode === 'iptables' ? { kind: 'listed', ips: [] } : undefined);
  return listed?.kind === 'listed' ? { ...others, nodePortAddresses: listed } : others;
}

/** The model behind the rules of a node, for another mode. */
export function recoveredModel(before: ModeRules, node: ModeNode): Model {
  const { mode, family, config, host, machine, addresses, serviceCidr } = node;
  const { rules } = before;
  const { snapshot } = loadSnapshot([]);
  const nodeName = 'node';
  const object: Node = {
    ...{ apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName } },
    status: {
      addresses: addresses.map((ip) => ({ type: 'InternalIP', address: inetNtop(ip) })),
    },
  };
  const cidrs: ServiceCidr = {
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'given' } },
    spec: { cidrs: serviceCidr },
  };
  const model = buildModel(
    { ...snapshot, nodes: new Map([[nodeName, object]]), serviceCidrs: [cidrs] },
    modelSettings({ config, mode, nodeName, ...(host && { host }) }),
    family,
  );
  const localDetector = rules.settings().localDetector ?? model.context.localDetector;
  const ports = recoveredPorts({
    family,
    router: new Router(rules.program, machine),
    frontends: frontendsOf(rules),
    clusterIps: new Set(rules.clusterIps()),
    senders: sendersOf({ family, localDetector }, machine),
    nodeIp: rules.nodePortIps()[0] ?? addresses[0],
  });
  const endpoints = ports.reduce((sum, { endpointCount }) => sum + endpointCount, 0);
  return { ...model, ports, context: { ...model.context, large: isLarge(endpoints) } };
}

/** What cannot be recovered from rules. */
export function recoveryNotes(
  mode: BackendName,
  serviceCidr: readonly Cidr[],
): readonly Diagnostic[] {
  const hint = 'give the objects with -f';
  const note = (code: string, message: string, more = hint): Diagnostic => ({
    ...{ code, severity: 'note', message, hint: more },
  });
  return [
    note(
      'services-recovered',
      'the Services were derived from the rules, which do not say which endpoints are on this node: pods that reach themselves were taken for pods of this node',
    ),
    ...(mode === 'nftables' && serviceCidr.length === 0
      ? [
          note(
            'service-cidr-unknown',
            'nothing says which networks ClusterIPs come from: addresses of them that no Service has, which mode nftables drops, were not compared',
            'give the networks with --service-cidr, or the objects with -f',
          ),
        ]
      : []),
  ];
}
