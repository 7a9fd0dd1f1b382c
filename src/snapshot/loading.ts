/** Takes the objects of texts one after the other: finds them, checks each, remembers its place. */

import type { Diagnostic } from '../diagnostics.js';
import { readInSteps } from '../input/documents.js';
import { fieldPath } from '../input/path.js';
import { misspellings } from '../input/project.js';
import type { DuplicateKey, Source } from '../input/source.js';
import { isObject } from '../input/value.js';
import type { Cidr } from '../net/cidr.js';
import type { Steps } from '../steps.js';
import { child } from './name-rules.js';
import {
  doubtDiagnostics,
  leftOutDiagnostics,
  refText,
  refusedDiagnostics,
  serviceMeant,
  serviceOfRaw,
} from './object-diagnostics.js';
import {
  type Found,
  findObjects,
  type Located,
  type Origin,
  originKey,
  takeObjects,
} from './objects.js';
import { type Kind, SHAPES } from './shapes.js';
import {
  EVERY_OTHER_SERVICE,
  type KubernetesObject,
  type NamespacedName,
  objectRef,
  SERVICE_NAME_LABEL,
} from './types.js';
import { checkObject, rawRef } from './validate.js';
import { type PodMaker, podMaker } from './workloads.js';

/** What is wanted of the input besides its objects. */
export interface InputOptions {
  /**
   * Where ClusterIPs come from when objects lack them; the first one's family is the primary one.
   */
  readonly serviceCidrs?: readonly Cidr[];
  /** Which annotations of Services `LoadedSnapshot.annotations` has; absent: none. */
  readonly wantsAnnotation?: ((key: string, value: string) => boolean) | undefined;
  /** Whether `LoadedSnapshot.workloads` are kept. */
  readonly workloads?: boolean;
}

/**
 * Whether a key that was given twice may have named another object: mostly a line `---` is missing
 * between two.
 */
function hidesName({ key, parent }: DuplicateKey): boolean {
  if (parent === 'metadata') return ['name', 'namespace', 'labels'].includes(key);
  if (parent === 'labels') return key === SERVICE_NAME_LABEL;
  const isIdentity = parent === '' || parent === 'items';
  return isIdentity && ['apiVersion', 'kind', 'metadata', 'items'].includes(key);
}

/** The objects of a document; nobody else reads a value of JSON that was parsed just now. */
function objectsIn(value: unknown, origin: Origin, { read }: Source): Generator<Located> {
  const isOwn = read === undefined && origin.syntax === 'json';
  return isOwn ? takeObjects(value, origin) : findObjects(value, origin);
}

/** What was loaded so far; of two objects of one name the last one. */
export class Loading {
  readonly objects: Map<string, KubernetesObject> = new Map();
  readonly origins: Map<string, Origin> = new Map();
  readonly findings: Map<Diagnostic, Origin> = new Map();
  readonly skippedKinds: Map<string, number> = new Map();
  readonly incomplete: Set<NamespacedName> = new Set();
  readonly diagnostics: Diagnostic[] = [];
  readonly annotations: Map<string, Readonly<Record<string, string>>> = new Map();
  /** `undefined` where they are not asked for. */
  readonly makers: PodMaker[] | undefined;
  readonly #wantsAnnotation: InputOptions['wantsAnnotation'];

  constructor(options: InputOptions) {
    this.makers = options.workloads === true ? [] : undefined;
    this.#wantsAnnotation = options.wantsAnnotation;
  }

  /** Takes the objects of a source, one a step. */
  *add(source: Source, index: number): Steps<void> {
    const { documents, diagnostics, duplicates = [] } = yield* readInSteps(source);
    for (const diagnostic of diagnostics) {
      this.diagnostics.push(diagnostic);
      // A document that cannot be read may hold any Service.
      if (diagnostic.severity === 'error') this.incomplete.add(EVERY_OTHER_SERVICE);
    }
    if (duplicates.some(hidesName)) this.incomplete.add(EVERY_OTHER_SERVICE);
    for (const { value, syntax, start, end } of documents) {
      const origin = { source: index, syntax, start, end, path: [] };
      for (const [found, where] of objectsIn(value, origin, source)) {
        if (found.is === 'object') this.#take(found, where, source.stored === true);
        else if (found.is === 'problem') this.#refuse(found, where);
        else this.#skip(found);
        yield;
      }
    }
  }

  #skip({ type, raw }: Extract<Found, { readonly is: 'other' }>): void {
    this.skippedKinds.set(type, (this.skippedKinds.get(type) ?? 0) + 1);
    const maker = this.makers === undefined ? undefined : podMaker(type, raw);
    if (maker !== undefined) this.makers?.push(maker);
  }

  /** Leaves out what is no object of a known kind, and remembers which Service it may be about. */
  #refuse(
    { code, message, hint, meant, raw }: Extract<Found, { readonly is: 'problem' }>,
    origin: Origin,
  ): void {
    const service = serviceMeant(meant, raw);
    if (service !== undefined) this.incomplete.add(service);
    const diagnostic = { code, severity: 'error', message } as const;
    this.#report(origin, hint === undefined ? diagnostic : { ...diagnostic, hint });
  }

  #take(
    { kind, raw }: Extract<Found, { readonly is: 'object' }>,
    origin: Origin,
    stored: boolean,
  ): void {
    const checked = checkObject(kind, raw, stored);
    if ('problems' in checked) {
      const ref = rawRef(kind, raw);
      const service = serviceOfRaw(ref, raw);
      if (service !== undefined) this.incomplete.add(service);
      for (const diagnostic of refusedDiagnostics(ref, checked.problems))
        this.#report(origin, diagnostic);
      return;
    }
    const { object } = checked;
    const ref = objectRef(object);
    const key = originKey(ref);
    for (const diagnostic of doubtDiagnostics(ref, checked.doubts))
      this.#report(origin, diagnostic);
    for (const diagnostic of leftOutDiagnostics(ref, checked.leftOut))
      this.#report(origin, diagnostic);
    if (checked.unknownFields) this.#reportMisspellings(kind, raw, origin);
    if (this.objects.has(key)) {
      this.#report(origin, {
        code: 'duplicate-object',
        severity: 'warning',
        message: `${refText(ref)} is defined more than once: the last definition counts`,
        object: ref,
      });
    }
    this.objects.set(key, object);
    this.origins.set(key, origin);
    this.#keepAnnotations(kind, raw, key);
  }

  #keepAnnotations(kind: Kind, raw: unknown, key: string): void {
    const wants = this.#wantsAnnotation;
    if (wants === undefined || kind !== 'Service') return;
    const annotations = child(child(raw, 'metadata'), 'annotations');
    const wanted = Object.entries(isObject(annotations) ? annotations : {}).filter(
      (entry): entry is [string, string] =>
        typeof entry[1] === 'string' && wants(entry[0], entry[1]),
    );
    this.annotations.set(key, Object.fromEntries(wanted));
  }

  #reportMisspellings(kind: Kind, raw: unknown, origin: Origin): void {
    const object = rawRef(kind, raw);
    for (const { path, meant } of misspellings(SHAPES[kind], raw)) {
      const field = fieldPath(path, SHAPES[kind]);
      this.#report(origin, {
        code: 'unknown-field',
        severity: 'warning',
        message: `${refText(object)}: ${field}: unknown field`,
        object,
        field,
        hint: `did you mean ${meant}?`,
      });
    }
  }

  #report(origin: Origin, diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic);
    this.findings.set(diagnostic, origin);
  }
}
