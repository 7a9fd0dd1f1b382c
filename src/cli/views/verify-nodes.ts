/** Whether the rules of many nodes do what objects say, as one table. */

import type { VipcError } from '../../errors.js';
import { printable } from '../../printable.js';
import { serviceOf } from '../../ruleset/types.js';
import { count } from './counts.js';
import { cutTable } from './table.js';
import {
  type Answer,
  answerOf,
  brokenLines,
  familyJson,
  grouped,
  kindsText,
  type Verified,
} from './verify.js';
import type { View } from './view.js';

/** The result of one file. */
export interface NodeAnswer {
  readonly node: string;
  readonly file: string;
  /** One for each family that it has. */
  readonly verified: readonly Verified[];
  /** Why it could not be verified. */
  readonly error: VipcError | undefined;
}

/** The result of all of them. */
export interface NodesVerified {
  readonly answers: readonly NodeAnswer[];
  readonly answer: Answer;
  /** Services of which an object was left out. */
  readonly incomplete: readonly string[];
}

/**
 * The worst of all; a file that could not be verified leaves its node unknown. `isWhole` as in
 * {@link answerOf}.
 */
export function nodesAnswer(answers: readonly NodeAnswer[], isWhole: boolean): Answer {
  const isRead = answers.every(({ error }) => error === undefined);
  const verified = answers.flatMap((one) => one.verified);
  return answerOf(verified, isWhole && isRead);
}

/**
 * As a table, and as `{"answer", "nodes": [{"node", "file", "answer", "error", "families"}],
 * "services": [{"service", "nodes"}], "incomplete"}`.
 */
export function nodesView(result: NodesVerified, verbose: boolean): View {
  const { answers, answer, incomplete } = result;
  return {
    text: () => nodesText(answers, verbose),
    kind: 'NodesVerification',
    content: () => ({
      answer,
      nodes: answers.map(nodeJson),
      services: [...wrongServices(answers)].map(([service, nodes]) => ({
        service,
        nodes: [...nodes],
      })),
      incomplete,
    }),
  };
}

function nodesText(answers: readonly NodeAnswer[], verbose: boolean): string {
  const examples = verbose
    ? answers.flatMap(({ file, verified }) =>
        verified
          .filter(({ broken }) => broken.length > 0)
          .flatMap(({ broken, family }) => [
            `${file} (${family}):`,
            '',
            ...brokenLines(broken, true),
          ]),
      )
    : [];
  const head = ['NODE', 'FILE', 'FRONTENDS', 'ANSWER'];
  const lines = [
    ...examples,
    ...cutTable([head, ...answers.map(rowOf)], '', true),
    ...serviceLines(answers),
    totalText(answers),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function rowOf({ node, file, verified, error }: NodeAnswer): readonly string[] {
  if (error !== undefined) return [node, file, '-', `not verified: ${errorText(error)}`];
  const frontends = verified.reduce((sum, { verdict }) => sum + verdict.frontends, 0);
  const broken = verified.flatMap((one) => one.broken);
  return [node, file, grouped(frontends), kindsText(broken)];
}

function errorText({ message, hint }: VipcError): string {
  return hint === undefined ? message : `${message} (${hint})`;
}

const NO_SERVICE = 'no Service';

/** The Services that are wrong, each with the nodes where they are. */
function wrongServices(answers: readonly NodeAnswer[]): ReadonlyMap<string, ReadonlySet<string>> {
  const services = new Map<string, Set<string>>();
  for (const { node, verified } of answers)
    for (const { broken } of verified)
      for (const { finding } of broken) {
        if (finding.kind === 'changed') continue;
        const service = serviceOf(finding.traffic.origin) || NO_SERVICE;
        const nodes = services.get(service) ?? new Set<string>();
        services.set(service, nodes.add(node));
      }
  return new Map([...services].sort(([, a], [, b]) => b.size - a.size));
}

function serviceLines(answers: readonly NodeAnswer[]): readonly string[] {
  const rows = [...wrongServices(answers)].map(([service, nodes]) => [service, cut([...nodes])]);
  return rows.length === 0
    ? []
    : ['', ...cutTable([['SERVICE', 'WRONG ON'], ...rows], '', true), ''];
}

/** More nodes than this are counted. */
const MOST_NODES = 5;

function cut(nodes: readonly string[]): string {
  const more = nodes.length - MOST_NODES;
  const names = nodes.slice(0, MOST_NODES).join(', ');
  return more > 0 ? `${names} and ${more} more` : names;
}

function totalText(answers: readonly NodeAnswer[]): string {
  const bad = answers.filter(({ error }) => error !== undefined).length;
  const wrong = answers.filter(({ verified }) => answerOf(verified) === 'refuted').length;
  const open = answers.filter(({ verified }) => answerOf(verified) === 'unknown').length;
  const right = answers.length - bad - wrong - open;
  const parts = [
    `${right} as expected`,
    ...(wrong === 0 ? [] : [`${wrong} not as expected`]),
    ...(open === 0 ? [] : [`${open} unknown`]),
    ...(bad === 0 ? [] : [`${bad} not verified`]),
  ];
  const nodes = new Set(answers.map(({ node }) => node)).size;
  return `${count(answers.length, 'dump')} of ${count(nodes, 'node')}: ${parts.join(', ')}`;
}

function nodeJson(answer: NodeAnswer): object {
  const { node, file, verified, error } = answer;
  const families = verified.map((one) => [one.family.toLowerCase(), familyJson(one)] as const);
  return {
    ...{ node, file, answer: nodesAnswer([answer], true) },
    ...(error !== undefined && { error: { code: error.code, message: error.message } }),
    families: Object.fromEntries(families),
  };
}
