/**
 * What somebody does to the rules by hand is found by the check that promises it and named with its
 * Service; what is done by ourselves, however much and whenever, is not.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { BACKENDS } from '../../src/backends/index.js';
import { ChangeDetector } from '../../src/drift/change-detector.js';
import { followKernel, SETTLE } from '../../src/drift/kernel-events.js';
import type { Command, CommandResult } from '../../src/host/host.js';
import { type Family, print } from '../../src/index.js';
import { rulesetPair } from '../support/arbitrary/pair.js';
import { seed } from '../support/arbitrary/property.js';
import { compiledAs } from '../support/cases/apply-case.js';
import {
  DRIFT_VARIANTS,
  type DriftVariant,
  findingTexts,
  movedWeb,
  type WatchedNode,
  watchedCluster,
  watchedNode,
} from '../support/cases/drift-case.js';
import { makeNfacctObjects } from '../support/kernels/iptables-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { until } from '../support/until.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const PAIRS = process.env.VIPC_FULL === '1' ? 60 : 2;
const WEB = 'default/web:http TCP';
const ALL = 'every node';

/** A node whose rules are known by heart. */
interface Scene {
  readonly family: Family;
  readonly ip: 'ip' | 'ip6';
  /** The only line of the rules that a pattern matches. */
  readonly line: (pattern: RegExp) => string;
  /** What of it the pattern catches. */
  readonly part: (pattern: RegExp) => string;
}

interface Damage {
  readonly what: string;
  /** Arguments of iptables, or commands of nft. */
  readonly by: (scene: Scene) => readonly string[];
  /** Findings that must be among those of the check. */
  readonly found: (scene: Scene) => readonly string[];
  /** The cheapest check that promises it; `chains` is `full` where there are no chains in turn. */
  readonly check: 'quick' | 'chains';
  readonly only?: DriftVariant['name'];
  /** By the program nft instead of iptables. */
  readonly nft?: boolean;
}

const WEB_SVC = (scene: Scene): string =>
  scene.part(/--comment "default\/web:http cluster IP" .* -j (KUBE-SVC-\S+)/);
const WEB_DISPATCH = (scene: Scene): string =>
  scene.line(/^-A KUBE-SERVICES .*"default\/web:http cluster IP"/m);
const JUMP = (scene: Scene): string => scene.line(/^-A PREROUTING .*-j KUBE-SERVICES$/m);
const WEB_RULE = (scene: Scene): string =>
  scene.line(new RegExp(`^-A ${WEB_SVC(scene)} .*-j KUBE-SEP-`, 'm'));
const WEB_SEP = (scene: Scene): string => /KUBE-SEP-\S+/.exec(WEB_RULE(scene))![0];
const DNAT = (scene: Scene): string => scene.line(new RegExp(`^-A ${WEB_SEP(scene)} .*DNAT`, 'm'));
const remove = (line: string): string => line.replace('-A', '-D');

const IPTABLES: readonly Damage[] = [
  {
    what: 'a jump from a built-in chain deleted',
    by: (s) => [`nat ${remove(JUMP(s))}`],
    found: (s) => [`rule | nat/PREROUTING | ${ALL} | - ${JUMP(s)}`],
    check: 'quick',
  },
  {
    what: 'the rule of a Service in a shared chain deleted',
    by: (s) => [`nat ${remove(WEB_DISPATCH(s))}`],
    found: (s) => [`rule | nat/KUBE-SERVICES | ${WEB} | - ${WEB_DISPATCH(s)}`],
    check: 'quick',
  },
  {
    what: 'a shared chain flushed',
    by: () => ['filter -F KUBE-SERVICES'],
    found: (s) => [
      `rule | filter/KUBE-SERVICES | default/lonely:http TCP | - ${s.line(/^-A KUBE-SERVICES .*lonely.*REJECT/m)}`,
    ],
    check: 'quick',
  },
  {
    what: 'the tail of a shared chain moved to its front',
    by: (s) => {
      const tail = s.line(/^-A KUBE-SERVICES .*-j KUBE-NODEPORTS$/m);
      return [
        `nat ${remove(tail)}`,
        `nat ${tail.replace('-A KUBE-SERVICES', '-I KUBE-SERVICES 1')}`,
      ];
    },
    found: (s) => [
      `rule | nat/KUBE-SERVICES | ${ALL} | - ${s.line(/^-A KUBE-SERVICES .*-j KUBE-NODEPORTS$/m)}`,
    ],
    check: 'quick',
  },
  {
    what: 'a foreign rule in a chain of every node',
    by: () => ['nat -I KUBE-POSTROUTING 1 -p tcp -m tcp --dport 7 -j ACCEPT'],
    found: () => [
      `rule | nat/KUBE-POSTROUTING | ${ALL} | + -A KUBE-POSTROUTING -p tcp -m tcp --dport 7 -j ACCEPT`,
    ],
    check: 'quick',
  },
  {
    what: 'all rules of a table flushed',
    by: () => ['nat -F'],
    found: (s) => [
      `rule | nat/PREROUTING | ${ALL} | - ${JUMP(s)}`,
      `rule | nat/KUBE-SERVICES | ${WEB} | - ${WEB_DISPATCH(s)}`,
    ],
    check: 'quick',
  },
  {
    what: 'what firewalld does when it starts: everything flushed and all chains deleted',
    by: () => ['nat -F', 'nat -X', 'filter -F', 'filter -X', 'mangle -F', 'mangle -X'],
    found: (s) => [
      `table | nat/ | ${ALL} | `,
      `table | mangle/ | ${ALL} | `,
      `rule | nat/PREROUTING | ${ALL} | - ${JUMP(s)}`,
    ],
    check: 'quick',
  },
  {
    what: 'a shared chain deleted with what leads to it',
    by: (s) => [
      `nat ${remove(s.line(/^-A KUBE-SERVICES .*-j KUBE-NODEPORTS$/m))}`,
      'nat -F KUBE-NODEPORTS',
      'nat -X KUBE-NODEPORTS',
    ],
    found: () => [`chain | nat/KUBE-NODEPORTS | ${ALL} | `],
    check: 'quick',
  },
  {
    what: 'the table deleted',
    by: (s) => [`delete table ${s.ip} nat`],
    nft: true,
    only: 'iptables-nft',
    found: (s) => [`table | nat/ | ${ALL} | `, `rule | nat/PREROUTING | ${ALL} | - ${JUMP(s)}`],
    check: 'quick',
  },
  {
    what: 'a rule in the chain of a Service deleted',
    by: (s) => [`nat ${remove(WEB_RULE(s))}`],
    found: (s) => [`rule | nat/${WEB_SVC(s)} | ${WEB} | - ${WEB_RULE(s)}`],
    check: 'chains',
  },
  {
    what: 'the address of an endpoint edited',
    by: (s) => [
      `nat ${remove(DNAT(s))}`,
      `nat ${DNAT(s).replace(/--to-destination \S+/, `--to-destination ${s.family === 'IPv4' ? '10.9.9.9:1' : '[fd00:9::9]:1'}`)}`,
    ],
    found: (s) => [
      `rule | nat/${WEB_SEP(s)} | ${WEB} | - ${DNAT(s)}`,
      `rule | nat/${WEB_SEP(s)} | ${WEB} | + ${DNAT(s).replace(/--to-destination \S+/, `--to-destination ${s.family === 'IPv4' ? '10.9.9.9:1' : '[fd00:9::9]:1'}`)}`,
    ],
    check: 'chains',
  },
  {
    what: 'a foreign rule in the chain of a Service',
    by: (s) => [`nat -I ${WEB_SVC(s)} 1 -j RETURN`],
    found: (s) => [`rule | nat/${WEB_SVC(s)} | ${WEB} | + -A ${WEB_SVC(s)} -j RETURN`],
    check: 'chains',
  },
  {
    what: 'the chain of an endpoint deleted with what leads to it',
    by: (s) => [`nat ${remove(WEB_RULE(s))}`, `nat -F ${WEB_SEP(s)}`, `nat -X ${WEB_SEP(s)}`],
    found: (s) => [`chain | nat/${WEB_SEP(s)} | ${WEB} | `],
    check: 'chains',
  },
];

const T = (s: Scene): string => `${s.ip} kube-proxy`;
const ELEMENT = (s: Scene): string =>
  s.line(
    /^add element \S+ kube-proxy service-ips \{ \S+ \. tcp \. 80 : goto service-\S*default\/web\//m,
  );
const keyOf = (line: string): string => line.replace('add', 'delete').replace(/ : goto \S+/, '');
const WEB_CHAIN = (s: Scene): string =>
  s.part(/^add chain \S+ kube-proxy (service-\S*default\/web\/\S+)$/m);
const STICKY = (s: Scene): string =>
  s.part(/^add chain \S+ kube-proxy (service-\S*default\/db\/\S+)$/m);
const CHAIN_RULE = (s: Scene): string =>
  s.line(new RegExp(`^add rule \\S+ kube-proxy ${WEB_CHAIN(s)} .* dnat `, 'm'));
const NAT_JUMP = (s: Scene): string => s.line(/^add rule \S+ kube-proxy nat-prerouting /m);

const NFTABLES: readonly Damage[] = [
  {
    what: 'an element of a map deleted',
    by: (s) => [keyOf(ELEMENT(s))],
    found: (s) => [`element | kube-proxy/service-ips | ${WEB} | - ${ELEMENT(s)}`],
    check: 'quick',
  },
  {
    what: 'an element that leads to another Service',
    by: (s) => [keyOf(ELEMENT(s)), ELEMENT(s).replace(/goto \S+/, `goto ${STICKY(s)}`)],
    found: (s) => [
      `element | kube-proxy/service-ips | ${WEB} | - ${ELEMENT(s)}`,
      `element | kube-proxy/service-ips | default/db:http TCP | + ${ELEMENT(s).replace(/goto \S+/, `goto ${STICKY(s)}`)}`,
    ],
    check: 'quick',
  },
  {
    what: 'a foreign element of a set',
    by: (s) => [
      `add element ${T(s)} cluster-ips { ${s.ip === 'ip' ? '192.0.2.77' : '2001:db8::77'} }`,
    ],
    found: (s) => [
      `element | kube-proxy/cluster-ips | ${ALL} | + add element ${T(s)} cluster-ips { ${s.ip === 'ip' ? '192.0.2.77' : '2001:db8::77'} }`,
    ],
    check: 'quick',
  },
  {
    what: 'a jump from a base chain deleted',
    by: (s) => [`flush chain ${T(s)} nat-prerouting`],
    found: (s) => [`rule | kube-proxy/nat-prerouting | ${ALL} | - ${NAT_JUMP(s)}`],
    check: 'quick',
  },
  {
    what: 'a base chain deleted',
    by: (s) => [`flush chain ${T(s)} nat-prerouting`, `delete chain ${T(s)} nat-prerouting`],
    found: () => [`chain | kube-proxy/nat-prerouting | ${ALL} | `],
    check: 'quick',
  },
  {
    what: 'a base chain with another priority',
    by: (s) => [
      `flush chain ${T(s)} nat-prerouting`,
      `delete chain ${T(s)} nat-prerouting`,
      `add chain ${T(s)} nat-prerouting { type nat hook prerouting priority -7 ; }`,
      NAT_JUMP(s),
    ],
    found: (s) => [
      `rule | kube-proxy/nat-prerouting | ${ALL} | + add chain ${T(s)} nat-prerouting { type nat hook prerouting priority -7 ; }`,
    ],
    check: 'quick',
  },
  {
    what: 'a foreign chain with a hook',
    by: (s) => [`add chain ${T(s)} mine { type filter hook input priority 7 ; policy drop ; }`],
    found: (s) => [
      `chain | kube-proxy/mine | ${ALL} | + add chain ${T(s)} mine { type filter hook input priority 7 ; policy drop ; }`,
    ],
    check: 'quick',
  },
  {
    what: 'all rules of the table flushed',
    by: (s) => [`flush table ${T(s)}`],
    found: (s) => [`rule | kube-proxy/nat-prerouting | ${ALL} | - ${NAT_JUMP(s)}`],
    check: 'quick',
  },
  {
    what: 'the table deleted',
    by: (s) => [`delete table ${T(s)}`],
    found: () => [`table | kube-proxy/ | ${ALL} | `],
    check: 'quick',
  },
  {
    what: 'the chain of a Service flushed',
    by: (s) => [`flush chain ${T(s)} ${WEB_CHAIN(s)}`],
    found: (s) => [`rule | kube-proxy/${WEB_CHAIN(s)} | ${WEB} | - ${CHAIN_RULE(s)}`],
    check: 'chains',
  },
  {
    what: 'a foreign rule in the chain of a Service',
    by: (s) => [`insert rule ${T(s)} ${WEB_CHAIN(s)} counter drop`],
    found: (s) => [
      `rule | kube-proxy/${WEB_CHAIN(s)} | ${WEB} | + add rule ${T(s)} ${WEB_CHAIN(s)} counter drop`,
    ],
    check: 'chains',
  },
  {
    what: 'a foreign rule in a chain of every node',
    by: (s) => [`insert rule ${T(s)} services counter drop`],
    found: (s) => [
      `rule | kube-proxy/services | ${ALL} | + add rule ${T(s)} services counter drop`,
    ],
    check: 'chains',
  },
];

const PLAIN = 'default/plain:http TCP';
const TRANSLATION = (s: Scene): string =>
  s.line(/^-A KUBE-SVC-\S+ .*"default\/plain:http -> .* -j DNAT /m);
const NUMBERED = (s: Scene): string =>
  s.line(
    new RegExp(
      `^add element \\S+ kube-proxy endpoints-tcp \\{ ${s.ip === 'ip' ? '10.96.0.4' : 'fd00:10:96::4'} \\. tcp \\. 80 \\. 0 : `,
      'm',
    ),
  );
const moved = (line: string): string => line.replace(/ \. 8080 \}$/, ' . 8081 }');

/** What only layout fast has. */
const IPTABLES_FAST: readonly Damage[] = [
  {
    what: 'a jump from a built-in chain deleted',
    by: (s) => [`nat ${remove(JUMP(s))}`],
    found: (s) => [`rule | nat/PREROUTING | ${ALL} | - ${JUMP(s)}`],
    check: 'quick',
  },
  {
    what: 'a rule that translates deleted',
    by: (s) => [`nat ${remove(TRANSLATION(s))}`],
    found: (s) => [`rule | nat/${TRANSLATION(s).split(' ')[1]} | ${PLAIN} | - ${TRANSLATION(s)}`],
    check: 'chains',
  },
];
const DRAWING = (s: Scene): string => s.line(/^add rule \S+ kube-proxy pick-tcp-2 /m);

const NFTABLES_FAST: readonly Damage[] = [
  {
    what: 'the chain of all Services with as many endpoints flushed',
    by: (s) => [`flush chain ${T(s)} pick-tcp-2`],
    found: (s) => [`rule | kube-proxy/pick-tcp-2 | ${ALL} | - ${DRAWING(s)}`],
    check: 'chains',
  },
  {
    what: 'another endpoint behind a number',
    by: (s) => [
      NUMBERED(s)
        .replace('add', 'delete')
        .replace(/ : .* \}$/, ' }'),
      moved(NUMBERED(s)),
    ],
    found: (s) => [
      `element | kube-proxy/endpoints-tcp | ${PLAIN} | - ${NUMBERED(s)}`,
      `element | kube-proxy/endpoints-tcp | ${PLAIN} | + ${moved(NUMBERED(s))}`,
    ],
    check: 'quick',
  },
];

const DAMAGES = {
  'kube-proxy': { iptables: IPTABLES, nftables: NFTABLES },
  fast: { iptables: IPTABLES_FAST, nftables: NFTABLES_FAST },
} as const;

const DB = 'default/db:http TCP';
const DB_SVC = (s: Scene): string =>
  s.part(/--comment "default\/db:http cluster IP" .* -j (KUBE-SVC-\S+)/);

/** In the chain of a Service that no other test changes. */
const FOREIGN_RULE: Readonly<Record<DriftVariant['mode'], Damage>> = {
  iptables: {
    what: '',
    by: (s) => [`nat -I ${DB_SVC(s)} 1 -j RETURN`],
    found: (s) => [`rule | nat/${DB_SVC(s)} | ${DB} | + -A ${DB_SVC(s)} -j RETURN`],
    check: 'chains',
  },
  nftables: {
    what: '',
    by: (s) => [`insert rule ${T(s)} ${STICKY(s)} counter drop`],
    found: (s) => [
      `rule | kube-proxy/${STICKY(s)} | ${DB} | + add rule ${T(s)} ${STICKY(s)} counter drop`,
    ],
    check: 'chains',
  },
};

/** Does something in front of, and behind, each reading of all rules. */
class BusyHost extends NamespaceHost {
  around: (() => Promise<void>) | undefined;

  override async run(command: Command): Promise<CommandResult> {
    const isWhole = command.args.includes('table');
    if (isWhole) await this.around?.();
    const result = await super.run(command);
    if (isWhole) await this.around?.();
    return result;
  }

  override async follow(
    command: Command,
    onLine: (line: string) => void,
    onStart?: (pid: number) => void,
  ): Promise<CommandResult> {
    await this.around?.();
    const result = await super.follow(command, onLine, onStart);
    await this.around?.();
    return result;
  }
}

for (const variant of DRIFT_VARIANTS) {
  const damages = DAMAGES[variant.layout][variant.mode];
  const isFast = variant.layout === 'fast';
  describe(`kernel: drift in ${variant.name}, layout ${variant.layout}`, () => {
    let namespace: Namespace;
    let host: BusyHost;
    let detector: ChangeDetector;
    const stop = new AbortController();

    before(async function () {
      requireKernel(this, variant.tools);
      namespace = await openNamespace(`drift-${variant.name}-${variant.layout}`);
      host = new BusyHost(namespace);
      detector = new ChangeDetector(host, stop.signal);
      if (variant.mode === 'iptables') await makeNfacctObjects(namespace);
    });
    after(() => {
      stop.abort();
      return namespace?.close();
    });

    const nft = (lines: readonly string[]): Promise<string> =>
      namespace.run('nft', ['-f', '-'], `${lines.join('\n')}\n`);
    async function damage({ by, nft: byNft = false }: Damage, scene: Scene): Promise<void> {
      if (variant.mode === 'nftables' || byNft) {
        await nft(by(scene));
        return;
      }
      const program = variant.name.replace(
        'iptables',
        scene.ip === 'ip' ? 'iptables' : 'ip6tables',
      );
      for (const words of by(scene)) {
        const [table = '', ...rest] = words.split(' ');
        await namespace.script(`${program} -t ${table} ${rest.join(' ')}`);
      }
    }

    /** Nothing is found by any check; looking at every rule includes the quick one. */
    async function expectHealthy({ watch }: WatchedNode, about: string): Promise<void> {
      for (const report of [await watch.chains(), await watch.full()])
        if (report !== undefined) expect(findingTexts(report), about).to.deep.equal([]);
    }

    for (const family of FAMILIES) {
      const cluster = watchedCluster(variant, family);
      const { ruleset } = cluster.compiled;
      const scene = sceneOf(print(ruleset), family);
      const node = (): WatchedNode => watchedNode(host, variant, family, () => detector.mark());

      for (const [i, one] of damages.entries()) {
        if (one.only !== undefined && one.only !== variant.name) continue;
        // Families differ in nothing but their addresses: each kind of damage is done to one of
        // them.
        if (process.env.VIPC_FULL !== '1' && (i % 2 === 0) !== (family === 'IPv4')) continue;
        it(`${family}: ${one.what}`, async () => {
          const { applier, watch } = node();
          await applier.apply(cluster.compiled);
          await expectHealthy({ applier, watch }, 'right after loading');
          await damage(one, scene);
          const quick = await watch.quick();
          if (one.check === 'quick') {
            expect(findingTexts(quick)).to.include.members(one.found(scene));
            expect(quick).to.include({ family, check: 'quick', repair: true });
          } else {
            expect(findingTexts(quick)).to.deep.equal([]);
            if (variant.name === 'iptables-nft')
              expect(findingTexts(await watch.chains())).to.include.members(one.found(scene));
            expect(findingTexts(await watch.full())).to.include.members(one.found(scene));
          }
          applier.forget();
          await applier.apply(cluster.compiled);
          expect(findingTexts(await watch.quick())).to.deep.equal([]);
        });
      }

      // What follows does not ask for the layout, but for what rules a change touches.
      if (variant.name !== 'iptables-legacy' && !isFast)
        it(`${family}: a kernel that has not changed is not read again`, async () => {
          const { applier, watch } = node();
          await applier.apply(cluster.compiled);
          await until(async () => (await detector.mark()) !== undefined);
          const programs = async (): Promise<number> => {
            const before = host.ran.length;
            for (const report of [await watch.quick(), await watch.chains(), await watch.full()])
              expect(report?.count ?? 0).to.equal(0);
            return host.ran.length - before;
          };
          expect(await programs()).to.be.greaterThan(0);
          await until(async () => (await programs()) === 0);
          await nft([`add table ${scene.ip} somebody`, `delete table ${scene.ip} somebody`]);
          expect(await programs()).to.be.greaterThan(0);
        });

      if (isFast && family === 'IPv6') continue;
      it(`${family}: a load of ours during a full check is no drift, and a foreign change is`, async () => {
        const { applier, watch } = node();
        await applier.apply(cluster.compiled);
        let step = 0;
        let last = cluster;
        host.around = async () => {
          step++;
          if (step === 1) await damage(FOREIGN_RULE[variant.mode], scene);
          last = movedWeb(variant, last, [10 + step, 11 + step]);
          await applier.apply(last.compiled);
        };
        try {
          expect(findingTexts(await watch.full())).to.deep.equal(
            FOREIGN_RULE[variant.mode].found(scene),
          );
          expect(step).to.be.greaterThan(1);
        } finally {
          host.around = undefined;
        }
      });
    }

    // Random pairs are of random layouts.
    if (isFast) return;
    if (variant.name !== 'iptables-legacy')
      it('foreign changes are reported at once, and ours are not', async () => {
        const cluster = watchedCluster(variant, 'IPv6');
        const { applier, watch } = watchedNode(host, variant, 'IPv6');
        await applier.apply(cluster.compiled);
        const notified: (readonly Family[])[] = [];
        const stop = new AbortController();
        const end = followKernel(
          {
            host,
            backend: BACKENDS[variant.mode],
            loaded: () => (applier.loaded === undefined ? [] : [applier.loaded]),
            changed: (families) => notified.push(families),
          },
          stop.signal,
        );
        try {
          const scene = sceneOf(print(cluster.compiled.ruleset), 'IPv6');
          // The monitor says nothing when it is ready.
          while (notified.length === 0) {
            await damage(FOREIGN_RULE[variant.mode], scene);
            await sleep(100);
          }
          await sleep(3 * SETTLE);
          notified.length = 0;
          await applier.apply(movedWeb(variant, cluster, [7, 8]).compiled);
          await sleep(3 * SETTLE);
          expect(notified).to.deep.equal([]);
          await damage(damages[0]!, scene);
          while (notified.length === 0) await sleep(20);
          expect(notified).to.deep.equal([['IPv6']]);
          const report = await watch.quick(undefined, 'watch');
          expect(report?.check).to.equal('watch');
          expect(report?.count).to.equal(1);
        } finally {
          stop.abort();
        }
        expect(await end).to.equal(undefined);
      });

    it(`none in a kernel that only we have changed, after ${PAIRS} random pairs of rulesets`, async () => {
      const nodes = new Map(FAMILIES.map((family) => [family, watchedNode(host, variant, family)]));
      for (const pair of fc.sample(rulesetPair, { seed, numRuns: PAIRS })) {
        for (const [family, one] of nodes) {
          const [before, after] = pair(family, variant.mode);
          await one.applier.apply(compiledAs(before));
          expect(findingTexts(await one.watch.quick())).to.deep.equal([]);
          await one.applier.apply(compiledAs(after));
          await expectHealthy(one, `VIPC_SEED=${seed}`);
        }
      }
    });
  });
}

function sceneOf(text: string, family: Family): Scene {
  const match = (pattern: RegExp): RegExpExecArray => {
    const found = pattern.exec(text);
    if (found === null) throw new Error(`no line with ${pattern} in\n${text}`);
    return found;
  };
  return {
    family,
    ip: family === 'IPv4' ? 'ip' : 'ip6',
    line: (pattern) => {
      const { index } = match(pattern);
      const start = text.lastIndexOf('\n', index) + 1;
      return text.slice(start, text.indexOf('\n', index));
    },
    part: (pattern) => match(pattern)[1] ?? '',
  };
}
