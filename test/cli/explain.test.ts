/** `vipc explain`: what it prints about recorded and small clusters, exit codes, bad arguments. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { allDocuments } from '../support/documents.js';
import { EXPLAINED_REASONS } from '../support/explained-reasons.js';
import { outputProblems } from '../support/output-schema.js';
import { type Ran, runIn } from '../support/process/run-in.js';

const KUBECTL = ['-f', 'fixtures/kubectl/get-all.yaml', '--node-name', 'node-a'];
const STORY = ['-f', 'fixtures/explain/cluster.yaml', '--node-name', 'worker-1'];

interface Decision {
  readonly outcome: string;
  readonly pool: string;
  readonly share: string;
  readonly masquerade: boolean;
}

interface Document {
  readonly service: string;
  readonly found: boolean;
  readonly checks: readonly { readonly check: string; readonly state: string }[];
  readonly families: readonly {
    readonly family: string;
    readonly ports: readonly {
      readonly name: string;
      readonly addresses: readonly {
        readonly kind: string;
        readonly clients: Readonly<Record<string, Decision>>;
      }[];
      readonly endpoints: readonly {
        readonly endpoint: string;
        readonly pod: string;
        readonly local: string;
      }[];
      readonly chains: readonly { readonly mode: string; readonly chains: readonly string[] }[];
    }[];
  }[];
}

const explain = (...words: readonly string[]): Promise<Ran> => runIn(['explain', ...words]);

async function explainJson(...words: readonly string[]): Promise<Document> {
  const { out, err } = await explain(...words, '-o', 'json');
  expect(out, err).to.match(/^\{/);
  expect(outputProblems(out)).to.deep.equal([]);
  return JSON.parse(out) as Document;
}

describe('cli/explain', () => {
  it('prints what the documents show', async () => {
    const text = allDocuments();
    // Those with a pipe need a shell: test/e2e/documents.test.ts runs them.
    const examples = [
      ...text.matchAll(/^\$ vipc explain ([^|\n]*)\n((?:.+\n|\n(?!```))*?)(?=\$ |```)/gm),
    ];
    expect(examples.length).to.be.above(0);
    for (const [, words = '', shown] of examples)
      expect((await explain(...words.split(' '))).out).to.equal(shown);
  });

  it('gives each client its share, with both policies', async () => {
    const { families, found, service } = await explainJson('shop/web-lb:http', ...KUBECTL);
    expect([service, found]).to.deep.equal(['shop/web-lb', true]);
    expect(families.map(({ family }) => family)).to.deep.equal(['IPv4', 'IPv6']);
    const [port] = families[0]?.ports ?? [];
    expect(families[0]?.ports).to.have.length(1);
    const clients = port?.addresses.map(({ kind, clients: { pod, node, outside } }) => [
      kind,
      ...[pod, node, outside].map((one) => `${one?.pool} ${one?.share} ${one?.masquerade}`),
    ]);
    // Without clusterCIDR nobody is recognised as a pod of this node.
    const external = ['local 1 false', 'cluster 1/4 true', 'local 1 false'];
    expect(clients).to.deep.equal([
      ['cluster-ip', 'cluster 1/4 false', 'cluster 1/4 false', 'cluster 1/4 false'],
      ['load-balancer', ...external],
      ['node-port', ...external],
    ]);
    expect(port?.endpoints.map(({ local }) => local)).to.deep.equal([
      'ready',
      ...['not-local', 'not-local', 'not-local'],
    ]);
    expect(port?.endpoints[0]?.pod).to.match(/^web-/);
    expect(port?.chains.map(({ mode, chains }) => [mode, chains.length])).to.deep.equal([
      ['iptables', 4],
      ['nftables', 4],
    ]);
  });

  it('names commands that find the rules that compile writes, in both modes', async () => {
    const { out } = await explain('shop/web', ...KUBECTL);
    const greps = [...out.matchAll(/mode (\w+): sudo (\S+) .*grep -F (?:-- )?'([^']+)'/g)];
    expect(greps).to.have.length(4);
    for (const [, mode = '', tool, text = ''] of greps) {
      const family = tool === 'ip6tables-save' || text.includes('::') ? 'ipv6' : 'ipv4';
      const rules = await runIn(['compile', ...KUBECTL, '--mode', mode, '--family', family]);
      const found = rules.out.split('\n').filter((line) => line.includes(text));
      expect(
        found.some((line) => line.includes('shop/web')),
        `${mode} ${text}`,
      ).to.equal(true);
    }
  });

  it('takes every form of a name', async () => {
    for (const words of [
      ['shop/cart'],
      ['svc/shop/cart'],
      ['cart', '-n', 'shop'],
      ['service/cart:80', '-n', 'shop'],
      ['shop/cart:http'],
      ['cart.shop'],
      ['cart.shop.svc.cluster.local.'],
      ['cart.shop.svc.example.org:http'],
    ]) {
      const { code, out } = await explain(...words, ...STORY);
      expect([code, out.split(':')[0]], words.join(' ')).to.deep.equal([0, 'Service shop/cart']);
    }
  });

  it('ends with 1 where some client gets no answer, and where there is no such Service', async () => {
    expect((await explain('shop/web', ...STORY)).code).to.equal(1);
    const none = await explain('wbe', '-n', 'shop', ...STORY);
    expect(none.code).to.equal(1);
    expect(none.out).to.include('no Service shop/wbe in the input; did you mean shop/web?');
    const { found, families } = await explainJson('shop/none', ...STORY);
    expect([found, families]).to.deep.equal([false, []]);
  });

  it('refuses invalid names, and a port that the Service does not have', async () => {
    const refused = async (...words: readonly string[]): Promise<string> => {
      const { code, err } = await explain(...words, ...STORY);
      expect(code).to.equal(64);
      return err.split('\n').slice(0, 2).join('\n');
    };
    expect(await refused('shop/cart:81')).to.equal(
      'error: Service shop/cart has no port 81\n  hint: it has 80 (http)',
    );
    expect(await refused('shop/cart', '-n', 'other')).to.include('and -n says other');
    expect(await refused('a b')).to.include('"a b" is not the name of a Service');
    expect(await refused('a.b.c:80')).to.include('is not the name of a Service');
  });

  it('says what DNS answers for Services that no rule is about', async () => {
    const without = async (spec: string): Promise<readonly string[]> => {
      const { out, err } = await runIn(
        ['explain', 'shop/db', '-f', '-', '--node-name', 'node-a'],
        `apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: ${spec}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}
addressType: IPv4
ports: [{name: sql, port: 5432}, {name: http, port: 80}]
endpoints:
- {addresses: [10.244.1.5], nodeName: node-a}
- {addresses: [10.244.2.5], nodeName: node-b, conditions: {ready: false}}
`,
      );
      expect(out, err).to.include('\n\n');
      return out.trimEnd().split('\n\n').slice(1).join('\n').split('\n');
    };
    const ports = '[{name: sql, port: 3306, targetPort: 5432}, {name: http, port: 80}]';
    expect(await without(`{clusterIP: None, ports: ${ports}}`)).to.deep.equal([
      'DNS answers with the addresses of ready endpoints, and clients connect to a port there:',
      '  10.244.1.5   5432/TCP, 80/TCP   node-a',
      '  not in DNS, because they are not ready:',
      '    10.244.2.5   5432/TCP, 80/TCP   node-b',
      'no rule translates port 3306/TCP: connect to 5432',
    ]);
    const [alias] = await without('{type: ExternalName, externalName: db.example.com}');
    expect(alias).to.include('DNS answers with the name db.example.com,');
    const alone = 'apiVersion: v1\nkind: Service\nmetadata: {name: away}\n';
    const args = ['explain', 'away', '-f', '-', '-o', 'json'];
    const found = await runIn(args, `${alone}spec: {type: ExternalName, externalName: db.example}`);
    expect(JSON.parse(found.out).dns).to.deep.equal({
      name: 'away.default.svc.cluster.local',
      alias: 'db.example',
    });
  });

  it('explains why an endpoint is not used', async () => {
    for (const [text, documents] of EXPLAINED_REASONS) {
      const { out, err } = await runIn(
        ['explain', 'shop/web', '-f', '-', '--node-name', 'node-a', '-v'],
        documents,
      );
      expect(out, err).to.include(text);
    }
  });

  it('cuts long lists, and shows them all with -v', async () => {
    const endpoints = Array.from({ length: 30 }, (_, i) => ({
      addresses: [`10.244.9.${i + 1}`],
      conditions: { ready: i < 25 },
    }));
    const list = JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        {
          ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', uid: '1' } },
          spec: { clusterIP: '10.96.0.1', ports: [{ port: 80 }] },
        },
        {
          ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
          metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
          ...{ addressType: 'IPv4', ports: [{ port: 80 }], endpoints },
        },
      ],
    });
    const short = await runIn(['explain', 'web', '-f', '-'], list);
    expect(short.out).to.include('… and 6 more (-v shows them)');
    const all = await runIn(['explain', 'web', '-f', '-', '-v'], list);
    expect(all.out.match(/^ +10\.244\.9\.\d+:80/gm)).to.have.length(30);
  });

  it('parses only the objects of the Service in a large List', async () => {
    const text = readFileSync('fixtures/explain/cluster.yaml', 'utf8');
    const bad = `- apiVersion: v1
  kind: Service
  metadata:
    name: bad
    namespace: shop
  spec:
    clusterIP: 10.96.9.9
    ports:
    - port: 70000
`;
    const fill = `- apiVersion: v1
  data:
    text: ${'x'.repeat(1_000_000)}
  kind: ConfigMap
  metadata:
    name: large
    namespace: shop
`;
    const words = ['explain', 'shop/cart', '-f', '-', '--node-name', 'worker-1'];
    const right = await runIn(words, text);
    const small = await runIn(words, text.replace('items:\n', `items:\n${bad}`));
    expect(small.err).to.include('Service shop/bad left out');
    const large = await runIn(words, text.replace('items:\n', `items:\n${bad}${fill}`));
    expect([large.out, large.err]).to.deep.equal([right.out, right.err]);
  });

  it('escapes labels for the terminal', async () => {
    const text = readFileSync('fixtures/explain/cluster.yaml', 'utf8');
    const hostile = text.replace('app: wbe', 'app: "w\\e[31m"');
    const { out } = await runIn(['explain', 'shop/web', '-f', '-'], hostile);
    expect(out.includes('\u001b')).to.equal(false);
    expect(out).to.include('selector app=w\\u001b[31m');
  });
});
