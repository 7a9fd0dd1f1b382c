/** The plots of `scripts/bench`, whose pictures stand in the README and on the page of costs. */

import { expect } from 'chai';
import { changePlot } from '../scripts/benchmarks/plots.js';

const MACHINE = {
  ...{ date: '2026-11-27', processors: '2 x CPU', kernel: '6.18' },
  ...{ iptables: '1.8.9', nft: '1.0.6', node: 'v20' },
};
const LAYOUTS = ['kube-proxy', 'fast'];

describe('the plot of the cost of a change', () => {
  const svg = changePlot({
    machine: MACHINE,
    rows: (['legacy', 'nftables'] as const).flatMap((variant) =>
      LAYOUTS.flatMap((layout) =>
        [100, 50_000].map((services) => ({
          ...{ variant, layout, services, endpoints: services === 100 ? 10 : 5 },
          ...{ load: services === 100 ? 1 : 6, vipc: services / 10, tool: 1 },
        })),
      ),
    ),
  });
  const words = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, said]) => said);

  it('names each layout and what was recorded once, in one colour for all variants', () => {
    const names = ["vipc, kube-proxy's layout", 'vipc, layout fast', 'kube-proxy 1.36.2'];
    for (const name of names)
      expect(words.filter((said) => said?.startsWith(name))).to.have.length(1);
    const strokes = [...svg.matchAll(/fill="none" (stroke=.*)\/>/g)].map(([, stroke]) => stroke);
    expect(new Set(strokes).size).to.equal(names.length);
    // A line in each of two panels, and one in the legend.
    expect(strokes).to.have.length(names.length * 3);
  });

  it('says units, sizes, machine and day', () => {
    expect(words).to.include('milliseconds, median');
    expect(words).to.include('Services, 10 endpoints each, 5 with 50,000');
    expect(words.at(-1)).to.match(/^2026-11-27, 2 x CPU, Linux 6\.18, .*; load 1 to 6$/);
  });

  it('places every point within its panel', () => {
    const places = [...svg.matchAll(/[ML](\d+(?:\.\d+)?) (\d+(?:\.\d+)?)(?=[ML"])/g)];
    const lines = places.map(([, x, y]) => [Number(x), Number(y)] as const);
    expect(lines).to.have.length(2 * (2 + 2 + 3));
    for (const [x, y] of lines) {
      expect(x).to.be.within(70, 740);
      expect(y).to.be.within(44, 350);
    }
  });
});
