/** `vipc agent` as commander sees it. */

import type { Command } from 'commander';
import type { AgentFlags } from './commands/agent.js';
import {
  collect,
  driftPolicy,
  duration,
  labelValue,
  objectName,
  serviceCidrs,
} from './flag-values.js';
import { addKernelFlags } from './kernel-flags.js';
import { addProxyFlags } from './proxy-flags.js';
import type { Terminal } from './terminal.js';

const EXAMPLES = `
Keeps the rules of this machine at what the objects ask for, until it is told to stop: SIGTERM leaves the rules, and
"vipc cleanup" removes them. Takes kube-proxy's configuration file and its flags, answers /healthz and /livez on port 10256,
/metrics, /proxyMode and /configz on 10249, and starts from the rules that it finds, also kube-proxy's own. Do not run it
beside a kube-proxy.

Examples:
  # On a node of a cluster, with kube-proxy's own configuration
  vipc agent --config /var/lib/kube-proxy/config.conf --hostname-override worker-1

  # On a machine outside the cluster that wants to reach its ClusterIPs, also before the API server answers after a boot
  vipc agent --kubeconfig /etc/vipc/kubeconfig --node-name $(hostname) --proxy-mode nftables --last-good /var/lib/vipc/last-good.json

  # Without any cluster: a folder of manifests, followed as it changes
  vipc agent -f /etc/vipc/services --watch --service-cidr 10.96.0.0/16

Exit codes:
  0 told to stop; 1 the configuration file has changed, start again; 64 usage; 66 no input; 68 no API server can be asked;
  69 not in this version; 70 a defect or a bad template; 72 no usable iptables or nft; 77 not root; 78 bad configuration;
  84 a port is taken and bindAddressHardFail is set
`;

/** Adds the command. `done` gets its exit code. */
export function addAgent(
  program: Command,
  terminal: Terminal,
  done: (exitCode: number) => void,
): void {
  addKernelFlags(addProxyFlags(program.command('agent')))
    .summary('keep a machine programmed for ever')
    .description(
      'Follows the objects of a cluster or of files, and keeps the kernel of this machine at the rules for them.',
    )
    .option('--context <name>', 'context of the kubeconfig')
    .option(
      '-f, --filename <path>',
      'objects from a file or folder instead of an API server; may be repeated',
      collect,
      [],
    )
    .option('-R, --recursive', 'with -f: read the folders below a folder too', false)
    .option('--watch', 'with -f: follow changes of the files', false)
    .option(
      '--service-cidr <cidrs>',
      'with -f: network for ClusterIPs that are missing; a comma-separated pair for dual stack',
      serviceCidrs,
      [],
    )
    .option(
      '--node-name <name>',
      'who this machine is; unlike with --hostname-override there need be no Node of this name',
      objectName('--node-name'),
    )
    .option(
      '--zone <name>',
      'zone of the machine, for hints of EndpointSlices, where its Node does not tell one',
      labelValue('--zone'),
    )
    .option('--templates <folder>', 'spell the rules with these templates (frame.hbs, port.hbs)')
    .option(
      '--drift <policy>',
      'what becomes of rules that somebody else changed: off, report, repair; with ",watch" the kernel tells at once',
      driftPolicy,
      { policy: 'repair', watch: false },
    )
    .option(
      '--drift-interval <duration>',
      'how often every rule is compared; what can be told at little cost is looked at every sync period',
      duration('--drift-interval'),
      600_000,
    )
    .option(
      '--last-good <file>',
      'keep what was applied last there, and begin with it where the kernel has no rules yet',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (flags: AgentFlags) => {
      const { agent } = await import('./commands/agent.js');
      done(await agent(flags, terminal));
    });
}
