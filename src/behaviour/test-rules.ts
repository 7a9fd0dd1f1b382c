/** What a test has to keep to besides its shape, and what its packets expect. */

import { UsageError } from '../errors.js';
import type { FieldPath } from '../input/path.js';
import { invalid, type Problem, required } from '../input/problem.js';
import { isArray } from '../input/value.js';
import { type Cidr, cidrFamily, parseCidr } from '../net/cidr.js';
import type { Expectation, ExpectedEndpoints } from './expectation.js';
import { endpointText, parseShare, type Share } from './share.js';
import type { RawPacket, RawTest } from './test-shape.js';

/** One expectation of a packet. */
export interface ExpectedField {
  /** `reach`, `refused`, … */
  readonly field: keyof RawPacket;
  readonly expected: Expectation;
  /** Whether no packet may be so. */
  readonly negated: boolean;
}

/** What a packet expects, in the order of the words in {@link FIELDS}. */
export function expectationsOf(packet: RawPacket): readonly ExpectedField[] {
  return FIELDS.flatMap((field) => {
    const value = packet[field];
    if (value === undefined) return [];
    return { field, expected: expectationOf(field, value), negated: value === false };
  });
}

const FIELDS = ['reach', 'refused', 'dropped', 'untouched', 'masquerade'] as const;

function expectationOf(field: (typeof FIELDS)[number], value: unknown): Expectation {
  const isPlain = typeof value === 'boolean';
  switch (field) {
    case 'reach':
      return isPlain ? { kind: field } : { kind: field, endpoints: value as ExpectedEndpoints };
    case 'refused':
      return isPlain ? { kind: field } : { kind: field, with: value as string };
    case 'masquerade':
      return isPlain ? { kind: field } : { kind: field, endpoints: value as readonly string[] };
    default:
      return { kind: field };
  }
}

/** The problems of a test that has the right shape. */
export function testProblems(test: RawTest): readonly Problem[] {
  return [
    ...sourceProblems(test),
    ...(['snapshot', 'rules'] as const).flatMap((field) => nameProblems(field, test[field])),
    ...(['clusterCIDR', 'serviceCIDR'] as const).flatMap((field) =>
      networkProblems(field, test[field]),
    ),
    ...test.packets.flatMap((packet, i) => packetProblems(packet, ['packets', i])),
  ];
}

function sourceProblems({ snapshot, objects, rules, modes }: RawTest): readonly Problem[] {
  if (snapshot === undefined && objects === undefined && rules === undefined)
    return [required(['snapshot'], 'nothing is tested', 'or give objects, or rules')];
  if (rules === undefined || modes === undefined) return [];
  return [invalid(['modes'], 'the rules of a dump are of one mode', undefined, 'leave it out')];
}

function nameProblems(field: string, value: RawTest['rules']): readonly Problem[] {
  const names = namesIn([field], value);
  if (value !== undefined && names.length === 0) return [invalid([field], 'must not be empty')];
  return names
    .filter(([, name]) => typeof name !== 'string' || name === '')
    .map(([path, name]) => invalid(path, 'must be the name of a file or folder', name));
}

function networkProblems(field: string, text: string | undefined): readonly Problem[] {
  if (text === undefined || parseNetworks(text) !== undefined) return [];
  const message = 'must be a network such as 10.96.0.0/12, or one per family';
  return [invalid([field], message, text)];
}

/** The networks of a comma-separated list, one per family at most; `undefined` for other text. */
export function parseNetworks(text: string): readonly Cidr[] | undefined {
  const networks = text.split(',').map((part) => parseCidr(part.trim()));
  const known = networks.filter((network) => network !== undefined);
  if (known.length < networks.length) return undefined;
  return new Set(known.map(cidrFamily)).size === known.length ? known : undefined;
}

function packetProblems(packet: RawPacket, path: FieldPath): readonly Problem[] {
  if (FIELDS.every((field) => packet[field] === undefined))
    return [
      required([...path, 'reach'], 'nothing is expected', `or give ${FIELDS.slice(1).join(', ')}`),
    ];
  return (['reach', 'masquerade'] as const).flatMap((field) =>
    endpointProblems(packet[field], [...path, field]),
  );
}

function endpointProblems(value: RawPacket['reach'], path: FieldPath): readonly Problem[] {
  if (value === undefined || typeof value === 'boolean') return [];
  if (typeof value !== 'string' && !isArray(value)) {
    const entries = Object.entries(value);
    if (entries.length === 0) return [noEndpoint(path)];
    return entries.flatMap(([endpoint, share]) => [
      ...problemsIn([...path, endpoint], endpoint, () => endpointText(endpoint)),
      ...problemsIn([...path, endpoint], share, () => parseShare(share as Share)),
    ]);
  }
  const names = namesIn(path, value);
  if (names.length === 0) return [noEndpoint(path)];
  return names.flatMap(([place, name]) =>
    problemsIn(place, name, () => endpointText(String(name))),
  );
}

/** The text, or the items of the list, each with its path. */
function namesIn(
  path: FieldPath,
  value: string | readonly unknown[] = [],
): readonly (readonly [FieldPath, unknown])[] {
  return typeof value === 'string'
    ? [[path, value]]
    : value.map((item, i) => [[...path, i], item] as const);
}

function noEndpoint(path: FieldPath): Problem {
  return invalid(path, 'must not be empty', undefined, 'write false if no endpoint may be reached');
}

/** The problem that reading a value finds. */
function problemsIn(path: FieldPath, value: unknown, read: () => unknown): readonly Problem[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const message = error.message.replace(/^.* is not /, 'is not ');
    return [invalid(path, message, value, error.hint)];
  }
}
