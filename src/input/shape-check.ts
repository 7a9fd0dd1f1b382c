/** Checks values against a shape. ajv decides; the sentences are ours. */

import { Ajv, type ValidateFunction } from 'ajv';
import { type Problem, problemOf } from './problem.js';
import { jsonSchema, type Shape } from './shape.js';

/** A check of values of one shape; `T` is what the shape guarantees. */
export interface ShapeCheck<T> {
  /** Whether the value has the shape. Stops at the first problem, so good values cost least. */
  readonly passes: (value: unknown) => value is T;
  /** The problems of a value that does not pass: the first of each field, {@link MAX_PROBLEMS}. */
  readonly problems: (value: unknown) => readonly Problem[];
}

/** At most this many problems of one value are reported. */
export const MAX_PROBLEMS = 20;

// Our schemas are typed: to check them against their own schema would cost every start.
const options = {
  ...{ strict: true, allowUnionTypes: true, discriminator: true },
  ...{ meta: false, validateSchema: false },
} as const;
const first = new Ajv(options);
const all = new Ajv({ ...options, allErrors: true, verbose: true });

/** The check of a shape. Its schema is compiled on first use. */
export function shapeCheck<T>(shape: Shape): ShapeCheck<T> {
  const passes = lazily(() => first.compile<T>(jsonSchema(shape)));
  const explain = lazily(() => all.compile<T>(jsonSchema(shape)));
  return {
    passes: (value): value is T => passes()(value),
    problems: (value) => problemsOf(shape, value, explain()),
  };
}

function problemsOf<T>(
  shape: Shape,
  value: unknown,
  validate: ValidateFunction<T>,
): readonly Problem[] {
  validate(value);
  const problems = new Map<string, Problem>();
  for (const error of validate.errors ?? []) {
    // The one that matched the tag says more than "must match exactly one schema in oneOf".
    if (error.keyword === 'oneOf') continue;
    const problem = problemOf(shape, error);
    if (!problems.has(problem.field)) problems.set(problem.field, problem);
    if (problems.size === MAX_PROBLEMS) break;
  }
  return [...problems.values()];
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
