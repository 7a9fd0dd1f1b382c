/** What a Service of a manifest is left out for. */

import { loadObjects, service } from './support.js';

const PORTS = [{ port: 80 }];
export const LB = { type: 'LoadBalancer' };

/** The fields and messages of what costs the object, without its name. */
export function refused(spec: object, rest: object = {}, metadata: object = {}): readonly string[] {
  const { diagnostics } = loadObjects([
    { ...service('s', { ports: PORTS, clusterIP: '10.96.6.11', ...spec }, metadata), ...rest },
  ]);
  return diagnostics
    .filter(({ code }) => code === 'invalid-object')
    .map(({ message }) => message.replace(/^.* left out: /, ''));
}

export function status(...ingress: readonly object[]): object {
  return { status: { loadBalancer: { ingress } } };
}
