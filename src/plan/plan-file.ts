/**
 * Serialises plans. A plan file is not trusted: it is checked so that it cannot do more than a
 * plan that vipc made.
 */

import { PlanError } from '../errors.js';
import type { StaleFlow } from '../flows/stale-flows.js';
import { problemText } from '../input/problem.js';
import { shapeCheck } from '../input/shape-check.js';
import { parseIp } from '../net/ip.js';
import type { Plan } from './plan.js';
import { PLAN } from './plan-schema.js';
import { checkPlan } from './precompiled.js';
import type { FamilyPlan } from './types.js';

/** What a backend finds wrong with the chains and lines of a plan; `''` for nothing. */
export type PlanCheck = (plan: FamilyPlan) => string;

const check = shapeCheck<Plan>(PLAN, checkPlan);

/**
 * The text of a plan file. Throws {@link PlanError} for a plan that {@link loadPlan} would refuse,
 * which can happen with a user's own templates: the error is thrown when the plan is made.
 */
export function savePlan(plan: Plan, checkFamily: PlanCheck): string {
  const text = `${JSON.stringify(plan, null, 1)}\n`;
  loadPlan(text, 'the plan', checkFamily);
  return text;
}

/**
 * The plan in a file. Its text is not trusted: the schema is closed, and settings are those that
 * rules for Services need. What its chains and lines may be, the kernel's backend decides with
 * `checkFamily`, here or once the kernel is read. Throws {@link PlanError} with the first problem.
 */
export function loadPlan(text: string, name: string, checkFamily: PlanCheck = () => ''): Plan {
  const value = parse(text, name);
  if (!check.passes(value)) {
    return refuse(name, check.problems(value).map(problemText)[0] ?? 'it is wrong');
  }
  if (new Set(value.families.map(({ family }) => family)).size < value.families.length)
    refuse(name, 'a family occurs twice');
  for (const family of value.families) {
    const problem = checkFamily(family);
    if (problem !== '') refuse(name, `${family.family}: ${problem}`);
  }
  const flow = value.flows.find((candidate) => !isFlow(candidate));
  if (flow !== undefined) refuse(name, 'a flow with an address that is none');
  return value;
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PlanError(`${name} is not a plan: it is not JSON`, { cause, hint: HINT });
  }
}

function refuse(name: string, problem: string): never {
  throw planRefused(name, problem);
}

/** The error for a plan that could do what no plan of vipc does. */
export function planRefused(name: string, problem: string): PlanError {
  return new PlanError(`${name} is not a plan that vipc can carry out: ${problem}`, { hint: HINT });
}

const HINT = 'plans are made with "vipc diff --out plan.json"';

function isFlow({ flow }: StaleFlow): boolean {
  return [flow.source, flow.destination, flow.replySource].every(
    (address) => parseIp(address) === address,
  );
}
