/** A plan as the text of a file, and back: whoever could write the file must not get more done than a plan does. */

import { Ajv } from 'ajv';
import { PlanError } from '../errors.js';
import type { StaleFlow } from '../flows/stale-flows.js';
import { parseIp } from '../net/ip.js';
import type { Plan } from './plan.js';
import { PLAN_SCHEMA } from './plan-schema.js';
import type { FamilyPlan } from './types.js';

/** What a backend finds wrong with the chains and lines of a plan; `''` for nothing. */
export type PlanCheck = (plan: FamilyPlan) => string;

const validate = new Ajv({ strict: true, discriminator: true }).compile<Plan>(PLAN_SCHEMA);

/**
 * The text of a plan file. Throws {@link PlanError} for a plan that {@link loadPlan} would refuse, which one with
 * templates of one's own can be: better now than when it is needed.
 */
export function savePlan(plan: Plan, check: PlanCheck): string {
  const text = `${JSON.stringify(plan, null, 1)}\n`;
  loadPlan(text, 'the plan', check);
  return text;
}

/**
 * The plan in a file. Its text is not trusted: the schema is closed, and settings are those that rules for
 * Services need. What its chains and lines may be, the kernel's backend decides with `check`, here or once
 * the kernel is read. Throws {@link PlanError} with the first fault.
 */
export function loadPlan(text: string, name: string, check: PlanCheck = () => ''): Plan {
  const value = parse(text, name);
  if (!validate(value)) {
    const [error] = validate.errors ?? [];
    refuse(name, `${error?.instancePath || '/'} ${error?.message ?? 'is wrong'}`);
  }
  if (new Set(value.families.map(({ family }) => family)).size < value.families.length)
    refuse(name, 'a family occurs twice');
  for (const family of value.families) {
    const fault = check(family);
    if (fault !== '') refuse(name, `${family.family}: ${fault}`);
  }
  const flow = value.flows.find((candidate) => !isFlow(candidate));
  if (flow !== undefined) refuse(name, 'a flow with an address that is none');
  return value;
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PlanError(`${name} is no plan: it is not JSON`, { cause, hint: HINT });
  }
}

function refuse(name: string, fault: string): never {
  throw planRefused(name, fault);
}

/** The error for a plan that could do what no plan of vipc does. */
export function planRefused(name: string, fault: string): PlanError {
  return new PlanError(`${name} is no plan that vipc can carry out: ${fault}`, { hint: HINT });
}

const HINT = 'plans are made with "vipc diff --out plan.json"';

function isFlow({ flow }: StaleFlow): boolean {
  return [flow.source, flow.destination, flow.replySource].every(
    (address) => parseIp(address) === address,
  );
}
