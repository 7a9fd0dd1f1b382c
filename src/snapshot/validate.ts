/** Makes a typed object of a raw one, or says what is wrong with it. */

import type { ObjectRef } from '../diagnostics.js';
import type { Problem } from '../input/problem.js';
import { project, type Seen } from '../input/project.js';
import { MAX_PROBLEMS, type ShapeCheck, shapeCheck } from '../input/shape-check.js';
import { isArray, isObject, plainWord } from '../input/value.js';
import { type SoundEndpoints, sliceProblems, soundSlice } from './endpoint-rules.js';
import { endpointsProblems, soundSubsets } from './endpoints-rules.js';
import { nodeProblems, serviceCidrProblems } from './node-rules.js';
import {
  checkEndpointSlice,
  checkEndpoints,
  checkNode,
  checkPod,
  checkService,
  checkServiceCIDR,
} from './precompiled.js';
import { checkDoubts, checkRules } from './rules.js';
import { serviceProblems } from './service-rules.js';
import { API_VERSIONS, type Kind, SHAPES } from './shapes.js';
import type { KubernetesObject } from './types.js';

/** What checking one raw object gave. */
export type Checked =
  | {
      readonly object: KubernetesObject;
      readonly unknownFields: boolean;
      /** Why endpoints of the object were left out. */
      readonly leftOut: readonly Problem[];
      /** What is doubtful about the object, which is kept. */
      readonly doubts: readonly Problem[];
    }
  | { readonly problems: readonly Problem[] };

const checks: Readonly<Record<Kind, ShapeCheck<unknown>>> = {
  Service: shapeCheck(SHAPES.Service, checkService),
  EndpointSlice: shapeCheck(SHAPES.EndpointSlice, checkEndpointSlice),
  Endpoints: shapeCheck(SHAPES.Endpoints, checkEndpoints),
  Node: shapeCheck(SHAPES.Node, checkNode),
  Pod: shapeCheck(SHAPES.Pod, checkPod),
  ServiceCIDR: shapeCheck(SHAPES.ServiceCIDR, checkServiceCIDR),
};

/**
 * The typed object that a raw value of this kind is, cut to the fields we read; or its problems.
 * Of an object that an API server has `stored`, only what protects rules is checked: an older
 * server may have accepted what 1.36 refuses, and kube-proxy follows what is stored.
 */
export function checkObject(kind: Kind, raw: unknown, stored: boolean): Checked {
  const check = checks[kind];
  if (!check.passes(raw)) return { problems: check.problems(raw) };
  const seen: Seen = { unknown: false };
  const object = brand(kind, project(SHAPES[kind], raw, seen));
  const trusted = stored || wasStored(raw);
  const problems = trusted
    ? checkRules(object)
    : [...checkRules(object), ...manifestProblems(object, raw)];
  if (problems.length > 0) return { problems: problems.slice(0, MAX_PROBLEMS) };
  const sound = trusted ? { object, problems: [] } : soundEndpoints(object, raw);
  const doubts = trusted ? checkDoubts(object) : manifestDoubts(object, raw);
  return {
    object: sound.object,
    unknownFields: seen.unknown,
    leftOut: sound.problems,
    doubts: doubts.slice(0, MAX_PROBLEMS),
  };
}

/** Whether an API server has written to the object. What 1.36 would refuse is kept then. */
function wasStored(raw: unknown): boolean {
  const { metadata, spec, status } = isObject(raw) ? raw : {};
  if (isObject(metadata) && [metadata.uid, metadata.resourceVersion].some(isText)) return true;
  return isFormerBalancer(spec, status);
}

/** Fields that an API server fills in, and hardly anybody writes all of. */
const COMPLETED = ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'];

/**
 * Whether a Service without its identity was a load balancer once: an older server left its status
 * behind when the type was changed, and kube-proxy still follows it.
 */
function isFormerBalancer(spec: unknown, status: unknown): boolean {
  const balancer = isObject(status) ? status.loadBalancer : undefined;
  const ingress = isObject(balancer) ? balancer.ingress : undefined;
  if (!isObject(spec) || spec.type === 'LoadBalancer' || !isArray(ingress)) return false;
  return ingress.length > 0 && COMPLETED.every((field) => spec[field] !== undefined);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** What the API server would refuse in a manifest. */
function manifestProblems(object: KubernetesObject, raw: unknown): readonly Problem[] {
  switch (object.kind) {
    case 'Service':
      return serviceProblems(object, raw);
    case 'EndpointSlice':
      return sliceProblems(object, raw);
    case 'Endpoints':
      return endpointsProblems(object, raw);
    case 'ServiceCIDR':
      return serviceCidrProblems(object, raw);
    case 'Node':
    case 'Pod':
      return [];
  }
}

/** What the API server would refuse in a manifest that is used all the same. */
function manifestDoubts(object: KubernetesObject, raw: unknown): readonly Problem[] {
  return object.kind === 'Node' ? nodeProblems(object, raw) : [];
}

/** The object without the endpoints that an API server would refuse. */
function soundEndpoints(object: KubernetesObject, raw: unknown): SoundEndpoints {
  if (object.kind === 'EndpointSlice') return soundSlice(object, raw);
  return object.kind === 'Endpoints' ? soundSubsets(object, raw) : { object, problems: [] };
}

/** The one place where a checked value gets its type. */
function brand(kind: Kind, projected: unknown): KubernetesObject {
  const fields = isObject(projected) ? projected : {};
  const metadata = isClusterScoped(kind) ? fields.metadata : withNamespace(fields.metadata);
  const endpoints = kind === 'EndpointSlice' ? { endpoints: fields.endpoints ?? [] } : {};
  const whole = { apiVersion: API_VERSIONS[kind], kind, ...fields, ...endpoints, metadata };
  return whole as unknown as KubernetesObject;
}

/**
 * Metadata of a namespaced object; without a namespace, or with an empty one, it is in `default`.
 */
function withNamespace(metadata: unknown): unknown {
  if (!isObject(metadata) || (metadata.namespace ?? '') !== '') return metadata;
  return { ...metadata, namespace: 'default' };
}

function isClusterScoped(kind: Kind): boolean {
  return kind === 'Node' || kind === 'ServiceCIDR';
}

/** The reference of an object whose name is not checked; control characters are escaped. */
export function rawRef(kind: Kind, raw: unknown): ObjectRef {
  const metadata = isObject(raw) && Object.hasOwn(raw, 'metadata') ? raw.metadata : undefined;
  const own = (key: string): string => {
    const text = isObject(metadata) && Object.hasOwn(metadata, key) ? metadata[key] : undefined;
    return typeof text === 'string' && text !== '' ? plainWord(text) : '';
  };
  const namespace = isClusterScoped(kind) ? '' : own('namespace') || 'default';
  return { kind, namespace, name: own('name') };
}
