/** Prometheus' text format as data, so that two scrapes compare by what they say and not by how. */

import { recorded } from './raw-answer.js';

/** One metric of a scrape. */
interface ScrapedMetric {
  readonly type: string;
  readonly help: string;
  /** Series without their values: name and sorted labels. */
  readonly series: readonly string[];
}

/** Metrics by name. */
export function scraped(text: string): ReadonlyMap<string, ScrapedMetric> {
  const metrics = new Map<string, { type: string; help: string; series: string[] }>();
  const helps = new Map<string, string>();
  let current = '';
  for (const line of text.split('\n')) {
    const [, word = '', name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (word === 'HELP') helps.set(name, rest);
    else if (word === 'TYPE') {
      current = name;
      metrics.set(name, { type: rest, help: helps.get(name) ?? '', series: [] });
    } else if (line !== '') metrics.get(current)?.series.push(seriesOf(line));
  }
  for (const { series } of metrics.values()) series.sort();
  return metrics;
}

/** The value of one series; its labels in any order. */
export function seriesValue(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => !one.startsWith('#') && seriesOf(one) === series);
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1));
}

/** kube-proxy's own metrics in a state. */
export function recordedMetrics(state: string): ReadonlyMap<string, ScrapedMetric> {
  const all = scraped(bodyOf(state, '10249.metrics'));
  return new Map([...all].filter(([name]) => name.startsWith('kubeproxy_')));
}

/**
 * kube-proxy's metrics of client-go and of Kubernetes' components, but for those of its credentials
 * and limits.
 */
export function recordedComponentMetrics(): ReadonlyMap<string, ScrapedMetric> {
  return scraped(bodyOf('iptables-never-synced-403', '10249.metrics.component'));
}

function bodyOf(state: string, name: string): string {
  const { head, body } = recorded(state, name);
  return body === '' ? head : body;
}

function seriesOf(line: string): string {
  const [, name = '', labels = ''] = /^([^\s{]+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
  const sorted = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(
    ([, label = '', value = '']) => `${label}="${label === 'le' ? bound(value) : value}"`,
  );
  return sorted.length === 0 ? name : `${name}{${sorted.toSorted().join(',')}}`;
}

function bound(text: string): string {
  return text === '+Inf' ? text : String(Number(text));
}
