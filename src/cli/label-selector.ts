/** Label selectors, as kubectl reads them (`labels.Parse` of apimachinery). */

import { UsageError } from '../errors.js';
import { labelValueProblem, qualifiedNameProblem } from '../snapshot/name-rules.js';

/** Whether an object with these labels is selected. */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

/** The value of one label; `undefined`: the object does not have it. */
type Requirement = (value: string | undefined) => boolean;

/** The commas between requirements, which are not in a list. */
const COMMA = /,(?![^()]*\))/;
const REQUIREMENT =
  /^(?<absent>!?)\s*(?<key>[^\s!=<>()]+)\s*(?:(?<sign>==?|!=|[<>])\s*(?<operand>[^\s!=<>()]*)|\b(?<word>in|notin)\s*\((?<list>[^()]*)\))?$/;

/** A parser for a flag that takes a label selector: all its requirements hold. */
export function labelSelector(flag: string): (text: string) => LabelSelector {
  return (text) => {
    const parts = text.trim() === '' ? [] : text.split(COMMA);
    const requirements = parts.map((part) => requirement(part.trim(), flag));
    return (labels) =>
      requirements.every(([key, holds]) =>
        holds(Object.hasOwn(labels, key) ? labels[key] : undefined),
      );
  };
}

function requirement(text: string, flag: string): readonly [key: string, Requirement] {
  const fail = (reason: string): never => {
    throw new UsageError(
      `invalid argument ${JSON.stringify(text)} for ${JSON.stringify(flag)} flag: ${reason}`,
      {
        hint: "labels as kubectl takes them: app=web, 'app!=web', 'app in (web,api)', app, '!app'",
      },
    );
  };
  const {
    absent,
    key = '',
    sign,
    operand = '',
    word,
    list = '',
  } = REQUIREMENT.exec(text)?.groups ?? {};
  const relation = sign ?? word;
  if (key === '' || (absent === '!' && relation !== undefined))
    fail('not a requirement on a label');
  const values = word === undefined ? [operand] : list.split(',').map((value) => value.trim());
  const problem =
    qualifiedNameProblem(key) ?? values.map(labelValueProblem).find((found) => found !== undefined);
  if (problem !== undefined) fail(problem);
  if (relation === undefined) return [key, (value) => (value === undefined) === (absent === '!')];
  if (relation === '<' || relation === '>') {
    if (!/^\d+$/.test(operand)) fail('must be compared with a whole number');
    return [key, ordered(relation, BigInt(operand))];
  }
  const isNegative = relation === '!=' || relation === 'notin';
  return [key, (value) => (value !== undefined && values.includes(value)) !== isNegative];
}

function ordered(sign: '<' | '>', bound: bigint): Requirement {
  return (value = '') => {
    if (!/^\d+$/.test(value)) return false;
    return sign === '<' ? BigInt(value) < bound : BigInt(value) > bound;
  };
}
