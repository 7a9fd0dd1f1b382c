/**
 * What a person reads of a plan where a dump alone cannot show it: settings, flows, pinned chains,
 * many endpoints.
 */

import { expect } from 'chai';
import type { DiffResult } from '../../../src/cli/comparison.js';
import { differencesText } from '../../../src/cli/views/diff.js';
import { fraction } from '../../../src/netfilter/fraction.js';
import type {
  FamilySummary,
  PoolSummary,
  ServiceSummary,
} from '../../../src/plan/summary-types.js';

function view(
  services: readonly ServiceSummary[],
  more: Partial<DiffResult> = {},
  leftovers: FamilySummary['leftovers'] = [],
): string {
  return differencesText(
    {
      different: true,
      compared: [
        {
          against: 'the kernel (iptables-nft 1.8.9)',
          variant: 'nf_tables',
          summary: {
            family: 'IPv4',
            services,
            leftovers,
            uncommented: [],
            comments: [],
            pinned: [],
          },
        },
      ],
      incomplete: [],
      missing: [],
      host: [],
      flows: [],
      comments: false,
      verbose: false,
      ...more,
    },
    false,
  );
}

function scaled(from: number, to: number): ServiceSummary {
  const share = (there: boolean, of: number) =>
    there ? fraction(1n, BigInt(of)) : fraction(0n, 1n);
  return {
    origin: 'shop/web:http TCP',
    state: 'changed',
    chains: [],
    pools: [
      {
        pool: 'local',
        chain: 'KUBE-SVL-AAAAAAAAAAAAAAAA',
        endpoints: Array.from({ length: Math.max(from, to) }, (_, i) => ({
          endpoint: `10.0.0.${i}:80`,
          before: share(i < from, from),
          after: share(i < to, to),
        })),
      },
    ],
  };
}

describe('cli/views/diff', () => {
  it('puts endpoints with the same change on one line, and names added and removed ones', () => {
    expect(view([scaled(50, 52)]).split('\n')).to.deep.equal([
      'IPv4: the kernel (iptables-nft 1.8.9) differs: 1 to change',
      '  - is there, + should be there',
      '',
      '~ shop/web:http TCP  differs',
      '    new connections (policy Local):',
      '      50 endpoints, each   2.00% -> 1.92%',
      '      10.0.0.50:80            0% -> 1.92%',
      '      10.0.0.51:80            0% -> 1.92%',
      '',
      '1 to change',
      '',
    ]);
    expect(view([scaled(3, 1)])).to.include('10.0.0.0:80   33.3% -> 100%');
  });

  it('shows in one line what a new probability means for unchanged endpoints', () => {
    const chain = (rules: number): ServiceSummary['chains'][number] => ({
      table: 'nat',
      chain: 'KUBE-SVL-AAAAAAAAAAAAAAAA',
      action: 'edit',
      finding: 'differs',
      rules: Array.from({ length: rules }, (_, i) => [
        { op: 'remove', line: `-A old ${i}`, finding: 'probability' } as const,
        { op: 'add', line: `-A new ${i}`, finding: 'probability' } as const,
      ]).flat(),
    });
    const shown = (service: ServiceSummary, rules: number, verbose = false): string | undefined =>
      view([{ ...service, chains: [chain(rules)] }], { verbose })
        .split('\n')
        .find((line) => /probability|shares of/.test(line));
    expect(shown(scaled(3, 4), 3)).to.equal(
      '      ~ shares of 3 endpoints: 1/3 -> 1/4 (-v shows the rules)',
    );
    expect(shown(scaled(1, 2), 1)).to.equal(
      '      ~ shares of 1 endpoint: 1 -> 1/2 (-v shows the rules)',
    );
    expect(shown(scaled(1, 2), 1, true)).to.equal('      - -A old 0   <- another probability');
    // Somebody wrote another probability: 90 % for one endpoint, 50 % for the other.
    const [pool] = scaled(2, 3).pools;
    const [first, second] = pool!.endpoints;
    const edited = { ...first!, before: fraction(899_999_999n, 10n ** 9n) };
    const service = (endpoints: PoolSummary['endpoints']): ServiceSummary => ({
      ...scaled(2, 3),
      pools: [{ ...pool!, endpoints }],
    });
    expect(shown(service([edited]), 1)).to.equal(
      '      ~ shares of 1 endpoint: 90.0% -> 1/3 (-v shows the rules)',
    );
    expect(shown(service([edited, second!]), 1)).to.equal(
      '      ~ shares of 2 endpoints, as above (-v shows the rules)',
    );
    expect(shown({ ...scaled(2, 3), pools: [] }, 2)).to.equal(
      '      ~ 2 rules with another probability (-v shows the rules)',
    );
  });

  it('says of a counter and a set that no rule refers to them, as nothing jumps there', () => {
    const leftover = (chain: string) => ({ table: 'ip kube-proxy', chain, origin: '', rules: 1 });
    const text = view([], {}, ['mine', '@mine', 'counter mine'].map(leftover));
    expect(text.split('\n').filter((line) => line.startsWith('note: '))).to.deep.equal([
      'note: IPv4 ip kube-proxy mine is a leftover (1 rule): nothing jumps to it, and apply deletes it',
      'note: IPv4 ip kube-proxy @mine is a leftover: no rule refers to it, and apply deletes it',
      'note: IPv4 ip kube-proxy counter mine is a leftover: no rule refers to it, and apply deletes it',
    ]);
  });

  it('shows settings and stale flows, and counts when there are many', () => {
    const flow = {
      protocol: 'UDP',
      source: '10.0.0.9',
      sourcePort: 4000,
      destination: '10.96.0.10',
      destinationPort: 53,
      replySource: '10.0.0.53',
      replySourcePort: 53,
      zoned: false,
    } as unknown as DiffResult['flows'][number]['flow'];
    const stale = { flow, origin: 'kube-system/dns:dns UDP', cause: 'endpoint-gone' } as const;
    const flows = Array.from({ length: 12 }, (_, i) => ({ ...stale, reason: `reason ${i}` }));
    const text = view([], {
      host: [
        { kind: 'nfacct', name: 'localhost_nps_accepted_pkts' },
        { kind: 'sysctl', name: 'net.ipv4.conf.all.route_localnet', before: '', after: '1' },
      ],
      flows,
    });
    expect(text.split('\n')).to.deep.equal([
      '~ this machine  settings that the rules need',
      '    nfacct object localhost_nps_accepted_pkts is not there',
      '    net.ipv4.conf.all.route_localnet  unknown -> 1',
      '',
      'note: 12 tracked flows would go where the rules do not send them; apply forgets them:',
      ...Array.from({ length: 10 }, (_, i) => `  kube-system/dns:dns UDP: reason ${i}`),
      '  … and 2 more',
      '',
    ]);
  });

  it('names the rule that keeps a chain from being deleted', () => {
    const summary = {
      family: 'IPv6' as const,
      services: [],
      leftovers: [],
      uncommented: [],
      comments: [],
      pinned: [{ table: 'nat', chain: 'KUBE-SVC-AAAAAAAAAAAAAAAA', by: '-A X \u0007 -j Y' }],
    };
    const text = view([], {
      different: false,
      compared: [{ against: 'x', variant: 'legacy', summary }],
    });
    expect(text).to.equal(
      'no differences\nnote: IPv6 nat KUBE-SVC-AAAAAAAAAAAAAAAA is not wanted but stays, empty, because of a foreign rule: -A X \\u0007 -j Y\n',
    );
  });
});
