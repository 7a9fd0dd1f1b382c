/** `vipc get` prints what kubectl printed for the same objects, in every form. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { getCommand } from '../../src/cli/commands/get.js';
import type { Terminal } from '../../src/cli/terminal.js';
import { ageText } from '../../src/cli/views/age.js';
import { runIn } from '../support/process/run-in.js';

const FILE = 'fixtures/kubectl/get-all.yaml';
const get = (...words: readonly string[]): ReturnType<typeof runIn> =>
  runIn(['get', ...words, '-f', FILE]);

/** Lines of a table without the ages, which no recording holds still. */
function ageless(text: string): readonly string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/(?:AGE|\b\d+[smhdy](?:\d+[smhdy])?)\b */, 'AGE '));
}

/** What kubectl 1.36.2 printed. */
const SERVICES = `NAME           TYPE           CLUSTER-IP      EXTERNAL-IP                  PORT(S)                      AGE
empty-lb       LoadBalancer   10.96.19.181    <pending>                    80:30082/TCP                 AGE
manual         ClusterIP      10.96.252.5     198.51.100.7                 5432/TCP                     AGE
other-proxy    ClusterIP      10.96.103.201   <none>                       80/TCP                       AGE
outside        ExternalName   <none>          db.example.com               <none>                       AGE
web            ClusterIP      10.96.95.120    <none>                       80/TCP                       AGE
web-headless   ClusterIP      None            <none>                       80/TCP                       AGE
web-lb         LoadBalancer   10.96.8.156     198.51.100.20,2001:db8::20   80:30081/TCP,443:30444/TCP   AGE
web-local      ClusterIP      10.96.4.115     <none>                       80/TCP                       AGE
web-nodeport   NodePort       10.96.240.228   <none>                       80:30080/TCP                 AGE`;
const ENDPOINTS = `NAMESPACE     NAME           ENDPOINTS                                                        AGE
default       kubernetes     192.0.2.1:6443                                                   AGE
kube-system   kube-dns       10.244.1.10:53,10.244.2.10:53,10.244.1.10:53 + 1 more...         AGE
shop          empty-lb       <none>                                                           AGE
shop          manual         192.0.2.200:5432                                                 AGE
shop          other-proxy    10.244.1.11:8080,10.244.2.11:8080,10.244.3.10:8080 + 1 more...   AGE
shop          web            10.244.1.11:8080,10.244.2.11:8080,10.244.3.10:8080 + 1 more...   AGE
shop          web-headless   10.244.1.11:8080,10.244.2.11:8080,10.244.3.10:8080 + 1 more...   AGE
shop          web-lb         10.244.1.11:8080,10.244.2.11:8080,10.244.3.10:8080 + 5 more...   AGE
shop          web-local      10.244.1.11:8080,10.244.2.11:8080,10.244.3.10:8080 + 1 more...   AGE
shop          web-nodeport   10.244.1.11:8080,10.244.2.11:8080,10.244.3.10:8080 + 1 more...   AGE`;
const SLICES = `NAMESPACE     NAME                 ADDRESSTYPE   PORTS       ENDPOINTS                                                        AGE
default       kubernetes           IPv4          6443        192.0.2.1                                                        AGE
kube-system   kube-dns-kmftc       IPv4          53,53       10.244.1.10,10.244.2.10                                          AGE
shop          empty-lb-x4k67       IPv4          <unset>     <unset>                                                          AGE
shop          manual-h8s2d         IPv4          5432        192.0.2.200                                                      AGE
shop          other-proxy-mmwhw    IPv4          8080        10.244.3.10,10.244.1.11,10.244.2.11 + 1 more...                  AGE
shop          web-4zrs8            IPv6          8080        fd00:10:244:3::a,fd00:10:244:1::b,fd00:10:244:2::b + 1 more...   AGE
shop          web-7r27g            IPv4          8080        10.244.3.10,10.244.1.11,10.244.2.11 + 1 more...                  AGE
shop          web-headless-xhpxh   IPv4          8080        10.244.3.10,10.244.1.11,10.244.2.11 + 1 more...                  AGE
shop          web-lb-747nw         IPv6          8080,8443   fd00:10:244:3::a,fd00:10:244:1::b,fd00:10:244:2::b + 1 more...   AGE
shop          web-lb-s95wt         IPv4          8080,8443   10.244.1.11,10.244.3.10,10.244.3.11 + 1 more...                  AGE
shop          web-local-vrc48      IPv4          8080        10.244.3.10,10.244.1.11,10.244.2.11 + 1 more...                  AGE
shop          web-nodeport-xvsfc   IPv4          8080        10.244.3.10,10.244.1.11,10.244.2.11 + 1 more...                  AGE`;

describe('cli/get', () => {
  for (const [words, shown] of [
    ['svc -n shop', SERVICES],
    ['ep -A', ENDPOINTS],
    ['endpointslices -A', SLICES],
  ] as const)
    it(`prints the table of kubectl: ${words}`, async () => {
      const { code, out, err } = await get(...words.split(' '));
      expect([code, err]).to.deep.equal([0, '']);
      expect(ageless(out).map((line) => line.trimEnd())).to.deep.equal(shown.split('\n'));
    });

  it('adds the namespace with -A, the selector with -o wide', async () => {
    const { out } = await get('services', '-A', '-o', 'wide');
    const lines = ageless(out);
    expect(lines[0]).to.match(/^NAMESPACE {5}NAME {11}TYPE .* AGE SELECTOR$/);
    expect(lines[2]).to.match(
      /^kube-system {3}kube-dns .* 53\/UDP,53\/TCP .* AGE k8s-app=kube-dns$/,
    );
    expect(lines[4]).to.match(/^shop .* AGE <none>$/);
  });

  it('names objects as kubectl does', async () => {
    expect((await get('svc', 'web', 'manual', '-n', 'shop', '-o', 'name')).out).to.equal(
      'service/web\nservice/manual\n',
    );
    expect((await get('endpointslice', '-n', 'default', '-o', 'name')).out).to.equal(
      'endpointslice.discovery.k8s.io/kubernetes\n',
    );
  });

  it('prints one object as it is, and several as a List', async () => {
    const one = await get('svc', 'web-lb', '-n', 'shop', '-o', 'yaml');
    const text = readFileSync(FILE, 'utf8');
    const item = text
      .split(/^- /m)
      .find((part) => part.includes('\n    name: web-lb\n') && part.includes('kind: Service\n'));
    expect(one.out).to.equal(item?.replaceAll(/^ {2}/gm, ''));
    const list = await get('svc', '-n', 'shop', '-o', 'json');
    const parsed = JSON.parse(list.out) as { kind: string; items: { kind: string }[] };
    expect([parsed.kind, parsed.items.length]).to.deep.equal(['List', 9]);
    expect((await get('svc', 'web', '-n', 'shop', '-o', 'json')).out).to.match(
      /^\{\n {4}"apiVersion": "v1",\n {4}"kind": "Service",\n {4}"metadata": \{\n/,
    );
    expect(JSON.parse((await get('svc', '-n', 'none', '-o', 'json')).out).items).to.deep.equal([]);
  });

  it('says what is not there, and where it is', async () => {
    const missing = await get('svc', 'wbe', '-n', 'shop');
    expect([missing.code, missing.out, missing.err]).to.deep.equal([
      1,
      '',
      'error: services "wbe" not found in namespace shop\n  hint: did you mean web?\n',
    ]);
    expect((await get('svc', 'kube-dns')).err).to.include(
      'hint: there is one in namespace kube-system: -n kube-system',
    );
    const none = await get('svc', '-n', 'nosuch');
    expect([none.code, none.err]).to.deep.equal([
      0,
      'warning: no resources found in nosuch namespace\n  hint: 11 in other namespaces: -A shows them\n',
    ]);
    const kind = await get('service-s');
    expect([kind.code, kind.err.split('\n').slice(0, 2)]).to.deep.equal([
      64,
      ['error: "service-s" is not a kind that vipc shows', '  hint: did you mean services?'],
    ]);
    expect((await get('svc', '-A', '-n', 'shop')).code).to.equal(64);
    expect((await get('svc', 'web', '-A')).code).to.equal(64);
  });

  it('makes Endpoints of slices, and fills in what manifests lack', async () => {
    const words = ['-f', 'fixtures/tutorial/demo.yaml', '-f', 'fixtures/tutorial/pods.yaml'];
    const services = await runIn(['get', 'svc', ...words]);
    expect(services.out.split('\n')[1]).to.match(
      /^demo {3}ClusterIP +10\.\S+ +<none> +80\/TCP +<unknown>$/,
    );
    expect(services.err).to.match(
      /^note: ClusterIPs are assigned from .*\n.*--service-cidr\n.*spec\.clusterIP 10\.\S+ assigned\n$/,
    );
    const named = await runIn(['get', 'svc', ...words, '--service-cidr', '10.96.0.0/16']);
    expect(named.out).to.include(' 10.96.156.0 ');
    expect(named.err).to.equal('note: Service default/demo: spec.clusterIP 10.96.156.0 assigned\n');
    for (const form of ['name', 'json'])
      expect((await runIn(['get', 'svc', ...words, '-o', form])).err).to.equal('');
    const endpoints = await runIn(['get', 'ep', ...words]);
    expect(endpoints.err).to.equal('');
    expect(endpoints.out.split('\n')[1]).to.equal(
      'demo   10.244.1.7:8080,10.244.2.3:8080   <unknown>',
    );
  });

  it('shows several kinds, and objects named by kind, as kubectl does', async () => {
    const shown = [
      'NAME              TYPE        CLUSTER-IP    EXTERNAL-IP    PORT(S)    AGE',
      'service/manual    ClusterIP   10.96.252.5   198.51.100.7   5432/TCP   AGE',
      '',
      'NAME                ENDPOINTS            AGE',
      'endpoints/manual    192.0.2.200:5432     AGE',
    ].map((line) => line.replaceAll(/ {2,}/g, ' '));
    for (const words of ['svc,ep manual', 'svc/manual ep/manual', 'svc,services,ep manual']) {
      const { code, out, err } = await get(...words.split(' '), '-n', 'shop');
      expect([code, err], words).to.deep.equal([0, '']);
      expect(ageless(out).map((line) => line.trimEnd().replaceAll(/ {2,}/g, ' '))).to.deep.equal(
        shown,
      );
    }
    expect((await get('svc,ep', 'web', '-n', 'shop', '-o', 'name')).out).to.equal(
      'service/web\nendpoints/web\n',
    );
    const { items } = JSON.parse((await get('svc,ep', 'web', '-n', 'shop', '-o', 'json')).out) as {
      items: { kind: string }[];
    };
    expect(items.map(({ kind }) => kind)).to.deep.equal(['Service', 'Endpoints']);
    const one = await get('svc/web', '-n', 'shop', '-o', 'json');
    expect((JSON.parse(one.out) as { kind: string }).kind).to.equal('Service');
    // A kind without objects gets no table.
    const half = await get('svc/web', 'ep/wbe', '-n', 'shop');
    const lines = half.out.split('\n');
    expect([half.code, lines.length, lines[1]?.split(' ')[0]]).to.deep.equal([1, 3, 'service/web']);
  });

  it('refuses kinds and names that are mixed', async () => {
    for (const [words, message] of [
      ['svc ep/web', '"ep/web" follows the kind "svc"'],
      ['svc/web manual', '"manual" is not KIND/NAME'],
      ['svc/', '"svc/" is not KIND/NAME'],
      ['svc/a/b', '"svc/a/b" is not KIND/NAME'],
      ['svc,', '"" is not a kind that vipc shows'],
      ['svc,pods', '"pods" is not a kind that vipc shows'],
    ] as const) {
      const { code, err } = await get(...words.split(' '));
      expect([code, err.split('\n')[0]], words).to.deep.equal([64, `error: ${message}`]);
    }
  });

  for (const [selector, names] of [
    ['k8s-app=kube-dns', ['kube-dns']],
    ['k8s-app == kube-dns, kubernetes.io/cluster-service', ['kube-dns']],
    ['component=', []],
    ['component in (apiserver, db),provider notin (other)', ['kubernetes']],
    ['provider,!kubernetes.io/cluster-service', ['kubernetes']],
    ['provider!=kubernetes,k8s-app', ['kube-dns']],
    ['constructor', []],
  ] as const)
    it(`selects by label as kubectl does: ${selector}`, async () => {
      const { code, out } = await get('svc', '-A', '-o', 'name', '-l', selector);
      expect(code).to.equal(0);
      expect(out).to.equal(names.map((name) => `service/${name}\n`).join(''));
    });

  it('selects what lacks a label, and everything where the selector is empty', async () => {
    const without = await get(
      'svc',
      '-A',
      '-o',
      'name',
      '-l',
      '!k8s-app,provider notin (x,kubernetes)',
    );
    const every = await get('svc', '-A', '-o', 'name', '-l', '');
    const lines = every.out.split('\n');
    expect(without.out.split('\n')).to.deep.equal(
      lines.filter((name) => !['service/kube-dns', 'service/kubernetes'].includes(name)),
    );
    const elsewhere = await get('svc', '-l', 'k8s-app');
    expect(elsewhere.err).to.equal(
      'warning: no resources found in default namespace\n  hint: 1 in other namespaces: -A shows them\n',
    );
  });

  it('refuses a selector that kubectl cannot parse, and one beside a name', async () => {
    for (const [selector, reason] of [
      ['a=b=c', 'not a requirement on a label'],
      ['!a=b', 'not a requirement on a label'],
      ['a in b', 'not a requirement on a label'],
      ['a,', 'not a requirement on a label'],
      ['a/b/c', 'a qualified name must consist of'],
      ['a=_', 'a valid label must be an empty string or consist of'],
      ['a>b', 'must be compared with a whole number'],
    ] as const) {
      const { code, err } = await get('svc', '-l', selector);
      expect(
        [code, err.split('\n')[0]?.includes(`for "--selector" flag: ${reason}`)],
        err,
      ).to.deep.equal([64, true]);
    }
    const named = await get('svc', 'web', '-l', 'app=web');
    expect([named.code, named.err.split('\n')[0]]).to.deep.equal([
      64,
      'error: name cannot be provided when a selector is specified',
    ]);
  });

  it('compares numbers in labels', async () => {
    const words = ['-A', '-f', '-', '-o', 'name'];
    const service = (name: string, generation: string): string =>
      `---\nkind: Service\napiVersion: v1\nmetadata: {name: ${name}, labels: {generation: "${generation}"}}\nspec: {clusterIP: None}\n`;
    const input = service('a', '9') + service('b', '10') + service('c', 'x');
    const over = await runIn(['get', 'svc', ...words, '-l', 'generation>9'], input);
    expect(over.out).to.equal('service/b\n');
    const below = await runIn(['get', 'svc', ...words, '-l', 'generation<10'], input);
    expect(below.out).to.equal('service/a\n');
  });

  it('leaves out headings with --no-headers', async () => {
    const headed = await get('svc', '-n', 'shop');
    const bare = await get('svc', '-n', 'shop', '--no-headers');
    expect(ageless(bare.out)).to.deep.equal(ageless(headed.out).slice(1));
    const both = await get('svc,ep', 'manual', '-n', 'shop', '--no-headers');
    expect(both.out.split('\n').map((line) => line.split(' ')[0])).to.deep.equal([
      'service/manual',
      'endpoints/manual',
      '',
    ]);
  });

  it('shows labels in the last column with --show-labels', async () => {
    const meta = 'metadata: {name: a, labels: {tier: web, app: shop}}';
    const objects = ['a', 'b'].map(
      (name) =>
        `---\napiVersion: v1\nkind: Service\n${name === 'a' ? meta : 'metadata: {name: b}'}\nspec: {clusterIP: None}\n`,
    );
    const words = ['get', 'svc', '-f', '-', '--show-labels'] as const;
    const { out } = await runIn([...words, '-o', 'wide'], objects.join(''));
    const columns = out.split('\n').map((line) => line.split(/ {2,}/));
    expect(columns[0]?.slice(-2)).to.deep.equal(['SELECTOR', 'LABELS']);
    expect(columns[1]?.at(-1)).to.equal('app=shop,tier=web');
    expect(columns[2]?.slice(-2)).to.deep.equal(['<none>', '<none>']);
    const refused = await runIn([...words, '-o', 'name'], objects.join(''));
    expect([refused.code, refused.err.split('\n')[0]]).to.deep.equal([
      64,
      'error: --show-labels is for tables, and not for -o name',
    ]);
  });

  it('names what reads JSON where a template is asked for', async () => {
    const { code, err } = await get('svc', '-o', 'jsonpath={.items[0].spec.clusterIP}');
    expect([code, err.split('\n').slice(0, 2)]).to.deep.equal([
      64,
      [
        'error: -o jsonpath is not a form of vipc',
        "  hint: vipc get … -o json | jq -r '.items[].metadata.name'",
      ],
    ]);
  });

  it('counts ages to now', async () => {
    let out = '';
    const terminal: Terminal = {
      readInput: async () => '',
      writeOutput: async (text) => {
        out += text;
      },
      writeError: async () => {},
      interactive: false,
      colour: { output: false, error: false },
    };
    const flags = {
      filename: [FILE],
      recursive: false,
      serviceCidr: [],
      namespace: 'shop',
      allNamespaces: false,
      headers: true,
    };
    const now = Date.parse('2026-11-20T09:24:56Z');
    await getCommand(['svc', 'web'], flags, terminal, () => now);
    expect(out.split('\n')[1]).to.match(/ 68s$/);
  });

  it('words ages as kubectl does', () => {
    const [minute, hour, day] = [60, 3600, 86_400];
    for (const [seconds, text] of [
      [-5, '<invalid>'],
      [-1, '0s'],
      [119, '119s'],
      [120, '2m'],
      [9 * minute + 59, '9m59s'],
      [10 * minute + 5, '10m'],
      [179 * minute, '179m'],
      [3 * hour, '3h'],
      [7 * hour + 5 * minute, '7h5m'],
      [8 * hour + 5 * minute, '8h'],
      [47 * hour, '47h'],
      [2 * day, '2d'],
      [7 * day + 3 * hour, '7d3h'],
      [8 * day + 3 * hour, '8d'],
      [729 * day, '729d'],
      [730 * day, '2y'],
      [800 * day, '2y70d'],
      [9 * 365 * day + 40 * day, '9y'],
    ] as const)
      expect(ageText(new Date(1e12).toISOString(), 1e12 + seconds * 1000)).to.equal(text);
    expect(ageText('', 1e12)).to.equal('<unknown>');
  });
});
