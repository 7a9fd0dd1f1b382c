/**
 * `vipc explain --rules`: a dump with the right rules, one with a wrong one, rules of others, and
 * what flags say.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { outputProblems } from '../support/output-schema.js';
import { type Ran, runIn } from '../support/process/run-in.js';

const OBJECTS = ['-f', 'fixtures/explain/cluster.yaml', '--node-name', 'worker-1'];
const PACKET = 'a packet of a pod (tcp 10.244.1.2 -> 10.96.81.20:80)';
const QUESTION = 'Do the rules of the node do what they should?';

/** What is said about rules, as `state message`. */
function saidOf({ out }: Ran): readonly string[] {
  return out.split('\n').flatMap((line) => {
    const [state = '', said] = line.trim().split(` ${QUESTION} `);
    return said === undefined ? [] : [`${state.trim()} ${said}`];
  });
}

describe('cli/explain --rules', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-explain-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** What `vipc explain` says of a Service and the rules that its objects compile to, changed. */
  async function explained(
    service: string,
    change: (rules: string) => string = (rules) => rules,
    words: readonly string[] = [],
    mode = 'iptables',
  ): Promise<Ran & { readonly rules: string }> {
    const compiled = await runIn(['compile', ...OBJECTS, '--mode', mode, '--family', 'ipv4']);
    const rules = join(folder, 'rules');
    writeFileSync(rules, change(compiled.out));
    return {
      rules,
      ...(await runIn(['explain', service, ...OBJECTS, '--rules', rules, ...words])),
    };
  }

  for (const mode of ['iptables', 'nftables'])
    it(`reports correct rules as correct, in mode ${mode}`, async () => {
      const found = await explained('shop/cart', undefined, ['-v'], mode);
      expect([found.code, ...saidOf(found)]).to.deep.equal([
        0,
        `ok ${found.rules}: the rules of the Service are right`,
        `ok ${PACKET} reaches 2 of 2 endpoints`,
      ]);
      const refused = await explained('shop/web', undefined, ['-v'], mode);
      expect(saidOf(refused)[1]).to.match(/^ok .* is refused in .*, as it has to be$/);
    });

  it('names the endpoint that a missing rule cuts off, and the difference', async () => {
    const lost = /^-A KUBE-SVC-\S+ .*10\.244\.1\.5:8080.*\n/m;
    const found = await explained('shop/cart', (rules) => rules.replace(lost, ''));
    expect([found.code, ...saidOf(found)]).to.deep.equal([
      1,
      `problem ${found.rules}: the rules of the Service differ (1 to change)`,
      `problem ${PACKET} reaches 1 of 2 endpoints; not 10.244.1.5:8080`,
    ]);
    expect(found.out).to.match(/^ {6}10\.244\.1\.5:8080 +0% -> 50\.0%$/m);
    expect(found.out).to.include(
      `next: vipc diff shop/cart -f fixtures/explain/cluster.yaml --node-name worker-1 --against ${found.rules}`,
    );
    // The commands that are named do what they are named for.
    for (const [, words = ''] of found.out.matchAll(/next: vipc (.*)/g)) {
      const { code, out } = await runIn(words.split(' '));
      expect([0, 1], out).to.include(code);
      expect(out).to.match(/shop.cart|10\.96\.81\.20/);
    }
  });

  it('names commands that read the same objects and rules', async () => {
    const files = ['-f', 'fixtures/tutorial/demo.yaml', '-f', 'fixtures/tutorial/pods.yaml'];
    const objects = [...files, '--service-cidr', '10.96.0.0/16'];
    const compiled = ['compile', ...objects, '--mode', 'nftables', '--family', 'ipv4'];
    const rules = join(folder, 'rules.nft');
    writeFileSync(rules, (await runIn(compiled)).out.replace('. 80 : goto', '. 81 : goto'));
    const { out } = await runIn(['explain', 'demo', ...objects, '--rules', rules]);
    const nexts = [...out.matchAll(/next: vipc (.*)/g)].map(([, next = '']) => next.split(' '));
    const [diff = [], trace = []] = nexts;
    expect(diff.join(' ')).to.include('--mode nftables --service-cidr 10.96.0.0/16 --against ');
    expect((await runIn(diff)).out).to.include('1 to change');
    expect((await runIn(trace)).out).to.include('10.96.156.0:80');
  });

  it('names the rule of another program that drops its packets', async () => {
    const drop = '-A FORWARD -d 10.244.2.7/32 -j DROP\n-A FORWARD';
    const found = await explained('shop/cart', (rules) => rules.replace('-A FORWARD', drop));
    expect(saidOf(found)).to.deep.equal([
      `problem ${PACKET} reaches 1 of 2 endpoints; not 10.244.2.7:8080; it is dropped in forward`,
    ]);
  });

  it('separates differences of the node from those of the Service', async () => {
    const jump = /^-A FORWARD .*KUBE-PROXY-FIREWALL\n/m;
    const found = await explained('shop/cart', (rules) => rules.replace(jump, ''));
    expect(saidOf(found)[0]).to.equal(
      `warning ${found.rules}: the rules of the Service are right, those of the node differ (1 to change)`,
    );
  });

  it('reports an unknown rule as unknown', async () => {
    const odd = '-A FORWARD -m sorcery --spell 3 -j DROP\n-A FORWARD';
    const found = await explained('shop/cart', (rules) => rules.replace('-A FORWARD', odd), ['-v']);
    expect(saidOf(found)[1]).to.match(/^unknown .*: not every rule is understood: .*sorcery/);
  });

  it('names the rule that refuses a packet although there are endpoints', async () => {
    const reject =
      '-A FORWARD -d 10.244.0.0/16 -j REJECT --reject-with icmp-port-unreachable\n-A FORWARD';
    const found = await explained('shop/cart', (rules) => rules.replace('-A FORWARD', reject));
    expect(saidOf(found)).to.deep.equal([
      `problem ${PACKET} reaches 0 of 2 endpoints; not 10.244.1.5:8080, 10.244.2.7:8080; it is refused in forward with port-unreachable`,
    ]);
    const dropped = reject.replace(/REJECT .*/, 'DROP').replace('10.244.0.0/16', '10.96.95.120/32');
    const other = await explained('shop/web', (rules) => rules.replace('-A FORWARD', dropped));
    expect(saidOf(other)[0]).to.match(/^problem .* is not refused, but: dropped in forward$/);
  });

  it('has the differences in JSON, in the form of diff', async () => {
    const lost = /^-A KUBE-SVC-\S+ .*10\.244\.1\.5:8080.*\n/m;
    const found = await explained('shop/cart', (rules) => rules.replace(lost, ''), ['-o', 'json']);
    expect(outputProblems(found.out)).to.deep.equal([]);
    const { differences } = JSON.parse(found.out) as {
      readonly differences: { readonly ipv4: { readonly services: readonly { origin: string }[] } };
    };
    expect(differences.ipv4.services.map(({ origin }) => origin)).to.deep.equal([
      'shop/cart:http TCP',
    ]);
  });

  it('refuses a dump of another mode, and flags that would do nothing', async () => {
    const found = await explained('shop/cart', undefined, ['--mode', 'nftables']);
    expect([found.code, found.err.split('\n')[0]]).to.deep.equal([
      64,
      `error: ${JSON.stringify(found.rules)} is of mode iptables, and --mode says nftables`,
    ]);
    const idle = await runIn(['explain', 'shop/cart', ...OBJECTS, '--iptables', 'nft']);
    expect(idle.err).to.include('it goes with --rules kernel');
  });
});
