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

/** A Service by `namespace/name`. */
export function serviceRef(service: string): ObjectRef {
  const [namespace = '', name = ''] = service.split('/', 2);
  return { kind: 'Service', namespace, name };
}

/** A place in an input file; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One finding about the input, or about what was made of it. */
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

/**
 * Text of a value for {@link Diagnostic.value}: JSON, control characters escaped, at most 80
 * characters.
 */
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

/** A name that a Service can have. */
const SERVICE_NAME = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** Whether a Service can have this name: none that it cannot have has rules. */
export function isServiceName(name: string): boolean {
  return SERVICE_NAME.test(name);
}

/** The Services, `namespace/name`, that something could not be done for. */
export function servicesInError(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.flatMap(({ severity, object }) =>
    severity === 'error' && object?.kind === 'Service' && isServiceName(object.name)
      ? [`${object.namespace}/${object.name}`]
      : [],
  );
}

/**
 * The error for a Service (`namespace/name`) that could not be compiled, and keeps the rules that
 * it has.
 */
export function serviceFailed(service: string, error: unknown): Diagnostic {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    code: 'service-failed',
    severity: 'error',
    message: `Service ${service} cannot be compiled: ${reason}`,
    object: serviceRef(service),
    hint: 'this is a defect of vipc: please report it',
  };
}

/** How many diagnostics of one code are kept for one Service. */
const MOST_ALIKE = 10;
/** The same list for nearly every Service, so that looking through all of them stays cheap. */
const NO_DIAGNOSTICS: readonly Diagnostic[] = [];

/**
 * The diagnostics of one Service (`namespace/name`) and its EndpointSlices, at most {@link
 * MOST_ALIKE} of each code, then one that counts the rest: each of 130,000 endpoints may have one.
 */
export function capDiagnostics(
  service: string,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] {
  if (diagnostics.length === 0) return NO_DIAGNOSTICS;
  if (diagnostics.length <= MOST_ALIKE) return diagnostics;
  const counts = new Map<string, number>();
  const kept: Diagnostic[] = [];
  for (const diagnostic of diagnostics) {
    const count = (counts.get(diagnostic.code) ?? 0) + 1;
    counts.set(diagnostic.code, count);
    if (count <= MOST_ALIKE) kept.push(diagnostic);
  }
  for (const [code, count] of counts) {
    const first = kept.find((diagnostic) => diagnostic.code === code);
    if (first === undefined || count <= MOST_ALIKE) continue;
    const message = `${count - MOST_ALIKE} more ${code} about Service ${service} and its EndpointSlices`;
    kept.push({ code, severity: first.severity, message });
  }
  return kept;
}
