/** A list of session affinity belongs to one endpoint of one Service port. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import { settingOf } from '../../src/explain/expected.js';
import { knownMachine, machineOf } from '../../src/explain/machine.js';
import { verify } from '../../src/explain/verify.js';
import {
  type BackendName,
  compileSnapshot,
  defaultConfig,
  loadSnapshot,
  print,
  readRules,
} from '../../src/index.js';
import type { Model } from '../../src/model/types.js';
import { Router } from '../../src/netfilter/route.js';
import { runIn } from '../support/process/run-in.js';

const service = (name: string, address: string, ...endpoints: readonly string[]): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec:
  clusterIP: ${address}
  clusterIPs: [${address}]
  sessionAffinity: ClientIP
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}, labels: {kubernetes.io/service-name: ${name}}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [${endpoints.map((ip) => `{addresses: [${ip}]}`).join(', ')}]
---`;

const OBJECTS = [
  service('alone', '10.96.0.1', '10.0.0.1'),
  service('other', '10.96.0.2', '10.0.0.2'),
  service('pair', '10.96.0.3', '10.0.0.3', '10.0.0.4'),
].join('');

/** What verify finds in rules. */
function foundIn(mode: BackendName, rules: string, model: Model): readonly string[] {
  const machine = knownMachine(machineOf('IPv4', undefined, undefined));
  const router = new Router(readRules(mode, rules, { family: 'IPv4' }).program(), machine);
  const { findings } = verify(router, model, settingOf(model, machine, BACKENDS[mode].behaviour));
  return [...new Set(findings.map(({ kind, traffic }) => `${kind}: ${traffic.origin}`))];
}

for (const mode of ['iptables', 'nftables'] as const)
  describe(`verify: lists of session affinity in mode ${mode}`, () => {
    const { snapshot } = loadSnapshot([{ name: 'objects.yaml', text: OBJECTS }]);
    const { model, ruleset } = compileSnapshot(snapshot, 'IPv4', { mode });
    const text = print(ruleset);

    /** The list of the only or first endpoint of a Service. */
    const listOf = (name: string): string =>
      (mode === 'iptables'
        ? new RegExp(`-m comment --comment "default/${name}" -m recent --set --name (\\S+)`)
        : new RegExp(`update @(affinity-\\S+-default/${name}/\\S+)`)
      ).exec(text)?.[1] ?? expect.fail(`${name} puts no client on a list`);

    /** The rules, but that clients of `alone` are put on a list of another Service. */
    const sharing = (other: string): string => {
      const [own, theirs] = [listOf('alone'), listOf(other)];
      const before = mode === 'iptables' ? `--set --name ${own} ` : `update @${own} `;
      const changed = text.replace(before, before.replace(own, theirs));
      expect(changed).not.to.equal(text);
      return changed;
    };

    const findingsIn = (changed: string): readonly string[] => {
      expect(changed).not.to.equal(text);
      return foundIn(mode, changed, model);
    };

    it('are refuted where a Service puts its clients on one of another Service', () => {
      expect(findingsIn(sharing('pair'))).to.deep.equal(['refuted: default/pair TCP']);
    });

    it('are refuted where a rule has the wrong side of packets on them', () => {
      const own = listOf('pair');
      const [before = '', after = ''] =
        mode === 'iptables'
          ? [
              `--set --name ${own} --mask 255.255.255.255 --rsource`,
              `--set --name ${own} --mask 255.255.255.255 --rdest`,
            ]
          : [`update @${own} { ip saddr }`, `update @${own} { ip daddr }`];
      expect(findingsIn(text.replace(before, after))).to.deep.equal(['refuted: default/pair TCP']);
    });

    it('are a difference to rules of which each has its own', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'vipc-lists-'));
      const [before, after] = [join(folder, 'before'), join(folder, 'after')];
      writeFileSync(before, text);
      writeFileSync(after, sharing('pair'));
      const { code, out } = await runIn(['verify', '--rules', before, '--against', after]);
      rmSync(folder, { recursive: true });
      expect(code, out).to.equal(1);
      expect(out).to.include('default/pair').and.not.to.include('default/alone');
    });

    it('make no difference where that Service has no choice', () => {
      expect(findingsIn(sharing('other'))).to.deep.equal([]);
    });
  });

it('verify: a client need not stay on the list of an only endpoint', () => {
  const { snapshot } = loadSnapshot([{ name: 'objects.yaml', text: OBJECTS }]);
  const config = { ...defaultConfig, layout: 'fast' } as const;
  const { model, ruleset } = compileSnapshot(snapshot, 'IPv4', { mode: 'iptables', config });
  const text = print(ruleset);
  const forgetting = (name: string): string =>
    text.replace(
      new RegExp(`(default/${name} ->.* --rcheck .*) --set (?=.* -j DNAT)`),
      '$1 --rcheck ',
    );
  for (const [name, findings] of [
    ['alone', []],
    ['pair', ['refuted: default/pair TCP']],
  ] as const) {
    expect(forgetting(name)).not.to.equal(text);
    expect(foundIn('iptables', forgetting(name), model)).to.deep.equal(findings);
  }
});
