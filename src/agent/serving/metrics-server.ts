/**
 * What the metrics server answers: metrics, and what the agent runs with, in the places and forms
 * of kube-proxy.
 */

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Clock } from '../../host/clock.js';
import type { BackendName } from '../../ruleset/types.js';
import {
  type Answer,
  type Answerer,
  jsonAnswer,
  NOT_FOUND,
  pageAnswer,
  type Question,
  textAnswer,
} from './answer.js';
import { startTime, statuszPage, statuszValue } from './statusz.js';

export interface MetricsServerOptions {
  readonly mode: BackendName;
  readonly version: string;
  /** The whole configuration with its defaults. */
  readonly configz: object;
  /** Flags with their texts. */
  readonly flags: Readonly<Record<string, string>>;
  readonly metrics: () => Promise<string>;
  readonly clock: Clock;
}

const compress = promisify(gzip);

/** The answerer of port 10249. `/debug/pprof/` is 404: it is about Go's runtime. */
export function metricsServer(options: MetricsServerOptions): Answerer {
  const { mode, configz, flags, metrics, clock } = options;
  const started = clock.wall();
  const headers = {
    'Content-Type': 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
    'Process-Start-Time-Unix': String(Math.floor(startTime() / 1000)),
  };
  const scrape = sharedScrape(metrics, clock);
  const pages: Readonly<Record<string, (question: Question) => Answer | Promise<Answer>>> = {
    '/metrics': async (question) => exposition(await scrape(), headers, question),
    '/metrics/slis': (question) => exposition(textBody(slis()), headers, question),
    '/healthz': ({ query }) =>
      textAnswer(query.has('verbose') ? '[+]ping ok\nhealthz check passed\n' : 'ok'),
    '/proxyMode': () => textAnswer(mode),
    '/configz': () => jsonAnswer(JSON.stringify({ 'kubeproxy.config.k8s.io': configz })),
    '/flagz': ({ header }) =>
      acceptsText(header('accept').split(',')) ? pageAnswer(flagz(flags)) : NOT_ACCEPTABLE,
    '/statusz': (question) => statusz(question, { ...options, started }),
  };
  const paths = new Map(Object.entries(pages));
  return (question) => paths.get(question.path)?.(question) ?? NOT_FOUND;
}

/** A text that is encoded once for all who ask for it. */
interface TextBody {
  readonly plain: Buffer;
  readonly zipped: () => Promise<Buffer>;
}

function textBody(text: string): TextBody {
  const plain = Buffer.from(text);
  let zipping: Promise<Buffer> | undefined;
  return {
    plain,
    zipped: () => {
      zipping ??= compress(plain);
      return zipping;
    },
  };
}

/**
 * The pause after a scrape, in multiples of its duration: scrapes take at most a fifth of the time.
 */
const SCRAPE_PAUSE = 4;

/**
 * Lets concurrent requests share a scrape, and delays the next one so that requests in a row cannot
 * stop the agent.
 */
function sharedScrape(metrics: () => Promise<string>, clock: Clock): () => Promise<TextBody> {
  const never = new AbortController().signal;
  let current: Promise<TextBody> | undefined;
  let notBefore = 0;
  const scrape = async (): Promise<TextBody> => {
    const wait = notBefore - clock.now();
    if (wait > 0) await clock.sleep(wait, never);
    const started = clock.now();
    try {
      return textBody(await metrics());
    } finally {
      const ended = clock.now();
      notBefore = ended + SCRAPE_PAUSE * (ended - started);
      current = undefined;
    }
  };
  return () => {
    current ??= scrape();
    return current;
  };
}

async function exposition(
  body: TextBody,
  headers: Answer['headers'],
  { header }: Question,
): Promise<Answer> {
  if (!/\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(header('accept-encoding')))
    return { status: 200, headers, body: body.plain };
  return {
    status: 200,
    headers: { 'Content-Encoding': 'gzip', ...headers },
    body: await body.zipped(),
  };
}

/** The one series that kube-proxy has there. */
function slis(): string {
  const name = 'process_start_time_seconds';
  const help = '[ALPHA] Start time of the process since unix epoch in seconds.';
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${startTime() / 1000}\n`;
}

function flagz(flags: Readonly<Record<string, string>>): string {
  const lines = Object.entries(flags).map(([name, text]) => `${name}=${text}\n`);
  return `\nvipc flagz\nWarning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.\n${lines.join('')}`;
}

const NOT_ACCEPTABLE: Answer = textAnswer(
  'only the following media types are accepted: text/plain\n',
  406,
);

const DEPRECATED =
  '299 - "This version of the statusz endpoint is deprecated. Please use a newer version."';

/** Text, or the object of the version that is asked for; 406 for every other media type. */
function statusz(
  { header }: Question,
  facts: { readonly version: string; readonly started: number; readonly clock: Clock },
): Answer {
  const now = facts.clock.wall();
  const ranges = header('accept').split(',');
  const version = ranges
    .filter((range) => /^\s*application\/json\b.*\bas=Statusz\b/.test(range))
    .map((range) => /\bv=(v1alpha1|v1beta1)\b/.exec(range)?.[1])
    .find((found) => found !== undefined);
  if (version !== undefined) {
    return {
      status: 200,
      headers: {
        'Content-Type': `application/json;g=config.k8s.io;v=${version};as=Statusz`,
        ...(version === 'v1alpha1' ? { Warning: DEPRECATED } : {}),
      },
      body: JSON.stringify(statuszValue(version, facts.version, facts.started, now), undefined, 2),
    };
  }
  return acceptsText(ranges)
    ? pageAnswer(statuszPage(facts.version, facts.started, now))
    : NOT_ACCEPTABLE;
}

/** Whether plain text is among the media ranges of an Accept header; without one it is. */
function acceptsText(ranges: readonly string[]): boolean {
  return ranges.some((range) => /^\s*(?:\*\/\*|text\/(?:\*|plain))?\s*(?:;|$)/.test(range));
}
