/**
 * `/statusz` (KEP-4827) and `/flagz` (KEP-4828): text for people, or objects of the API group
 * config.k8s.io where the Accept header asks for one.
 */

import type { ProxyConfig } from '../../config/types.js';
import type { Clock } from '../../host/clock.js';
import {
  type HttpRequest,
  type HttpResponse,
  jsonAnswer,
  pageAnswer,
  timestamp,
} from './answer.js';
import { kubernetesVersion } from './kubernetes-metrics.js';

const PATHS = ['/configz', '/flagz', '/healthz', '/metrics', '/proxyMode'] as const;
const NAME = 'vipc';

/** What a page says: as text, and as the fields of an object. */
interface Page {
  readonly kind: 'Statusz' | 'Flagz';
  readonly text: string;
  readonly fields: object;
}

export interface StatuszOptions {
  readonly version: string;
  /** The kube-proxy that is followed. */
  readonly profile: ProxyConfig['profile'];
  /** Milliseconds of the epoch. */
  readonly started: number;
  readonly clock: Clock;
}

/** Version, start time and uptime. */
export function statusz(
  question: HttpRequest,
  { version, profile, started, clock }: StatuszOptions,
): HttpResponse {
  const uptimeSeconds = Math.max(0, Math.floor((clock.wall() - started) / 1000));
  const emulationVersion = kubernetesVersion(profile);
  const rows = {
    Started: unixDate(started),
    Up: uptime(uptimeSeconds),
    'Node version': process.version,
    'Binary version': version,
    'Emulation version': emulationVersion,
    Paths: PATHS.join(' '),
  };
  return negotiated(question, {
    kind: 'Statusz',
    text: `\n${lines(rows, ': ')}`,
    fields: {
      startTime: timestamp(Math.floor(started / 1000) * 1000),
      uptimeSeconds,
      nodeVersion: process.version,
      binaryVersion: version,
      emulationVersion,
      paths: PATHS,
    },
  });
}

/** The flags with their texts, also those that were not given. */
export function flagz(
  question: HttpRequest,
  flags: Readonly<Record<string, string>>,
): HttpResponse {
  return negotiated(question, { kind: 'Flagz', text: lines(flags, '='), fields: { flags } });
}

/**
 * The page in the first form that the Accept header names and that there is, text without one.
 * `application/json` needs all of `as`, `v` and `g`; for anything else the answer is 406.
 */
function negotiated({ header }: HttpRequest, page: Page): HttpResponse {
  for (const range of mediaRanges(header('accept'))) {
    const version = versionOf(range, page.kind);
    if (version !== undefined) return structured(page, version);
    if (isText(range)) return pageAnswer(`${heading(page.kind)}${page.text}`);
  }
  return NOT_ACCEPTABLE;
}

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The ranges of an Accept header, the preferred ones first. */
function mediaRanges(accept: string): readonly MediaRange[] {
  if (accept.trim() === '') return [{ type: '*/*', parameters: new Map() }];
  const ranges = accept.split(',').map((text): MediaRange => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim());
    const pairs = rest.map((part): [string, string] => {
      const [name = '', value = ''] = part.split('=', 2);
      return [name.trim(), value.trim()];
    });
    return { type, parameters: new Map(pairs) };
  });
  return ranges.toSorted((a, b) => quality(b) - quality(a));
}

/** 1 where it is absent or no number. */
function quality({ parameters }: MediaRange): number {
  const value = Number.parseFloat(parameters.get('q') ?? '1');
  return Number.isNaN(value) ? 1 : value;
}

const VERSIONS = ['v1alpha1', 'v1beta1'] as const;
type Version = (typeof VERSIONS)[number];

/** The version of the object that a range asks for. */
function versionOf({ type, parameters }: MediaRange, kind: Page['kind']): Version | undefined {
  if (!['application/json', 'application/*', '*/*'].includes(type)) return undefined;
  if (parameters.get('as') !== kind || parameters.get('g') !== 'config.k8s.io') return undefined;
  return VERSIONS.find((version) => version === parameters.get('v'));
}

function isText({ type, parameters }: MediaRange): boolean {
  return ['text/plain', 'text/*', '*/*'].includes(type) && !parameters.has('as');
}

function structured({ kind, fields }: Page, version: Version): HttpResponse {
  const page = kind.toLowerCase();
  const deprecated = `299 - "This version of the ${page} endpoint is deprecated. Please use a newer version."`;
  const object = { kind, apiVersion: `config.k8s.io/${version}`, metadata: { name: NAME } };
  return {
    status: 200,
    headers: {
      'Content-Type': `application/json;g=config.k8s.io;v=${version};as=${kind}`,
      ...(version === 'v1alpha1' ? { Warning: deprecated } : {}),
    },
    body: JSON.stringify({ ...object, ...fields }, undefined, 2),
  };
}

const NOT_ACCEPTABLE: HttpResponse = {
  ...jsonAnswer(
    JSON.stringify(
      {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'only the following media types are accepted: application/json, text/plain',
        reason: 'NotAcceptable',
        code: 406,
      },
      undefined,
      2,
    ),
    406,
  ),
  headers: { 'Content-Type': 'application/json' },
};

function heading(kind: Page['kind']): string {
  return `
${NAME} ${kind.toLowerCase()}
Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.
`;
}

function lines(rows: Readonly<Record<string, string>>, delimiter: string): string {
  return Object.entries(rows)
    .map(([name, text]) => `${name}${delimiter}${text}\n`)
    .join('');
}

function uptime(seconds: number): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${Math.floor(seconds / 3600)} hr ${two(Math.floor(seconds / 60) % 60)} min ${two(seconds % 60)} sec`;
}

/** As `date` prints it: `Fri Nov 20 09:40:00 UTC 2026`. */
function unixDate(milliseconds: number): string {
  const [day = '', date = '', month = '', year = '', clock = ''] = new Date(milliseconds)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `${day} ${month} ${String(Number(date)).padStart(2, ' ')} ${clock} UTC ${year}`;
}
