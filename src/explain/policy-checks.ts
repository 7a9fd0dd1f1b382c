/** Checks of what decides which clients get which endpoints: traffic policies and hints. */

import { answer, type Check, type CheckInput, counted } from './checks.js';
import type { ExplainedFamily, ExplainedPort } from './service.js';

/** `http/TCP`, as ports of Services and slices meet. */
export function portName({ port }: ExplainedPort): string {
  return port.portName === ''
    ? `${port.port}/${port.protocol}`
    : `${port.portName}/${port.protocol}`;
}

/** Whether a policy Local finds an endpoint on this node. */
export function policyChecks(
  { context }: ExplainedFamily,
  explained: ExplainedPort,
): readonly Check[] {
  const { internalPolicyLocal, externalPolicyLocal, externallyAccessible, pools } = explained.port;
  const isLocal = internalPolicyLocal || (externalPolicyLocal && externallyAccessible);
  const id = portName(explained);
  if (!isLocal)
    return [answer('policy', 'ok', `${id}: policy Cluster, which every endpoint serves`)];
  if (context.nodeName === '')
    return [
      answer('policy', 'unknown', `${id}: policy Local, and no node is named`, 'add --node-name'),
    ];
  if (pools.local.length > 0)
    return [
      answer(
        'policy',
        'ok',
        `${id}: policy Local, ${counted(pools.local.length, 'endpoint')} on ${context.nodeName}`,
      ),
    ];
  if (!pools.any) return [];
  const who = internalPolicyLocal
    ? `internalTrafficPolicy is Local: packets to its ClusterIP on ${context.nodeName} are dropped`
    : `externalTrafficPolicy is Local: packets from outside on ${context.nodeName} are dropped`;
  return [
    answer(
      'policy',
      internalPolicyLocal ? 'problem' : 'warning',
      `${id}: ${who}, because no endpoint is there`,
      internalPolicyLocal
        ? ''
        : 'send them to nodes with endpoints, as load balancers do by healthCheckNodePort',
    ),
  ];
}

const HINT_WORDS = {
  incomplete: 'some ready endpoint has none',
  'unknown-here': 'the name of this one is not known: give --zone or the Node',
  'not-here': 'none is for this one',
} as const;

/** Whether hints are honoured, and if not why. */
export function hintChecks(
  { explained: { service } }: CheckInput,
  { context }: ExplainedFamily,
  port: ExplainedPort,
): readonly Check[] {
  const { nodeHints, zoneHints, topology, request, anyReady } = port.verdicts.selection;
  const id = portName(port);
  const { trafficDistribution } = service.spec;
  if (!request.usesCluster || !anyReady) return [];
  if (topology !== '') {
    const here = topology === 'PreferSameNode' ? context.nodeName : `zone ${context.zone}`;
    return [answer('hints', 'ok', `${id}: hints keep clients of ${here} there`)];
  }
  const ignored = (
    [
      ['node', nodeHints],
      ['zone', zoneHints],
    ] as const
  ).flatMap(([what, use]) =>
    use === 'absent' || use === 'honoured'
      ? []
      : [`hints for ${what}s are ignored: ${HINT_WORDS[use]}`],
  );
  if (ignored.length > 0) return [answer('hints', 'warning', `${id}: ${ignored.join('; ')}`)];
  return trafficDistribution === undefined
    ? [answer('hints', 'ok', `${id}: no hints, clients of every zone get every endpoint`)]
    : [
        answer(
          'hints',
          'warning',
          `${id}: trafficDistribution is ${trafficDistribution}, but no endpoint has a hint`,
        ),
      ];
}
