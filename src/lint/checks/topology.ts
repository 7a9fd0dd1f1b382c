/** Topology: hints that are ignored, and traffic distributions without effect. */

import { poolRequest, type Selection, selectionOf } from '../../model/topology.js';
import type { Model, ServicePort } from '../../model/types.js';
import type { NamespacedName, Service } from '../../snapshot/types.js';
import type { CheckGroup } from '../input.js';
import { finding, inObject, kep, type LintFinding, type LintRule } from '../rule.js';

const IGNORED: LintRule = {
  code: 'hints-ignored',
  severity: 'warning',
  title: 'Topology hints are ignored',
  why: 'kube-proxy follows hints all or nothing: every ready endpoint must have one, and one of them must be for the zone or node of the client. Otherwise traffic goes to all endpoints, in other zones too. Policy Local does not look at hints.',
  remedy:
    'see which endpoint has no hint, and whether every node has a label topology.kubernetes.io/zone',
  references: [kep(2433), kep(3015)],
};

const WITHOUT: LintRule = {
  code: 'distribution-without-hints',
  severity: 'warning',
  title: 'A traffic distribution has no effect',
  why: 'trafficDistribution is carried out by hints in EndpointSlices, and those of this Service have none. The controller writes none where nodes have no zone, and none into slices that somebody else made.',
  remedy:
    'label the nodes with topology.kubernetes.io/zone, or write hints into slices of your own',
  references: [kep(4444)],
};

const CLOSE: LintRule = {
  code: 'prefer-close-deprecated',
  severity: 'note',
  title: 'trafficDistribution PreferClose is deprecated',
  why: 'Since Kubernetes 1.35 it is called PreferSameZone.',
  remedy: 'write PreferSameZone where every API server is 1.35 or newer',
  since: '1.35',
  references: [kep(3015)],
};

/** Why the hints that a port has are not followed; `undefined` where it has none, or they are. */
function whyIgnored(port: ServicePort, selection: Selection, model: Model): string | undefined {
  const { zone, nodeName } = model.serviceContext;
  if (!selection.request.usesCluster) {
    const isHinted = port.pools.local.some((e) => e.zoneHints.length + e.nodeHints.length > 0);
    return isHinted ? 'internalTrafficPolicy Local does not look at them' : undefined;
  }
  if (selection.topology !== '') return undefined;
  if (selection.nodeHints === 'incomplete' || selection.zoneHints === 'incomplete')
    return unhinted(port);
  if (selection.zoneHints === 'not-here' && zone !== '')
    return `none of them is for zone ${zone}, where node ${nodeName} is`;
  return selection.zoneHints === 'unknown-here' && nodeName !== ''
    ? `the zone of node ${nodeName} is unknown`
    : undefined;
}

/** Names an endpoint that is ready and lacks a hint that others have. */
function unhinted({ pools }: ServicePort): string {
  const ready = pools.cluster.filter((endpoint) => endpoint.ready);
  const lacking =
    ready.find((e) => e.zoneHints.length + e.nodeHints.length === 0) ??
    ready.find((e) => e.zoneHints.length === 0 || e.nodeHints.length === 0);
  return `endpoint ${lacking?.target ?? ''} is ready and has none`;
}

function checkPort(port: ServicePort, service: Service, model: Model): LintFinding | undefined {
  const selection = selectionOf(
    port.pools.cluster,
    poolRequest(port, port.externallyAccessible, model.serviceContext),
  );
  const reason = whyIgnored(port, selection, model);
  if (reason !== undefined)
    return finding(IGNORED, `its topology hints are ignored: ${reason}`, inObject(service));
  const { zoneHints, nodeHints, request, anyReady } = selection;
  const isWithout = zoneHints === 'absent' && nodeHints === 'absent' && anyReady;
  if (service.spec.trafficDistribution === undefined || !request.usesCluster || !isWithout)
    return undefined;
  const message = 'has no effect: no endpoint that is ready has a hint';
  return finding(WITHOUT, message, inObject(service, 'spec.trafficDistribution'));
}

/** One finding a Service: its ports and families mostly have the same hints. */
function checkPorts(
  models: readonly Model[],
  services: ReadonlyMap<NamespacedName, Service>,
): readonly LintFinding[] {
  const found = new Map<NamespacedName, LintFinding>();
  for (const model of models)
    for (const port of model.ports) {
      const service = services.get(port.service);
      if (service === undefined || found.has(port.service)) continue;
      const one = checkPort(port, service, model);
      if (one !== undefined) found.set(port.service, one);
    }
  return [...found.values()];
}

/** Checks of topology hints. */
export const TOPOLOGY_CHECKS: CheckGroup = {
  rules: [IGNORED, WITHOUT, CLOSE],
  check: ({ models, snapshot }) => [
    ...checkPorts(models, snapshot.services),
    ...[...snapshot.services.values()]
      .filter(({ spec }) => spec.trafficDistribution === 'PreferClose')
      .map((service) =>
        finding(
          CLOSE,
          'PreferClose is deprecated since Kubernetes 1.35: PreferSameZone is the same',
          inObject(service, 'spec.trafficDistribution'),
        ),
      ),
  ],
};
