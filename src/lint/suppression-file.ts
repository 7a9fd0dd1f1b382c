/** Reads the file in which the owner of a cluster names findings to live with. */

import { onlyDocument } from '../config/config-map.js';
import { type ConfigProblem, invalidValue, refuse, shapeProblem } from '../config/problems.js';
import type { Position } from '../diagnostics.js';
import { shapeCheck } from '../input/shape-check.js';
import { nearestName } from '../nearest-name.js';
import { type Cidr, hostCidr, parseCidr } from '../net/cidr.js';
import { parseIp } from '../net/ip.js';
import { checkSuppressions } from './precompiled.js';
import { SUPPRESSIONS } from './suppression-shape.js';

/** One entry of a file. */
export interface Suppression {
  readonly code: string;
  /** `Service shop/*`; `*` stands for any text. Without it, every finding of the code is meant. */
  readonly object?: string;
  readonly reason: string;
  /** The last day on which it counts, `2027-01-31`. */
  readonly expires?: string;
  readonly position: Position | undefined;
}

/** What a file says. */
export interface SuppressionFile {
  readonly suppressions: readonly Suppression[];
  /** Networks that external IPs may use; absent where the file has no list. */
  readonly externalIps?: readonly Cidr[];
}

interface RawFile {
  readonly externalIPs?: readonly string[];
  readonly suppressions?: readonly Omit<Suppression, 'position'>[];
}

const check = shapeCheck<RawFile>(SUPPRESSIONS, checkSuppressions);

/**
 * The suppressions in a text, YAML or JSON. `codes` are those that exist. Throws ConfigError with
 * the place of every problem.
 */
export function loadSuppressions(
  text: string,
  name: string,
  codes: readonly string[],
): SuppressionFile {
  const document = onlyDocument(text, name);
  const value = document.value ?? {};
  if (!check.passes(value)) return refuse(document, check.problems(value).map(shapeProblem));
  const { suppressions = [], externalIPs } = value;
  const problems = [
    ...suppressions.flatMap((one, i) => entryProblems(one, i, new Set(codes))),
    ...repeatedProblems(suppressions),
    ...patternProblems(suppressions),
    ...(externalIPs ?? []).flatMap((text, i) => networkProblem(text, i)),
  ];
  if (problems.length > 0) refuse(document, problems);
  return {
    suppressions: suppressions.map((one, i) => ({
      ...one,
      position: document.position(['suppressions', i, 'code'], 'value'),
    })),
    ...(externalIPs === undefined
      ? {}
      : { externalIps: externalIPs.flatMap((text) => networkOf(text) ?? []) }),
  };
}

function networkOf(text: string): Cidr | undefined {
  const ip = parseIp(text);
  return ip === undefined ? parseCidr(text) : hostCidr(ip);
}

function networkProblem(text: string, index: number): readonly ConfigProblem[] {
  if (networkOf(text) !== undefined) return [];
  const message = 'must be an address or a network such as 192.0.2.0/24';
  return [invalidValue(['externalIPs', index], text, message)];
}

function entryProblems(
  { code, reason, expires }: Omit<Suppression, 'position'>,
  index: number,
  codes: ReadonlySet<string>,
): readonly ConfigProblem[] {
  const path = (field: string): ConfigProblem['path'] => ['suppressions', index, field];
  const near = codes.has(code) ? undefined : nearestName(code, [...codes]);
  const hint = near === undefined ? 'vipc lint --list names them all' : `did you mean ${near}?`;
  return [
    ...(codes.has(code) ? [] : [invalidValue(path('code'), code, 'is the code of no rule', hint)]),
    ...(reason.trim() === '' ? [invalidValue(path('reason'), reason, 'must not be empty')] : []),
    ...(expires === undefined || isDay(expires)
      ? []
      : [invalidValue(path('expires'), expires, 'must be a day such as 2027-01-31')]),
  ];
}

/** Whether the text is a day of the calendar. */
function isDay(text: string): boolean {
  const [, year, month, day] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days;
}

/** Two entries about the same: one of them could only be unused. */
function repeatedProblems(
  suppressions: readonly Omit<Suppression, 'position'>[],
): readonly ConfigProblem[] {
  const seen = new Set<string>();
  return suppressions.flatMap(({ code, object }, i) => {
    const key = JSON.stringify([code, object]);
    const isSeen = seen.has(key);
    seen.add(key);
    return isSeen
      ? [invalidValue(['suppressions', i, 'code'], code, 'is suppressed for the same object above')]
      : [];
  });
}

/** Each finding is compared with each pattern of its code, so that there cannot be many. */
const MOST_PATTERNS = 100;

function patternProblems(
  suppressions: readonly Omit<Suppression, 'position'>[],
): readonly ConfigProblem[] {
  const patterns = suppressions.flatMap(({ object = '' }, i) => (object.includes('*') ? i : []));
  const first = patterns[MOST_PATTERNS];
  if (first === undefined) return [];
  const message = `a file has at most ${MOST_PATTERNS} objects with *`;
  return [invalidValue(['suppressions', first, 'object'], suppressions[first]?.object, message)];
}
