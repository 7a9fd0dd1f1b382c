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
    /**
     * Milliseconds of processor time of one changed slice, medians: through vipc, and by the tool
     * alone.
     */
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
    lines: [...ours, recorded('iptables-nft', KUBE_PROXY_LATENCY)].filter(hasPoints),
  });
}

/** One changed slice over the number of Services, each layout of one variant. */
export function changePlot({ machine, rows }: ChangeReport, variant: Variant): string {
  const own = rows.filter((row) => row.variant === variant);
  const [first] = own;
  const lines = LAYOUTS.flatMap((layout) => {
    const some = own.filter((row) => row.layout === layout);
    return (['vipc', 'tool'] as const).map(
      (by): Line => ({
        name: `${by === 'vipc' ? 'vipc' : 'the tool alone'}, ${layout}`,
        points: some.map((row) => [row.services, row[by]] as const),
      }),
    );
  });
  const theirs = Object.entries(KUBE_PROXY[variant]).flatMap(([size, numbers]) => {
    const seconds = numbers['one slice changed'];
    return seconds === undefined ? [] : [[Number.parseInt(size, 10), seconds * 1000] as const];
  });
  return plotSvg({
    title: `One changed EndpointSlice in ${NAMES[variant]}, ${first?.endpoints ?? 0} endpoints a Service`,
    caption: captionOf(machine),
    x: 'Services',
    y: 'milliseconds of processor time, median',
    lines: [...lines, recorded(`${NAMES[variant]}, wall time`, theirs)].filter(hasPoints),
  });
}

function recorded(name: string, points: Line['points']): Line {
  return { name: `kube-proxy, ${name}, recorded`, points, dashed: true };
}

function hasPoints({ points }: Line): boolean {
  return points.length > 0;
}

function captionOf({ date, processors, kernel, iptables, nft }: Machine): string {
  return `${date}, ${processors}, Linux ${kernel}, iptables ${iptables}, nft ${nft}; dashed: on another day`;
}
