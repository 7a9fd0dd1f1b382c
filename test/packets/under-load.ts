/**
 * One Service under a steady load of new connections: what is asked for, by whom, and which
 * connections were lost.
 */

import {
  type CompileOptions,
  type EndpointSlice,
  loadConfig,
  loadHostFacts,
  loadSnapshot,
  type Service,
  type Snapshot,
  updateSnapshot,
} from '../../src/index.js';
import {
  type ConformanceCase,
  conformanceCases,
  readCaseFile,
} from '../support/cases/conformance-cases.js';
import type { Connection } from '../support/machines/traffic-protocol.js';
import type { Endpoints } from './endpoint-steps.js';

/** One Service, `prod/worker`: kube-proxy's payload for it is among the recorded ones. */
export const CASE = '132-session-affinity-local-policies';
export const VIP = '10.62.36.83';
export const VIP_PORT = 8443;
export const POD_PORT = 4080;
export const RECORDED_PODS: readonly string[] = [
  '10.61.103.107',
  '10.61.105.135',
  '10.61.164.10',
  '10.61.35.129',
];

const FULL = process.env.VIPC_FULL === '1';
export const PER_SECOND: number = FULL ? 500 : 200;
export const CHANGES: number = FULL ? 200 : 40;
/** Milliseconds between two changes. */
export const PACE = 100;
/** Milliseconds of load before and after a take-over. */
export const QUIET: number = FULL ? 2000 : 500;

/** When a state of the endpoints had been applied, and when the next one began to be. */
export interface Applied {
  readonly from: number;
  to: number;
  readonly endpoints: Endpoints;
}

export function theCase(): ConformanceCase {
  return conformanceCases().find(({ name }) => name === CASE)!;
}

/** The case without affinity, which would hold the one client to one endpoint. */
export function plainCase(): { readonly snapshot: Snapshot; readonly options: CompileOptions } {
  const found = theCase();
  const text = readCaseFile(found, 'snapshot.yaml');
  const { snapshot } = loadSnapshot([{ name: 'snapshot.yaml', text }]);
  const service: Service = snapshot.services.get('prod/worker')!;
  const plain: Service = { ...service, spec: { ...service.spec, sessionAffinity: 'None' } };
  return {
    snapshot: updateSnapshot(snapshot, { set: [plain] }),
    options: {
      config: loadConfig(readCaseFile(found, 'config.yaml'), 'config.yaml').config,
      host: loadHostFacts(readCaseFile(found, 'host.yaml'), 'host.yaml'),
    },
  };
}

export function sliceOf(snapshot: Snapshot, endpoints: Endpoints): EndpointSlice {
  const slice = snapshot.slices.get('prod/worker')![0]!;
  return {
    ...slice,
    endpoints: [...endpoints].map(([address, state]) => ({
      addresses: [address],
      conditions: {
        ready: state === 'ready',
        serving: true,
        terminating: state === 'terminating',
      },
      nodeName: 'worker-b46',
    })),
  };
}

/**
 * Every connection without an answer, and who would have given one: there is somebody at any
 * moment.
 */
export function failures(
  connections: readonly Connection[],
  applied: readonly Applied[] = [],
): readonly string[] {
  return connections.flatMap(({ by, error, start, end }) => {
    if (by !== '' && error === '') return [];
    const state = applied.findLast(({ from }) => from < start);
    const serving = [...(state?.endpoints.keys() ?? RECORDED_PODS)].join(' ');
    return [`${error || 'no answer'} after ${(end - start).toFixed(0)} ms while ${serving} served`];
  });
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)));
}
