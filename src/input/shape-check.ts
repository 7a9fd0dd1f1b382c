/**
 * Checks values against a shape. ajv decides, by code that scripts/templates has it write; the
 * sentences are ours.
 */

import { type BrokenKeyword, type Problem, problemOf } from './problem.js';
import { type JsonSchema, jsonSchema, type Shape } from './shape.js';

/** A check of values of one shape; `T` is what the shape guarantees. */
export interface ShapeCheck<T> {
  readonly passes: (value: unknown) => value is T;
  /** The problems of a value that does not pass: the first of each field, {@link MAX_PROBLEMS}. */
  readonly problems: (value: unknown) => readonly Problem[];
}

/** The code of ajv for one JSON schema: whether a value is valid, and else everything wrong. */
export interface CompiledCheck {
  (value: unknown): boolean;
  readonly errors?: readonly BrokenKeyword[] | null;
}

/** At most this many problems of one value are reported. */
export const MAX_PROBLEMS = 20;

/** The check of a shape by what ajv has made of it. */
export function shapeCheck<T>(shape: Shape, check: CompiledCheck): ShapeCheck<T> {
  let schema: JsonSchema | undefined;
  return {
    passes: (value): value is T => check(value),
    problems: (value) => {
      schema ??= jsonSchema(shape);
      return problemsOf(shape, schema, value, check);
    },
  };
}

function problemsOf(
  shape: Shape,
  schema: JsonSchema,
  value: unknown,
  check: CompiledCheck,
): readonly Problem[] {
  check(value);
  const problems = new Map<string, Problem>();
  for (const error of check.errors ?? []) {
    // The one that matched the tag says more than "must match exactly one schema in oneOf".
    if (error.keyword === 'oneOf') continue;
    const problem = problemOf(shape, schema, value, error);
    if (!problems.has(problem.field)) problems.set(problem.field, problem);
    if (problems.size === MAX_PROBLEMS) break;
  }
  return [...problems.values()];
}
