/** What vipc has to say about its input, as data: printed by the CLI, asserted by tests. */

/**
 * `error`: an object was left out. `warning`: the object is used, but a part of it is not, or is
 * probably not meant. `note`: something was filled in or chosen.
 */
export type Severity = 'error' | 'warning' | 'note';

/** The Kubernetes object a diagnostic is about. `namespace` is `''` for cluster-scoped kinds. */
export interface ObjectRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A place in an input file; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Diagnostic {
  /** Stable kebab-case identifier, one per kind of finding, for scripts and tests. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence without a final full stop. */
  readonly message: string;
  readonly object?: ObjectRef;
  /** Path of the field in the object, as kubectl writes it: `spec.ports[0].port`. */
  readonly field?: string;
  /** The offending value as JSON, cut to a printable length. */
  readonly value?: string;
  /** What to do about it. */
  readonly hint?: string;
  readonly position?: Position;
}

/** Text of a value for {@link Diagnostic.value}: JSON, control characters escaped, at most 80 characters. */
export function showValue(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  const safe = json.replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return safe.length > 80 ? `${safe.slice(0, 77)}...` : safe;
}

/** Whether any diagnostic says that an object was left out. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}

/** The Services, `namespace/name`, that something could not be done for. */
export function servicesInError(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.flatMap(({ severity, object }) =>
    severity === 'error' && object?.kind === 'Service'
      ? [`${object.namespace}/${object.name}`]
      : [],
  );
}
