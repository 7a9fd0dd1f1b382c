/** Networks of Services, of Pods and of machines that lie in each other. */

import { type Cidr, cidrContains, cidrParts, parseCidr } from '../../net/cidr.js';
import { cidrLookup } from '../../net/cidr-set.js';
import { podCidrsOf } from '../../snapshot/types.js';
import { serviceNetworks } from '../addresses.js';
import type { CheckGroup, LintInput } from '../input.js';
import { type FindingPlace, finding, inFile, inObject, kep, type LintRule } from '../rule.js';

const OVERLAP: LintRule = {
  code: 'networks-overlap',
  severity: 'error',
  title: 'Networks of the cluster overlap',
  why: 'Cluster IPs, Pods and machines need networks of their own. Where a cluster IP is also the address of a Pod or of a machine, rules send what is meant for that to a Service, or in mode nftables drop what is sent to the rest of the network.',
  remedy: 'give the cluster networks of its own',
  references: [kep(1880)],
};

/** A network, what it is, and where that is said. */
interface NamedNetwork {
  readonly cidr: Cidr;
  readonly words: string;
  readonly place: FindingPlace;
}

function podNetworks({ snapshot, config, files }: LintInput): readonly NamedNetwork[] {
  const configured = config.clusterCidrs.map((cidr): NamedNetwork => {
    return { cidr, words: 'the network of Pods', place: inFile(files.config, 'clusterCIDR') };
  });
  const ofNodes = [...snapshot.nodes.values()].flatMap((node) => {
    const field = node.spec?.podCIDRs === undefined ? 'spec.podCIDR' : 'spec.podCIDRs';
    return podCidrsOf(node).flatMap((text): readonly NamedNetwork[] => {
      const cidr = parseCidr(text);
      if (cidr === undefined) return [];
      const words = `the network of Pods of Node ${node.metadata.name}`;
      return [{ cidr, words, place: inObject(node, field) }];
    });
  });
  return [...configured, ...ofNodes];
}

/**
 * Networks of one address cannot contain a neighbour's address: kube-ipvs0 has every cluster IP.
 */
function machineNetworks({ host, files }: LintInput): readonly NamedNetwork[] {
  return (host?.interfaces ?? []).flatMap(({ name, addresses }, i) =>
    addresses.flatMap((address): readonly NamedNetwork[] => {
      const cidr = parseCidr(address);
      if (cidr === undefined || cidrParts(cidr).bits === (address.includes(':') ? 128 : 32))
        return [];
      const place = inFile(files.host, `interfaces[${i}]`);
      return [{ cidr, words: `the network of ${name} of ${host?.nodeName}`, place }];
    }),
  );
}

/** A cluster has one network of Services or two; of a file with thousands, some are compared. */
const MOST_NETWORKS = 100;

/** Of two networks that overlap one holds the first address of the other. */
function overlapTest(cidrs: readonly Cidr[]): (cidr: Cidr) => boolean {
  const holds = cidrLookup(cidrs);
  const firsts = cidrs.slice(0, MOST_NETWORKS).map((cidr) => cidrParts(cidr).ip);
  return (cidr) => holds(cidrParts(cidr).ip) || firsts.some((ip) => cidrContains(cidr, ip));
}

/** Checks of networks. */
export const NETWORK_CHECKS: CheckGroup = {
  rules: [OVERLAP],
  check: (input) => {
    const services = serviceNetworks(input);
    if (services.length === 0) return [];
    const overlaps = overlapTest(services);
    return [...podNetworks(input), ...machineNetworks(input)]
      .filter(({ cidr }) => overlaps(cidr))
      .map(({ cidr, words, place }) =>
        finding(OVERLAP, `${cidr}, ${words}, overlaps a network of cluster IPs`, place),
      );
  },
};
