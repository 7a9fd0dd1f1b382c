/** Short ways to write snapshots in tests. */

import type { Diagnostic } from '../../src/diagnostics.js';
import { type LoadedSnapshot, loadSnapshot } from '../../src/snapshot/load.js';
import type { InputOptions } from '../../src/snapshot/loading.js';
import type { Service } from '../../src/snapshot/types.js';

/** A Service as people write it. */
export function service(name: string, spec: object, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, ...metadata }, spec };
}

/** A Pod that runs and is ready, with the label `app: web`, unless given otherwise. */
export function pod(
  name: string,
  ip: string,
  rest: { metadata?: object; spec?: object; status?: object } = {},
): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'web' }, ...rest.metadata },
    spec: {
      nodeName: 'n1',
      containers: [{ ports: [{ name: 'http', containerPort: 8080 }] }],
      ...rest.spec,
    },
    status: {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: 'Ready', status: 'True' }],
      ...rest.status,
    },
  };
}

/** Loads objects as one JSON List. */
export function loadObjects(objects: readonly object[], options?: InputOptions): LoadedSnapshot {
  return loadText(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }), options);
}

/** Loads one text. */
export function loadText(text: string, options?: InputOptions): LoadedSnapshot {
  return loadSnapshot([{ name: 'input', text }], options);
}

/** Loads one Service, `default/web`, and gives it as completed. */
export function completeService(spec: object, options?: InputOptions): Service {
  const loaded = loadObjects([service('web', spec)], options);
  const found = loaded.snapshot.services.get('default/web');
  if (found === undefined) throw new Error(JSON.stringify(loaded.diagnostics));
  return found;
}

/** `code field` of each diagnostic. */
export function codes(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ code, field }) => (field === undefined ? code : `${code} ${field}`));
}
