/** Services that were not understood keep what the kernel has for them; no other does. */

import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import { compileBeside } from '../../src/backends/kept.js';
import type { Layout } from '../../src/backends/layout.js';
import type { ServiceNames } from '../../src/model/types.js';
import type { Family } from '../../src/net/ip.js';
import { compileSnapshot, print } from '../../src/pipeline.js';
import { type Ruleset, serviceOf } from '../../src/ruleset/types.js';
import { EVERY_OTHER_SERVICE, type KubernetesObject } from '../../src/snapshot/types.js';
import { service, snapshotOf } from '../model/support.js';
import { shop } from '../support/cases/apply-case.js';
import { TESTED_BACKENDS, type TestedBackend } from '../support/cases/backends.js';

const FAMILY: Family = 'IPv4';

/** All Services of a kernel but these. */
function othersThan(...names: readonly string[]): ServiceNames {
  return { size: Number.POSITIVE_INFINITY, has: (name) => name !== '' && !names.includes(name) };
}

for (const tested of TESTED_BACKENDS)
  for (const layout of BACKENDS[tested.mode].layouts) keptSuite(tested, layout);

function keptSuite({ mode, check }: TestedBackend, layout: Layout): void {
  function rules(...objects: readonly KubernetesObject[]): Ruleset {
    return compileSnapshot(snapshotOf(...objects), FAMILY, { mode, layout }).ruleset;
  }

  describe(`backends/${mode}/kept, layout ${layout.name}`, () => {
    const kernel = BACKENDS[mode].read(
      print(rules(...shop('a', 1, 2), ...shop('b', 2, 2), ...shop('ab', 3, 2))),
    );

    function changedServices(wanted: Ruleset): ReadonlySet<string> {
      // Whatever it leads to is there.
      check(print(wanted), FAMILY);
      const { changes } = kernel.plan(wanted);
      const origins = changes
        .flatMap(({ rules }) => rules.map(({ origin }) => origin))
        .filter((origin) => origin !== '');
      return new Set(origins.map((origin) => origin.replace(/[: ].*/, '')));
    }

    it('leaves a Service alone that the rules do not know', () => {
      const wanted = rules(...shop('b', 2, 2), ...shop('ab', 3, 2));
      expect([...changedServices(wanted)]).to.deep.equal(['shop/a']);
      const kept = kernel.keepServices(wanted, new Set(['shop/a']));
      expect([...changedServices(kept)]).to.deep.equal([]);
    });

    it('leaves a Service alone that the rules know in part, and changes the others', () => {
      const wanted = rules(...shop('a', 1, 1), ...shop('b', 2, 1), ...shop('ab', 3, 2));
      const kept = kernel.keepServices(wanted, new Set(['shop/a']));
      expect([...changedServices(kept)]).to.deep.equal(['shop/b']);
    });

    it('leaves every Service alone that the rules do not name, and changes the others', () => {
      const wanted = rules(...shop('b', 2, 1));
      const kept = kernel.keepServices(wanted, new Set([EVERY_OTHER_SERVICE]));
      expect([...changedServices(kept)]).to.deep.equal(['shop/b']);
    });

    it('takes a Service out that the kernel does not have', () => {
      const wanted = rules(
        ...shop('a', 1, 2),
        ...shop('b', 2, 2),
        ...shop('ab', 3, 2),
        ...shop('new', 4, 1),
      );
      const kept = kernel.keepServices(wanted, new Set(['shop/new']));
      expect([...changedServices(kept)]).to.deep.equal([]);
    });

    it('gives no Service an address of one that stays, and names it', () => {
      const old = {
        type: 'NodePort',
        clusterIP: '10.96.0.9',
        externalIPs: ['192.0.2.9'],
        ports: [
          { name: 'web', port: 80, protocol: 'TCP', nodePort: 30080 },
          { name: 'dns', port: 53, protocol: 'UDP', nodePort: 30053 },
        ],
      } as const;
      const [, endpoints] = shop('b', 2, 2);
      const there = BACKENDS[mode].read(print(rules(service('old', old))));
      const fresh = compileSnapshot(
        snapshotOf(
          service('a', { ...old, externalIPs: [...old.externalIPs, '192.0.2.7'] }),
          service('b', { clusterIP: '192.0.2.9' }),
          endpoints!,
        ),
        FAMILY,
        { mode, layout },
      );
      const { wanted, diagnostics } = compileBeside(there, othersThan('shop/a', 'shop/b'), fresh);
      expect(
        diagnostics.map(({ message }) => message.replace(/ stays with.*/, '')),
      ).to.have.members([
        'cluster IP 10.96.0.9:80/TCP',
        'cluster IP 10.96.0.9:53/UDP',
        'external IP 192.0.2.9:80/TCP',
        'external IP 192.0.2.9:53/UDP',
        'node port 30080/TCP',
        'node port 30053/UDP',
        'cluster IP 192.0.2.9:80/TCP',
      ]);
      expect(diagnostics[0]?.message).to.include('stays with Service shop/old');
      expect(diagnostics[0]?.hint).to.include('--prune');
      const changes = there.plan(wanted.ruleset).changes.flatMap((change) => change.rules);
      const about = changes.filter(({ op, origin }) => op === 'remove' || origin.includes('old'));
      expect(about).to.deep.equal([]);
      const addresses = (origin: string): readonly string[] =>
        BACKENDS[mode]
          .read(print(wanted.ruleset))
          .allFrontends(FAMILY)
          .filter((frontend) => serviceOf(frontend.origin) === origin)
          .map(({ ip, port, protocol }) => `${ip} ${port} ${protocol}`);
      expect(addresses('shop/a')).to.have.members(['192.0.2.7 80 TCP', '192.0.2.7 53 UDP']);
      expect(addresses('shop/b')).to.deep.equal([]);
      expect(addresses('shop/old')).to.have.length(6);
    });

    it('changes nothing where no address is that of a Service that stays', () => {
      const compiled = compileSnapshot(snapshotOf(...shop('new', 4, 1)), FAMILY, { mode, layout });
      const { wanted, diagnostics } = compileBeside(kernel, othersThan('shop/new'), compiled);
      expect(diagnostics).to.deep.equal([]);
      expect(wanted.model).to.equal(compiled.model);
      expect([...changedServices(wanted.ruleset)]).to.deep.equal(['shop/new']);
    });
  });
}
