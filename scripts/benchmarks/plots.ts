/** The plots of what `scripts/bench` wrote as JSON. */

import { VARIANTS, type Variant } from './apply-raw.js';
import { KUBE_PROXY, KUBE_PROXY_LATENCY } from './kube-proxy-numbers.js';
import type { LatencyReport } from './latency.js';
import type { Machine } from './machine.js';
import { type Line, plotSvg } from './plot.js';

const NAMES: Readonly<Record<Variant, string>> = {
  nf_tables: 'iptables-nft',
  legacy: 'iptables-legacy',
  nftables: 'nftables',
};

const LAYOUTS = ['kube-proxy', 'fast'] as const;

/** What a change cost, by `bench apply`. */
export interface ChangeReport {
  readonly machine: Machine;
  readonly rows: readonly {
    readonly variant: Variant;
    readonly layout: string;
    readonly services: number;
    readonly endpoints: number;
    /** Of the machine, when it was measured. */
    readonly load: number;
    /** Milliseconds of one changed slice, the median: through vipc, and by the tool alone. */
    readonly vipc: number;
    readonly tool: number;
  }[];
}

/** The first packet over the number of Services: the last Service, each layout and variant. */
export function latencyPlot({ machine, rows }: LatencyReport): string {
  const ours = VARIANTS.flatMap((variant) =>
    LAYOUTS.map(
      (layout): Line => ({
        name: `${NAMES[variant]}, ${layout}`,
        points: rows.flatMap(({ part, size, times, ...row }) =>
          part === 'services' && row.variant === variant && row.layout === layout && times?.last
            ? [[size.services, times.last.p50] as const]
            : [],
        ),
      }),
    ),
  );
  return plotSvg({
    title: 'First packet of a connection to the last Service',
    caption: captionOf(machine),
    x: 'Services',
    y: 'microseconds, median',
    panels: [
      {
        lines: [...ours, recorded('kube-proxy, iptables-nft', KUBE_PROXY_LATENCY)].filter(
          hasPoints,
        ),
      },
    ],
  });
}

/** One changed slice over the number of Services: a panel for each variant, a line a layout. */
export function changePlot({ machine, rows }: ChangeReport): string {
  const measured = VARIANTS.filter((variant) => rows.some((row) => row.variant === variant));
  return plotSvg({
    title: 'One changed EndpointSlice, from the event to the rules in the kernel',
    caption: `${captionOf(machine)}; load ${loadsOf(rows)}`,
    x: `Services, ${endpointsOf(rows)}`,
    y: 'milliseconds, median',
    panels: measured.map((variant) => ({
      title: NAMES[variant],
      lines: [
        ...LAYOUTS.map(
          (layout): Line => ({
            name: layout === 'fast' ? 'vipc, layout fast' : "vipc, kube-proxy's layout",
            points: rows
              .filter((row) => row.variant === variant && row.layout === layout)
              .map((row) => [row.services, row.vipc]),
          }),
        ),
        recorded('kube-proxy 1.36.2', recordedChanges(variant)),
      ].filter(hasPoints),
    })),
  });
}

/** Milliseconds, by Services with 10 endpoints. */
function recordedChanges(variant: Variant): Line['points'] {
  return Object.entries(KUBE_PROXY[variant]).flatMap(([size, numbers]) => {
    const seconds = numbers['one slice changed'];
    return seconds === undefined ? [] : [[Number.parseInt(size, 10), seconds * 1000] as const];
  });
}

function loadsOf(rows: ChangeReport['rows']): string {
  const loads = rows.map(({ load }) => load);
  return `${Math.min(...loads).toFixed(0)} to ${Math.max(...loads).toFixed(0)}`;
}

/** `10 endpoints each`, and the sizes that have others. */
function endpointsOf(rows: ChangeReport['rows']): string {
  const [first] = rows;
  const others = new Map(
    rows.filter((row) => row.endpoints !== first?.endpoints).map((row) => [row.services, row]),
  );
  return [
    `${first?.endpoints ?? 0} endpoints each`,
    ...[...others.values()].map(
      ({ services, endpoints }) => `${endpoints} with ${services.toLocaleString('en')}`,
    ),
  ].join(', ');
}

function recorded(name: string, points: Line['points']): Line {
  return { name: `${name}, recorded`, points, dashed: true };
}

function hasPoints({ points }: Line): boolean {
  return points.length > 0;
}

function captionOf({ date, processors, kernel, iptables, nft }: Machine): string {
  return `${date}, ${processors}, Linux ${kernel}, iptables ${iptables}, nft ${nft}; dashed: on another day`;
}
