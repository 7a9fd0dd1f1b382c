/** client-go's metrics of requests to the API server. */

import { Counter, Histogram, type Registry } from 'prom-client';
import type { RequestObserver } from '../../cluster/http-api.js';

/** Seconds. */
const DURATION_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
/** Bytes. */
const SIZE_BUCKETS = [
  64,
  256,
  512,
  ...[1, 4, 16, 64, 256, 1024, 4096, 16_384].map((k) => k * 1024),
];

/** Requests are counted before there is a server for metrics, and so before a registry. */
export interface RestClientMetrics extends RequestObserver {
  readonly register: (registry: Registry) => void;
}

/** Metrics with client-go's names, labels and buckets. A request without an answer has no code. */
export function restClientMetrics(): RestClientMetrics {
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: '[ALPHA] Number of HTTP requests, partitioned by status code, method, and host.',
    labelNames: ['code', 'host', 'method'],
    registers: [],
  });
  const durations = histogram(
    'request_duration_seconds',
    'Request latency in seconds. Broken down by verb, and host.',
    DURATION_BUCKETS,
  );
  const sent = histogram(
    'request_size_bytes',
    'Request size in bytes. Broken down by verb and host.',
    SIZE_BUCKETS,
  );
  const received = histogram(
    'response_size_bytes',
    'Response size in bytes. Broken down by verb and host.',
    SIZE_BUCKETS,
  );
  return {
    answered: ({ method, host }, status) =>
      requests.inc({ code: status === undefined ? '<error>' : String(status), host, method }),
    completed: ({ method: verb, host }, measured) => {
      durations.observe({ verb, host }, measured.seconds);
      sent.observe({ verb, host }, measured.sent);
      if (measured.received !== undefined) received.observe({ verb, host }, measured.received);
    },
    register: (registry) => {
      for (const metric of [requests, durations, sent, received]) registry.registerMetric(metric);
    },
  };
}

function histogram(name: string, help: string, buckets: number[]): Histogram<'verb' | 'host'> {
  return new Histogram({
    ...{ name: `rest_client_${name}`, help: `[ALPHA] ${help}`, buckets },
    labelNames: ['verb', 'host'],
    registers: [],
  });
}
