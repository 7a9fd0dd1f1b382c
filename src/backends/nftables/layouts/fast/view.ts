/**
 * Turns the meaning of one Service port into the plain data that `port.hbs` has holes for. The port
 * has elements alone: what its frontends lead to stands in the maps of all Services.
 */

import { type PoolName, type PortRoutes, routesOf } from '../../../../model/routes.js';
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
  /** Endpoints by the key of a frontend and a number. */
  readonly numbered: readonly NumberedEndpoint[];
}

interface NumberedEndpoint {
  readonly map: string;
  /** `10.96.0.1 . tcp . 80`, or without the address for a node port. */
  readonly key: string;
  readonly number: number;
  readonly ip: Ip;
  readonly port: number;
}

/** Whether a port needs nothing but elements: affinity has state, and source ranges intervals. */
export function isFast(port: ServicePort): boolean {
  return port.affinitySeconds === 0 && routesOf(port).firewalledIps.length === 0;
}

/** The view of a port for which {@link isFast} holds. */
export function fastPortView(port: ServicePort): FastPortView {
  const routes = routesOf(port);
  const found = dispatches(port, routes);
  return {
    ...portElements(port, routes),
    services: found
      .filter(({ kind }) => kind === 'address')
      .map(({ ip, chain }) => ({ ip, chain: nameOf(chain) })),
    nodePorts: found
      .filter(({ kind }) => kind === 'nodeport')
      .map(({ port: nodePort, chain }) => ({ nodePort, chain: nameOf(chain) })),
    numbered: found.flatMap((dispatch) => numbered(port, routes, dispatch)),
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
  const { dispatched, external } = routes;
  const internal = internalChain(routes, port.protocol);
  const address = { kind: 'address', port: port.port } as const;
  const from = (kind: FrontendKind): FastChain | undefined =>
    external === undefined ? undefined : externalChain(routes, external, kind, port.protocol);
  const [outside, nodePort] = [from('address'), from('nodeport')];
  return [
    ...(internal === undefined
      ? []
      : dispatched.clusterIps.map((ip) => ({ ...address, ip, chain: internal }))),
    ...(outside === undefined
      ? []
      : externalIps(dispatched).map((ip) => ({ ...address, ip, chain: outside }))),
    ...(nodePort === undefined
      ? []
      : dispatched.nodePorts.map((number) => ({
          ...({ kind: 'nodeport', ip: '' } as const),
          ...{ port: number, chain: nodePort },
        }))),
  ];
}

/** The elements that hold the endpoints behind a frontend. */
function numbered(
  { protocol }: ServicePort,
  { pools }: PortRoutes,
  { kind, ip, port, chain }: Dispatch,
): readonly NumberedEndpoint[] {
  const key = [...(ip === '' ? [] : [ip]), PROTOCOL_WORDS[protocol], port].join(' . ');
  const used: readonly PoolName[] = (chain.kind === 'pick' ? [chain] : picksOf(chain)).map(
    ({ pool }) => pool,
  );
  return pools
    .filter(({ name }) => used.includes(name))
    .flatMap(({ name, endpoints }) =>
      numberedEndpoints(endpoints).map((endpoint, number) => ({
        map: mapOf(kind, protocol, name),
        key,
        number,
        ip: endpoint.ip,
        port: endpoint.port,
      })),
    );
}
