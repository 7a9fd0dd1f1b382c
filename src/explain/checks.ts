/**
 * What is asked when a Service does not answer, in the order of the usual troubleshooting tables
 * ("Debug Services" of the Kubernetes documentation), each question with its answer.
 */

import type { Model } from '../model/types.js';
import type { LoadedSnapshot } from '../snapshot/load.js';
import type { ExplainedService } from './service.js';

/** The question that each check answers. */
export const QUESTIONS = {
  service: 'Does the Service exist?',
  dns: 'Does DNS know its name?',
  handled: 'Is it one that kube-proxy handles?',
  addresses: 'Are its addresses its own?',
  selector: 'Does its selector match Pods?',
  slices: 'Does it have EndpointSlices?',
  ports: 'Do its ports and those of the slices meet?',
  'target-port': 'Do the Pods have its target port?',
  ready: 'Are the endpoints ready?',
  policy: 'Are there endpoints where its traffic policies ask for them?',
  hints: 'Are topology hints honoured?',
  'network-policy': 'Does a NetworkPolicy forbid it?',
  rules: 'Do the rules of the node do what they should?',
} as const;

export type CheckName = keyof typeof QUESTIONS;

/** One question with its answer. */
export interface Check {
  readonly check: CheckName;
  /** `problem`: some clients get no answer. `unknown`: the input does not say. */
  readonly state: 'ok' | 'problem' | 'warning' | 'unknown';
  readonly message: string;
  /** The command that shows more, or helps; `''`: none. */
  readonly next: string;
}

/** The input that a Service is from. */
export interface CheckedInput extends Pick<LoadedSnapshot, 'snapshot' | 'workloads'> {
  /** Absent where an API server has all of it: then no slice was made here. */
  readonly origins?: LoadedSnapshot['origins'];
}

/** What checks look at. */
export interface CheckInput {
  readonly explained: ExplainedService;
  readonly loaded: CheckedInput;
  /** One for each family; of the whole input. */
  readonly models: readonly Model[];
  /**
   * Whether similar names and labels are searched for, which takes time for each object of the
   * input. Default: yes.
   */
  readonly suggests?: boolean;
}

/** An answer. */
export function answer(check: CheckName, state: Check['state'], message: string, next = ''): Check {
  return { check, state, message, next };
}

/** The checks in the order of {@link QUESTIONS}; those of one question stay in theirs. */
export function inOrder(checks: readonly Check[]): readonly Check[] {
  const order = Object.keys(QUESTIONS);
  return checks.toSorted((a, b) => order.indexOf(a.check) - order.indexOf(b.check));
}

/** More are no help to a reader. */
const MOST_NAMED = 3;

/** `web-1, web-2, web-3 and 4 more`. */
export function listed(texts: readonly string[]): string {
  const more = texts.length - MOST_NAMED;
  const some = texts.slice(0, MOST_NAMED).join(', ');
  return more > 0 ? `${some} and ${more} more` : some;
}

/** `1 Pod`, `3 Pods`. */
export function counted(count: number, what: string, several = `${what}s`): string {
  return `${count} ${count === 1 ? what : several}`;
}

/** Labels as kubectl takes them: `app=web,tier=front`. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
