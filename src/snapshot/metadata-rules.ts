/** `ValidateObjectMeta` of Kubernetes 1.36, in its own words. Names are checked with the shape. */

import type { FieldPath } from '../input/path.js';
import { invalid, type Problem } from '../input/problem.js';
import { isArray, isObject } from '../input/value.js';
import {
  child,
  dnsLabelProblem,
  labelValueProblem,
  qualifiedNameProblem,
  subdomainProblem,
  textProblems,
  when,
} from './name-rules.js';
import type { KubernetesObject } from './types.js';

/** Of the keys and values of one object together, in bytes. */
const MAX_ANNOTATIONS = 256 * 1024;
/** Finalizers that need no domain in front of their name. */
const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];
const utf8 = new TextEncoder();

/** An annotation of a raw object. */
export function annotationOf(raw: unknown, name: string): unknown {
  return child(child(child(raw, 'metadata'), 'annotations'), name);
}

/** A problem of one annotation. */
export function annotationProblem(name: string, message: string, value?: unknown): Problem {
  const problem = invalid(['metadata', 'annotations', name], message, value);
  return { ...problem, field: `metadata.annotations[${name}]` };
}

/** The problems of metadata; managedFields are not looked at: an API server writes them itself. */
export function metadataProblems(object: KubernetesObject, raw: unknown): readonly Problem[] {
  const metadata = child(raw, 'metadata');
  const nameProblem = object.kind === 'Service' ? dnsLabelProblem : subdomainProblem;
  return [
    ...generatedNameProblems(child(metadata, 'generateName'), nameProblem),
    ...generationProblems(child(metadata, 'generation')),
    ...labelProblems(['metadata', 'labels'], object.metadata.labels),
    ...annotationProblems(child(metadata, 'annotations')),
    ...ownerProblems(child(metadata, 'ownerReferences')),
    ...finalizerProblems(child(metadata, 'finalizers')),
  ];
}

/** A prefix may end in a dash, which what is appended follows. */
function generatedNameProblems(
  prefix: unknown,
  nameProblem: (name: string) => string | undefined,
): readonly Problem[] {
  if (prefix === '') return [];
  const ofPrefix = (text: string): string | undefined => nameProblem(text.replace(/-$/, 'a'));
  return textProblems(ofPrefix, ['metadata', 'generateName'], prefix);
}

function generationProblems(value: unknown): readonly Problem[] {
  if (value === undefined) return [];
  const path = ['metadata', 'generation'];
  if (!Number.isSafeInteger(value)) return [invalid(path, 'must be a whole number', value)];
  const isNegative = typeof value === 'number' && value < 0;
  return isNegative ? [invalid(path, 'must be greater than or equal to 0', value)] : [];
}

/** The problems of labels or of a selector (`ValidateLabels`). */
export function labelProblems(
  path: FieldPath,
  labels: Readonly<Record<string, string>> = {},
): readonly Problem[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...when(qualifiedNameProblem(key), path, key),
    ...when(labelValueProblem(value), path, value),
  ]);
}

function annotationProblems(annotations: unknown): readonly Problem[] {
  if (annotations === undefined) return [];
  const path = ['metadata', 'annotations'];
  if (!isObject(annotations)) return [invalid(path, 'must be a map')];
  const entries = Object.entries(annotations);
  const size = entries.reduce((sum, [key, value]) => sum + bytesOf(key) + bytesOf(value), 0);
  return [
    ...entries.flatMap(([key, value]) => [
      ...when(qualifiedNameProblem(key.toLowerCase()), path, key),
      ...(value === null || typeof value === 'string' ? [] : [notText(key, value)]),
    ]),
    ...(size > MAX_ANNOTATIONS
      ? [invalid(path, `may not be more than ${MAX_ANNOTATIONS} bytes`)]
      : []),
  ];
}

function notText(key: string, value: unknown): Problem {
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  const problem = annotationProblem(key, 'must be a string', isScalar ? value : undefined);
  return isScalar ? { ...problem, hint: 'put the value in quotes' } : problem;
}

function bytesOf(value: unknown): number {
  return typeof value === 'string' ? utf8.encode(value).length : 0;
}

function ownerProblems(owners: unknown): readonly Problem[] {
  if (owners === undefined) return [];
  const path = ['metadata', 'ownerReferences'];
  if (!isArray(owners)) return [invalid(path, 'must be a list')];
  const controllers = owners.filter((owner) => child(owner, 'controller') === true);
  const [first, second] = controllers.map(
    (owner) => `${textOf(owner, 'kind')}/${textOf(owner, 'name')}`,
  );
  return [
    ...owners.flatMap((owner, i) => ownerReferenceProblems(owner, [...path, i])),
    ...(second === undefined
      ? []
      : [
          invalid(
            path,
            `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`,
          ),
        ]),
  ];
}

function ownerReferenceProblems(owner: unknown, path: FieldPath): readonly Problem[] {
  if (!isObject(owner)) return [invalid(path, 'must be a map')];
  const [apiVersion, kind] = [textOf(owner, 'apiVersion'), textOf(owner, 'kind')];
  const missing = (['kind', 'name', 'uid'] as const).filter((key) => textOf(owner, key) === '');
  return [
    ...when(
      apiVersion.replace(/^.*\//, '') === '' ? 'version must not be empty' : undefined,
      [...path, 'apiVersion'],
      apiVersion,
    ),
    ...missing.map((key) => invalid([...path, key], 'must not be empty', '')),
    ...(apiVersion === 'v1' && kind === 'Event'
      ? [invalid(path, '/v1, Kind=Event is disallowed from being an owner')]
      : []),
  ];
}

function textOf(value: unknown, key: string): string {
  const text = child(value, key);
  return typeof text === 'string' ? text : '';
}

function finalizerProblems(finalizers: unknown): readonly Problem[] {
  if (finalizers === undefined) return [];
  const path = ['metadata', 'finalizers'];
  if (!isArray(finalizers)) return [invalid(path, 'must be a list')];
  const isBoth = ['orphan', 'foregroundDeletion'].every((name) => finalizers.includes(name));
  return [
    ...finalizers.flatMap((name, i) => textProblems(finalizerProblem, [...path, i], name)),
    ...(isBoth
      ? [invalid(path, 'finalizer orphan and foregroundDeletion cannot be both set')]
      : []),
  ];
}

function finalizerProblem(name: string): string | undefined {
  const isLocal = !name.includes('/') && !STANDARD_FINALIZERS.includes(name);
  return (
    qualifiedNameProblem(name) ??
    (isLocal ? 'name is neither a standard finalizer name nor is it fully qualified' : undefined)
  );
}
