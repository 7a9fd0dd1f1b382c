/**
 * Answers of the metrics server: metrics, and configuration and flags, in the paths and formats of
 * kube-proxy.
 */

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Counter, Gauge, Registry } from 'prom-client';
import type { ProxyConfig } from '../../config/types.js';
import type { Clock } from '../../host/clock.js';
import { startTime } from '../../host/clock.js';
import type { BackendName } from '../../ruleset/types.js';
import {
  type Answerer,
  type HttpRequest,
  type HttpResponse,
  jsonAnswer,
  NOT_FOUND,
  textAnswer,
} from './answer.js';
import { usedSeries } from './metrics.js';
import type { NodeReport } from './node-report.js';
import { flagz, statusz } from './zpages.js';

export interface MetricsServerOptions {
  readonly mode: BackendName;
  readonly version: string;
  /** The kube-proxy that is followed. */
  readonly profile: ProxyConfig['profile'];
  /** The whole configuration with its defaults. */
  readonly configz: object;
  /** Flags with their texts. */
  readonly flags: Readonly<Record<string, string>>;
  readonly metrics: () => Promise<string>;
  readonly clock: Clock;
  /** The page about this node, at `/`, and what it asks for. */
  readonly report: Pick<NodeReport, 'page' | 'service'>;
}

const compress = promisify(gzip);

const HTML = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
} as const;

/** The answerer of port 10249. `/debug/pprof/` is 404: it is about Go's runtime. */
export function metricsServer(options: MetricsServerOptions): Answerer {
  const { mode, configz, flags, metrics, clock, report } = options;
  const started = clock.wall();
  const headers = {
    'Content-Type': 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
    'Process-Start-Time-Unix': String(Math.floor(startTime() / 1000)),
  };
  const scrape = sharedScrape(metrics, clock);
  const page = sharedScrape(() => report.page(), clock);
  const slis = indicators();
  const pages: Readonly<
    Record<string, (question: HttpRequest) => HttpResponse | Promise<HttpResponse>>
  > = {
    // kube-proxy has no page; only a browser asks for HTML.
    '/': async (question) =>
      question.header('accept').includes('text/html')
        ? exposition(await page(), HTML, question)
        : NOT_FOUND,
    '/service': ({ query }) => {
      const found = report.service(query.get('name') ?? '');
      return found === undefined ? NOT_FOUND : jsonAnswer(found);
    },
    '/metrics': async (question) => exposition(await scrape(), headers, question),
    '/metrics/slis': async (question) => exposition(textBody(await slis.text()), headers, question),
    '/healthz': ({ query }) => {
      slis.checked();
      return textAnswer(query.has('verbose') ? '[+]ping ok\nhealthz check passed\n' : 'ok');
    },
    '/proxyMode': () => textAnswer(mode),
    '/configz': () => jsonAnswer(JSON.stringify({ 'kubeproxy.config.k8s.io': configz })),
    '/flagz': (question) => flagz(question, flags),
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
 * The pause after a scrape or a page, in multiples of its duration: they take at most a fifth of
 * the time.
 */
const SCRAPE_PAUSE = 4;

/**
 * Lets concurrent requests share a text, and delays the next one so that requests in a row cannot
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
  headers: HttpResponse['headers'],
  { header }: HttpRequest,
): Promise<HttpResponse> {
  if (!/\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(header('accept-encoding')))
    return { status: 200, headers, body: body.plain };
  return {
    status: 200,
    headers: { 'Content-Encoding': 'gzip', ...headers },
    body: await body.zipped(),
  };
}

/** Service level indicators: when the process began, and the results of its health checks. */
function indicators(): {
  /** Counts an answer of this server's `/healthz`, which has no bad one. */
  readonly checked: () => void;
  readonly text: () => Promise<string>;
} {
  const registry = new Registry();
  const ping = { name: 'ping', type: 'healthz' };
  new Gauge({
    name: 'process_start_time_seconds',
    help: '[ALPHA] Start time of the process since unix epoch in seconds.',
    registers: [registry],
  }).set(startTime() / 1000);
  const result = new Gauge({
    name: 'kubernetes_healthcheck',
    help: '[STABLE] This metric records the result of a single healthcheck.',
    labelNames: ['name', 'type'],
    registers: [registry],
  });
  const results = new Counter({
    name: 'kubernetes_healthchecks_total',
    help: '[STABLE] This metric records the results of all healthcheck.',
    labelNames: ['name', 'status', 'type'],
    registers: [registry],
  });
  return {
    checked: () => {
      result.set(ping, 1);
      results.inc({ ...ping, status: 'success' });
    },
    text: async () => usedSeries(await registry.metrics()),
  };
}
