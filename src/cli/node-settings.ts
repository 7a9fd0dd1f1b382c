/**
 * Settings of kube-proxy that the rules of a node were made with and the desired ones were not: in
 * words, and whether the command line says that this is meant.
 */

import { type NodeSettings, otherSettings } from '../backends/node-settings.js';
import { OtherSettingsError } from '../errors.js';
import type { LocalDetector, Model, NodePortAddresses } from '../model/types.js';
import type { Cidr } from '../net/cidr.js';
import type { BackendName } from '../ruleset/types.js';
import { podCidrsOf, type Snapshot } from '../snapshot/types.js';
import type { InputFlags } from './input-flags.js';

/** One setting, by its field of a KubeProxyConfiguration. */
export interface OtherSetting {
  readonly name: string;
  /** What the rules of the node say; `''`: the default. */
  readonly kernel: string;
  /** What the desired rules are compiled for; `''`: the default. */
  readonly wanted: string;
  /** The network to give with --cluster-cidr, where that is all; else `''`. */
  readonly clusterCidr: Cidr | '';
}

/** The flags that say how kube-proxy is configured. */
export type SettingsFlags = Pick<InputFlags, 'config' | 'clusterCidr'>;

/** The settings that differ, for people. */
export function settingsInWords(
  found: NodeSettings,
  { context }: Model,
  mode: BackendName,
  { nodes }: Snapshot,
): readonly OtherSetting[] {
  const other = otherSettings(found, context);
  const { localDetector, masqueradeAll, masqueradeMark } = other;
  const { nodePortAddresses, localhostNodePorts, loopbackListed } = other;
  const plain = (name: string, kernel: string, wanted: string): OtherSetting => ({
    ...{ name, kernel, wanted },
    clusterCidr: '',
  });
  const node = nodes.get(context.nodeName);
  const podCidrs = node === undefined ? [] : podCidrsOf(node);
  return [
    ...(localDetector === undefined
      ? []
      : [detectorInWords(localDetector, context.localDetector, podCidrs)]),
    ...(masqueradeAll === undefined
      ? []
      : [plain(`${mode}.masqueradeAll`, String(masqueradeAll), String(context.masqueradeAll))]),
    ...(masqueradeMark === undefined
      ? []
      : [plain(`${mode}.masqueradeBit`, bit(masqueradeMark), bit(context.masqueradeMark))]),
    ...(nodePortAddresses === undefined
      ? []
      : [plain('nodePortAddresses', list(nodePortAddresses), list(context.nodePortAddresses))]),
    ...(loopbackListed === undefined
      ? []
      : [
          plain(
            'localhost in nodePortAddresses',
            String(loopbackListed),
            String(context.loopbackListed),
          ),
        ]),
    // Without another list of addresses, which decides about the loopback address too.
    ...(localhostNodePorts === undefined || nodePortAddresses !== undefined
      ? []
      : [
          plain(
            'iptables.localhostNodePorts',
            String(localhostNodePorts),
            String(context.localhostNodePorts),
          ),
        ]),
  ];
}

function detectorInWords(
  found: LocalDetector,
  wanted: LocalDetector,
  podCidrs: readonly string[],
): OtherSetting {
  const isNetwork = ({ kind }: LocalDetector): boolean => kind === 'source' || kind === 'none';
  const isOfNode = found.kind === 'source' && podCidrs.includes(found.cidr);
  if (isNetwork(found) && isNetwork(wanted) && !isOfNode) {
    const kernel = found.kind === 'source' ? found.cidr : '';
    const text = wanted.kind === 'source' ? wanted.cidr : '';
    return { name: 'clusterCIDR', kernel, wanted: text, clusterCidr: kernel };
  }
  const kernel = isOfNode ? `NodeCIDR (${found.cidr})` : detectorText(found);
  return { name: 'detectLocalMode', kernel, wanted: detectorText(wanted), clusterCidr: '' };
}

function detectorText(detector: LocalDetector): string {
  switch (detector.kind) {
    case 'none':
      return '';
    case 'source':
      return `ClusterCIDR (${detector.cidr})`;
    case 'interface':
      return `BridgeInterface (${detector.name})`;
    case 'interface-prefix':
      return `InterfaceNamePrefix (${detector.prefix})`;
  }
}

/** The number of the bit; the mark itself where it is not one bit. */
function bit(mark: number): string {
  const number = Math.log2(mark);
  return Number.isInteger(number) ? String(number) : `0x${mark.toString(16)}`;
}

function list(addresses: NodePortAddresses): string {
  return addresses.kind === 'all' ? 'every address' : addresses.ips.join(', ');
}

/** `clusterCIDR 10.244.0.0/16`, `no clusterCIDR`. */
function has({ name, kernel }: OtherSetting): string {
  return kernel === '' ? `no ${name}` : `${name} ${kernel}`;
}

/** The settings of which no flag says that they are meant. */
function unanswered(
  settings: readonly OtherSetting[],
  { config, clusterCidr }: SettingsFlags,
): readonly OtherSetting[] {
  if (config !== undefined) return [];
  const isUnset = ({ name }: OtherSetting): boolean =>
    clusterCidr === undefined || name !== 'clusterCIDR';
  return settings.filter(isUnset);
}

/** The flags that settle these settings, of all families; `''` where they are meant. */
export function settingsHint(settings: readonly OtherSetting[], flags: SettingsFlags): string {
  const open = unanswered(settings, flags);
  if (open.length === 0) return '';
  const cidrs = [...new Set(open.map(({ clusterCidr }) => clusterCidr).filter(Boolean))];
  const also =
    cidrs.length === 0 || open.some(({ name }) => name !== 'clusterCIDR')
      ? ''
      : `, or --cluster-cidr ${cidrs.join(',')}`;
  return `give the configuration of the node's kube-proxy with --config${also}`;
}

/** Throws OtherSettingsError where an apply would change what every Service of the node shares. */
export function refuseOtherSettings(settings: readonly OtherSetting[], flags: SettingsFlags): void {
  const open = unanswered(settings, flags);
  if (open.length === 0) return;
  const words = [...new Set(open.map(has))].join(', ');
  const onlyCidr = open.every(({ name }) => name === 'clusterCIDR');
  throw new OtherSettingsError(
    `this node's kube-proxy has ${words}; without its configuration apply would change the rules of every Service`,
    {
      hint: `${settingsHint(settings, flags)}${onlyCidr ? "; --cluster-cidr '' is for none" : ''}`,
    },
  );
}
