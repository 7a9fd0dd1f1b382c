/** The flags of the commands that compile. */

import { type Command, Option } from 'commander';
import { LAYOUT_NAMES, type LayoutName } from '../config/types.js';
import type { NamespacedName } from '../model/types.js';
import type { Cidr } from '../net/cidr.js';
import type { BackendName } from '../ruleset/types.js';
import {
  addClusterFlags,
  CLUSTER_FLAGS,
  type ClusterFlags,
  clusterFlagText,
} from './cluster-flags.js';
import {
  clusterCidrs,
  collect,
  labelValue,
  objectName,
  oneOf,
  profileVersion,
  serviceCidrs,
} from './flags.js';

/**
 * The flags that say what should be there, each checked. Those of the cluster go with `-f cluster`.
 */
export interface InputFlags extends ClusterFlags {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly config?: string;
  readonly host?: string;
  /** Overrides the configuration's, as kube-proxy's flag does. */
  readonly hostnameOverride?: string;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly namespace?: string;
  /** Only these, `namespace/name`; all where there is none. */
  readonly services?: readonly NamespacedName[] | undefined;
  /**
   * Whether Services that the input does not name lose their rules; absent: with `-f cluster`
   * alone.
   */
  readonly prune?: boolean;
  readonly mode?: BackendName;
  readonly family: 'ipv4' | 'ipv6' | 'dual';
  readonly serviceCidr: readonly Cidr[];
  /** Networks of the pods, where no configuration says them; empty: none. */
  readonly clusterCidr?: readonly Cidr[];
  readonly templates?: string;
  /** Overrides the configuration's. */
  readonly layout?: LayoutName;
  /** A version of kube-proxy; overrides the configuration's. */
  readonly profile?: string;
}

/**
 * The command with the flags of InputFlags, but for --family, which does not mean the same
 * everywhere, and --prune.
 */
export function addInputFlags(command: Command): Command {
  return addClusterFlags(
    command.option(
      '-f, --filename <path>',
      'file, folder or - for standard input, as YAML or JSON; or the word cluster for a running cluster, the default where the configuration names a kubeconfig; may be repeated',
      collect,
      [],
    ),
  )
    .option('-R, --recursive', 'read folders recursively', false)
    .option(
      '-n, --namespace <name>',
      'only the Services of this namespace',
      objectName('--namespace'),
    )
    .option('--config <file>', 'KubeProxyConfiguration of the node')
    .option(
      '--cluster-cidr <cidrs>',
      "networks of the pods, where --config does not give them: one per family, '' for none",
      clusterCidrs,
    )
    .option('--host <file>', 'facts of the machine, as "vipc host" prints them')
    .option(
      '--hostname-override <name>',
      "name of the Node, as kube-proxy's flag; overrides the configuration",
      objectName('--hostname-override'),
    )
    .option(
      '--node-name <name>',
      'node that the rules are for; overrides hostnameOverride and the host facts',
      objectName('--node-name'),
    )
    .option(
      '--zone <name>',
      'zone of the machine, for hints of EndpointSlices, if its Node has no zone label',
      labelValue('--zone'),
    )
    .option(
      '--mode <mode>',
      'iptables or nftables; overrides the configuration',
      oneOf('--mode', ['iptables', 'nftables']),
    )
    .addOption(serviceCidrOption())
    .option(
      '--templates <folder>',
      'render the rules with the templates of this folder (frame.hbs, port.hbs)',
    )
    .addOption(layoutOption())
    .addOption(profileOption());
}

/** The command with the flags that name objects, where no configuration may name a cluster. */
export function addObjectFlags(command: Command): Command {
  return addClusterFlags(
    command.option(
      '-f, --filename <path>',
      'file, folder or - for standard input, YAML or JSON; or the word cluster for a running one; may be repeated',
      collect,
      [],
    ),
  ).option('-R, --recursive', 'read the folders below a folder too', false);
}

/** `--service-cidr`, wherever objects are completed. */
export function serviceCidrOption(): Option {
  return new Option(
    '--service-cidr <cidrs>',
    'network to assign missing ClusterIPs from; a comma-separated pair for dual stack',
  )
    .argParser(serviceCidrs)
    .default([]);
}

/** `--layout`, wherever rules are written. */
export function layoutOption(): Option {
  return new Option(
    '--layout <name>',
    'layout of the rules: kube-proxy or fast; overrides the configuration',
  ).argParser(oneOf('--layout', LAYOUT_NAMES));
}

/** `--profile`, wherever rules are written. */
export function profileOption(): Option {
  return new Option(
    '--profile <version>',
    'version of kube-proxy to follow, 1.28 to 1.38, such as 1.34 or 1.33.5, or auto: the one that wrote the rules that there are; default 1.36; overrides the configuration',
  ).argParser(profileVersion('--profile'));
}

/** The command with `--prune`, for commands that compare with a kernel. */
export function addPruneFlag(command: Command): Command {
  return command
    .option(
      '--prune',
      'remove the rules of Services that the input does not name; the default with -f cluster',
    )
    .option('--no-prune', 'keep them also with -f cluster');
}

/** Flags that mean nothing without objects, by name and spelling. */
export const OBJECT_FLAGS: readonly (readonly [keyof InputFlags, string])[] = [
  ['recursive', '--recursive'],
  ['namespace', '--namespace'],
  ['config', '--config'],
  ['clusterCidr', '--cluster-cidr'],
  ['hostnameOverride', '--hostname-override'],
  ['nodeName', '--node-name'],
  ['zone', '--zone'],
  ['mode', '--mode'],
  ['serviceCidr', '--service-cidr'],
  ['templates', '--templates'],
  ['layout', '--layout'],
  ['profile', '--profile'],
  ...CLUSTER_FLAGS.map((name) => [name, clusterFlagText(name)] as const),
];

/** The first flag on the command line that means nothing without objects, `--zone`. */
export function objectFlagOf(flags: Partial<InputFlags>): string | undefined {
  const isGiven = (value: unknown): boolean =>
    Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  return OBJECT_FLAGS.find(([name]) => isGiven(flags[name]))?.[1];
}
