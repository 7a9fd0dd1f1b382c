/**
 * Pods, and the objects of `apps/v1` that make them. Rules depend on none of them where slices are
 * given, so they are kept for questions only.
 */

import { project } from '../input/project.js';
import { shapeCheck } from '../input/shape-check.js';
import { checkPodMaker } from './precompiled.js';
import type { ObjectMeta, Pod } from './types.js';
import { POD_MAKER } from './workload-shape.js';

/** An object that makes Pods from a template. */
export interface PodMaker {
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: {
    /** How many it should make; absent: one, or with a DaemonSet one per Node. */
    readonly replicas?: number;
    readonly template: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec?: Pod['spec'];
    };
  };
}

export interface Workloads {
  readonly pods: readonly Pod[];
  readonly makers: readonly PodMaker[];
}

/** What a load keeps where workloads are not asked for. */
export const NO_WORKLOADS: Workloads = { pods: [], makers: [] };

/** Deployments come with their ReplicaSets, which say the same. */
const MAKERS = new Set(['apps/v1 Deployment', 'apps/v1 StatefulSet', 'apps/v1 DaemonSet']);

const check = shapeCheck<unknown>(POD_MAKER, checkPodMaker);

/** The object, where it is one that makes Pods and has the shape of one. */
export function podMaker(type: string, raw: unknown): PodMaker | undefined {
  if (!MAKERS.has(type)) return undefined;
  if (!check.passes(raw)) return undefined;
  const known = project(POD_MAKER, raw, { unknown: false }) as Omit<PodMaker, 'kind'>;
  return { ...known, kind: type.slice('apps/v1 '.length) };
}
