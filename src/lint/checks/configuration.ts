/** The configuration of the node: what it leaves open, and what another version fills in. */

import { NO_MODE } from '../../config/mode-unset.js';
import { cidrFamily } from '../../net/cidr.js';
import type { Family } from '../../net/ip.js';
import type { CheckGroup, LintInput } from '../input.js';
import { finding, inFile, kep, type LintFinding, type LintRule } from '../rule.js';

const NO_CLUSTER_CIDR: LintRule = {
  code: 'no-cluster-cidr',
  severity: 'warning',
  title: 'The network of Pods is not configured',
  why: 'detectLocalMode ClusterCIDR recognises traffic of Pods by clusterCIDR. Without it nothing from outside of the cluster that reaches a cluster IP through this node is masqueraded, so its replies may take another way; and Pods that use an external address of a Service with externalTrafficPolicy Local are treated as clients from outside, and dropped where the node has no endpoint.',
  remedy: 'set clusterCIDR, or another detectLocalMode that fits the network of the cluster',
  references: [kep(2450)],
};

const MODE_UNSET: LintRule = {
  code: 'mode-unset',
  severity: 'warning',
  title: 'The mode of kube-proxy is not configured',
  why: 'kube-proxy takes iptables today. It is planned to warn of that in 1.37, and to take nftables from 1.40 on, which answers node ports on the primary address of a node alone and differs in other ways too.',
  remedy: 'set mode to iptables or nftables',
  since: '1.36',
  until: '1.40',
  references: [kep(5343)],
};

/** The families in use that have no network of Pods; all of them count as one without Services. */
function familiesWithoutCidr({ models, config }: LintInput): readonly (Family | undefined)[] {
  if (models.length === 0) return config.clusterCidrs.length === 0 ? [undefined] : [];
  return models
    .map(({ context }) => context.family)
    .filter((family) => !config.clusterCidrs.some((cidr) => cidrFamily(cidr) === family));
}

function clusterCidr(input: LintInput): readonly LintFinding[] {
  const { config, mode, files } = input;
  if (config.detectLocalMode !== 'ClusterCIDR' || config[mode].masqueradeAll) return [];
  return familiesWithoutCidr(input).map((family) =>
    finding(
      NO_CLUSTER_CIDR,
      `has no network${family === undefined ? '' : ` of ${family}`}: traffic of Pods cannot be recognised`,
      inFile(files.config, 'clusterCIDR'),
    ),
  );
}

/** Checks of the configuration file, where one is given. */
export const CONFIGURATION_CHECKS: CheckGroup = {
  rules: [NO_CLUSTER_CIDR, MODE_UNSET],
  check: (input) => {
    if (input.files.config === undefined) return [];
    const modeUnset = finding(MODE_UNSET, NO_MODE, inFile(input.files.config, 'mode'));
    return [...clusterCidr(input), ...(input.config.mode === '' ? [modeUnset] : [])];
  },
};
