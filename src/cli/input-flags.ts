/** The flags that say what should be there, the same for every command that compiles. */

import type { Command } from 'commander';
import { choice, collect, labelValue, objectName, serviceCidrs } from './flag-values.js';

/** The command with the flags of InputFlags, but for --family and --namespace, which do not mean the same everywhere. */
export function addInputFlags(command: Command): Command {
  return addClusterFlags(
    command.option(
      '-f, --filename <path>',
      'file, folder or - for standard input, YAML or JSON; or the word cluster for a running one; may be repeated',
      collect,
      [],
    ),
  )
    .option('-R, --recursive', 'read the folders below a folder too', false)
    .option('--config <file>', 'KubeProxyConfiguration of the node')
    .option('--host <file>', 'facts of the machine, as "vipc host" prints them')
    .option(
      '--node-name <name>',
      'node that the rules are for; beats hostnameOverride and the host facts',
      objectName('--node-name'),
    )
    .option(
      '--zone <name>',
      'zone of the machine, for hints of EndpointSlices, where its Node does not tell one',
      labelValue('--zone'),
    )
    .option(
      '--mode <mode>',
      'iptables or nftables; beats the configuration',
      choice('--mode', ['iptables', 'nftables']),
    )
    .option(
      '--service-cidr <cidrs>',
      'network for ClusterIPs that are missing; a comma-separated pair for dual stack',
      serviceCidrs,
      [],
    )
    .option('--templates <folder>', 'spell the rules with these templates (frame.hbs, port.hbs)');
}

/** The command with the flags of ClusterFlags that people use by hand: those of kubectl. */
export function addClusterFlags(command: Command): Command {
  return command
    .option('--kubeconfig <file>', "kubeconfig of the cluster; without it kubectl's rules")
    .option('--context <name>', 'context of the kubeconfig');
}
