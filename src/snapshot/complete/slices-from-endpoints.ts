/** Makes EndpointSlices of core/v1 Endpoints, as the EndpointSliceMirroring controller does. */

import { type Family, familyOf, parseIp } from '../../net/ip.js';
import {
  type EndpointAddress,
  type EndpointSlice,
  type EndpointSpec,
  type EndpointSubset,
  type Endpoints,
  SERVICE_NAME_LABEL,
} from '../types.js';

/** The slices of an Endpoints object: one for each subset and family that has addresses. */
export function slicesFromEndpoints(endpoints: Endpoints): readonly EndpointSlice[] {
  const subsets = endpoints.subsets ?? [];
  return subsets.flatMap((subset, i) =>
    (['IPv4', 'IPv6'] as const).flatMap((family) => slice(endpoints, subset, i, family)),
  );
}

function slice(
  endpoints: Endpoints,
  subset: EndpointSubset,
  index: number,
  addressType: Family,
): readonly EndpointSlice[] {
  const ofFamily = (
    addresses: readonly EndpointAddress[],
    ready: boolean,
  ): readonly EndpointSpec[] =>
    addresses
      .filter((address) => familyOfText(address.ip) === addressType)
      .map(({ ip, hostname, nodeName }) => ({
        addresses: [ip],
        conditions: { ready },
        ...(hostname === undefined ? {} : { hostname }),
        ...(nodeName === undefined ? {} : { nodeName }),
      }));
  const specs = [
    ...ofFamily(subset.addresses ?? [], true),
    ...ofFamily(subset.notReadyAddresses ?? [], false),
  ];
  if (specs.length === 0) return [];
  const { name, namespace = 'default', labels } = endpoints.metadata;
  return [
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${name}-endpoints-${index}-${addressType.toLowerCase()}`,
        namespace,
        labels: { ...labels, [SERVICE_NAME_LABEL]: name },
      },
      addressType,
      endpoints: specs,
      ports: subset.ports ?? [],
    },
  ];
}

/** The family of an address. Invalid text is sorted by its colon; the model reports it. */
function familyOfText(text: string): Family {
  const ip = parseIp(text);
  if (ip !== undefined) return familyOf(ip);
  return text.includes(':') ? 'IPv6' : 'IPv4';
}
