/**
 * Turns the meaning of one Service port into the plain data that `port.hbs` has holes for. The port
 * has elements alone: what its frontends lead to stands in the maps of all Services.
 */

import { firewalledIpsOf, type PortRoutes, routesOf } from '../../../../model/routes.js';
import type { ServicePort } from '../../../../model/types.js';
import type { Ip } from '../../../../net/ip.js';
import { PROTOCOL_WORDS } from '../../../port-view.js';
import { externalIps, type PortElements, portElements } from '../kube-proxy/view.js';
import {
  externalChain,
  type FastChain,
  type FrontendKind,
  internalChain,
  mapOf,
  nameOf,
  picksOf,
} from './chains.js';
import { numberedEndpoints } from './numbers.js';

/** A frontend with the chain that takes its traffic. */
interface Dispatch {
  readonly kind: FrontendKind;
  readonly ip: Ip | '';
  readonly port: number;
  readonly chain: FastChain;
}

export interface FastPortView extends PortElements {
  readonly services: readonly { readonly ip: Ip | ''; readonly chain: string }[];
  readonly nodePorts: readonly { readonly nodePort: number; readonly chain: string }[];
  /** The endpoints of a pool behind a frontend. */
  readonly numbered: readonly NumberedPool[];
}

interface NumberedPool {
  readonly map: string;
  /** `10.96.0.1 . tcp . 80`, or without the address for a node port. */
  readonly key: string;
  readonly endpoints: readonly {
    readonly number: number;
    readonly ip: Ip;
    readonly port: number;
  }[];
}

/** Whether a port needs nothing but elements: affinity has state, and source ranges intervals. */
export function isFast(port: ServicePort): boolean {
  return port.affinitySeconds === 0 && firewalledIpsOf(port).length === 0;
}

/** The view of a port for which {@link isFast} holds. */
export function fastPortView(port: ServicePort): FastPortView {
  const routes = routesOf(port);
  const elements = portElements(port, routes);
  const services: { readonly ip: Ip | ''; readonly chain: string }[] = [];
  const nodePorts: { readonly nodePort: number; readonly chain: string }[] = [];
  const pools: NumberedPool[] = [];
  for (const dispatch of dispatches(port, routes)) {
    const chain = nameOf(dispatch.chain);
    if (dispatch.kind === 'address') services.push({ ip: dispatch.ip, chain });
    else nodePorts.push({ nodePort: dispatch.port, chain });
    for (const pool of numbered(port, routes, dispatch)) pools.push(pool);
  }
  return {
    ip: elements.ip,
    addr: elements.addr,
    proto: elements.proto,
    port: elements.port,
    comment: elements.comment,
    activeIps: elements.activeIps,
    refused: elements.refused,
    refusedNodePorts: elements.refusedNodePorts,
    hairpins: elements.hairpins,
    services,
    nodePorts,
    numbered: pools,
  };
}

/** The chains that a port needs, those that they lead to included; kube-proxy's are its own. */
export function chainsFor(port: ServicePort): readonly FastChain[] {
  if (!isFast(port)) return [];
  return dispatches(port, routesOf(port)).flatMap(({ chain }) =>
    chain.kind === 'pick' ? [chain] : [chain, ...picksOf(chain)],
  );
}

function dispatches(port: ServicePort, routes: PortRoutes): readonly Dispatch[] {
  const { protocol } = port;
  const { dispatched, external } = routes;
  const found: Dispatch[] = [];
  const toAddress = (ip: Ip, chain: FastChain): void => {
    found.push({ kind: 'address', ip, port: port.port, chain });
  };
  const internal = internalChain(routes, protocol);
  if (internal !== undefined) for (const ip of dispatched.clusterIps) toAddress(ip, internal);
  if (external === undefined) return found;
  const outside = externalChain(routes, external, 'address', protocol);
  for (const ip of externalIps(dispatched)) toAddress(ip, outside);
  const nodePort = externalChain(routes, external, 'nodeport', protocol);
  for (const number of dispatched.nodePorts)
    found.push({ kind: 'nodeport', ip: '', port: number, chain: nodePort });
  return found;
}

/** The pools behind a frontend. */
function numbered(
  { protocol }: ServicePort,
  { pools }: PortRoutes,
  { kind, ip, port, chain }: Dispatch,
): readonly NumberedPool[] {
  const key = `${ip === '' ? '' : `${ip} . `}${PROTOCOL_WORDS[protocol]} . ${port}`;
  const used = (chain.kind === 'pick' ? [chain] : picksOf(chain)).map(({ pool }) => pool);
  return pools
    .filter(({ name }) => used.includes(name))
    .map(({ name, endpoints }) => ({
      map: mapOf(kind, protocol, name),
      key,
      endpoints: numberedEndpoints(endpoints).map((one, number) => ({
        number,
        ip: one.ip,
        port: one.port,
      })),
    }));
}
