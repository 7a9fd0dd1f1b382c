/**
 * Finds tracked flows whose endpoint the rules would no longer choose. Only the first packet of a
 * flow traverses the nat rules, so without deletion a busy UDP client would keep sending to a dead
 * endpoint. Pure.
 */

import { getOrInsert } from '../grouping.js';
import {
  EVERY_OTHER_SERVICE,
  type Model,
  type ServiceNames,
  type ServicePort,
} from '../model/types.js';
import { familyOf, type Ip, joinHostPort } from '../net/ip.js';
import { serviceOf } from '../ruleset/types.js';
import { type ConntrackFlow, isTranslatedFlow } from './flows.js';
import {
  type FindFrontend,
  type Frontend,
  frontendLookup,
  frontendsOfModel,
  type ModelFrontend,
  nodePortTest,
  usableTargets,
} from './frontends.js';

/**
 * A tracked UDP or SCTP flow that goes where the rules would not send it, and must be deleted.
 */
export interface StaleFlow {
  readonly flow: ConntrackFlow;
  /** The Service port that the flow is for: `namespace/name:port protocol`; `''` where unknown. */
  readonly origin: string;
  readonly cause: StaleCause;
  /** The cause in words, with the addresses. */
  readonly reason: string;
}

/** Why a flow is stale. */
export type StaleCause =
  /** Its endpoint is removed or has another port now; others are there. */
  | 'endpoint-gone'
  /** The last endpoint is removed: once the flow is deleted, the client gets an ICMP error. */
  | 'no-endpoints'
  /** It was never sent to an endpoint, because there was none when it began. */
  | 'not-translated'
  /** The Service, or this address of it, is removed. */
  | 'frontend-gone';

export interface StaleFlowOptions {
  /**
   * The addresses of the node, where node ports answer. Without them no flow to a node port is ever
   * stale.
   */
  readonly localAddresses: readonly Ip[];
  /**
   * The frontends before this change, from the rules or the previous model: identifies flows of
   * removed Services.
   */
  readonly previous?: readonly Frontend[];
  /** Services whose flows are kept in any case. */
  readonly leave?: Pick<ServiceNames, 'has'>;
}

/**
 * The UDP and SCTP flows to delete once the rules of these models are loaded, one model per family.
 * A flow is kept if its endpoint still serves, if its address belongs to no Service, and if vipc
 * cannot judge it: TCP, a family without a model, another conntrack zone.
 *
 * kube-proxy 1.36 leaves the flows of deleted Services and of Services without endpoints
 * (kubernetes/kubernetes#139628), and takes a flow to port 30053 of any address for one to the
 * node port.
 */
export function staleFlows(
  models: readonly Model[],
  flows: readonly ConntrackFlow[],
  { localAddresses, previous = [], leave = new Set() }: StaleFlowOptions,
): readonly StaleFlow[] {
  const destinations = new Set<Ip | ''>(flows.map(({ destination }) => destination));
  const ports = new Set(flows.map(({ destinationPort }) => destinationPort));
  const isWanted = (ip: Ip | '', port: number): boolean =>
    ports.has(port) && (ip === '' || destinations.has(ip));
  const byFamily = new Map(
    models.map((model) => {
      const { family } = model.context;
      const former = previous.filter((frontend) => frontend.family === family);
      const now = nodePortTest(localAddresses, model.context);
      // Few frontends have flows, and those have many.
      const usable = new Map<ServicePort, ReadonlySet<string>>();
      const lookups: Lookups = {
        now: frontendLookup(frontendsOfModel(model, isWanted), now),
        before: frontendLookup(former, nodePortTest(localAddresses)),
        usable: (port) => getOrInsert(usable, port, () => usableTargets(model, port)),
      };
      return [family, lookups];
    }),
  );
  const isLeft = ({ origin, cause }: StaleFlow): boolean =>
    leave.has(serviceOf(origin)) || (cause === 'frontend-gone' && leave.has(EVERY_OTHER_SERVICE));
  return flows.flatMap((flow) => {
    const lookups = flow.zoned ? undefined : byFamily.get(familyOf(flow.destination));
    const stale = lookups === undefined ? undefined : staleFlow(flow, lookups);
    return stale === undefined || isLeft(stale) ? [] : [stale];
  });
}

interface Lookups {
  readonly now: FindFrontend<ModelFrontend>;
  readonly before: FindFrontend<Frontend>;
  readonly usable: (port: ServicePort) => ReadonlySet<string>;
}

function staleFlow(flow: ConntrackFlow, lookups: Lookups): StaleFlow | undefined {
  const { protocol, destination, destinationPort } = flow;
  const frontend = lookups.now(protocol, destination, destinationPort);
  if (frontend !== undefined) return staleAtFrontend(flow, frontend, lookups);
  const former = lookups.before(protocol, destination, destinationPort);
  // An untranslated flow never went to the Service.
  if (former === undefined || !isTranslatedFlow(flow)) return undefined;
  const address = joinHostPort(destination, destinationPort);
  return {
    flow,
    origin: former.origin,
    cause: 'frontend-gone',
    reason: `${address} is no longer an address of a Service`,
  };
}

function staleAtFrontend(
  flow: ConntrackFlow,
  { origin, servicePort }: ModelFrontend,
  lookups: Lookups,
): StaleFlow | undefined {
  const target = joinHostPort(flow.replySource, flow.replySourcePort);
  const usable = lookups.usable(servicePort);
  if (usable.has(target)) return undefined;
  if (isTranslatedFlow(flow)) {
    return usable.size === 0
      ? {
          flow,
          origin,
          cause: 'no-endpoints',
          reason: `${target} was its last endpoint and is gone`,
        }
      : { flow, origin, cause: 'endpoint-gone', reason: `${target} is no longer an endpoint` };
  }
  // While there is no endpoint the rules refuse every packet of it; there is nothing better to send
  // it to.
  if (servicePort.pools.reachable.length === 0) return undefined;
  const reason = 'it began before there was an endpoint and is not translated';
  return { flow, origin, cause: 'not-translated', reason };
}
