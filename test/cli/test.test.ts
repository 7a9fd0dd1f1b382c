/**
 * `vipc test`: tests in YAML, their results in every form, and the faults of tests with their
 * places.
 */

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { loadAll } from 'js-yaml';
import { allDocuments } from '../support/documents.js';
import { outputProblems } from '../support/output-schema.js';
import { type Ran, runIn } from '../support/process/run-in.js';
import { readTap } from '../support/tap.js';

const EXAMPLE = 'fixtures/behaviour';
const TESTS = `${EXAMPLE}/tests`;
const HEAD = 'apiVersion: vipc/v1\nkind: Test\n';
const DNS = `${HEAD}snapshot: ${resolve(EXAMPLE, 'manifests')}\nnode: worker-1\npackets:\n`;
const PACKET = '  - from: 10.244.1.5\n    to: 10.96.0.10:53/udp\n';
const GOOD = `${PACKET}    reach: [10.244.1.7:53, 10.244.2.9:53]\n`;

interface Results {
  readonly passed: number;
  readonly failed: number;
  readonly results: readonly {
    readonly file: string;
    readonly line: number;
    readonly packet: string;
    readonly rules: string;
    readonly passed: boolean;
    readonly failures: readonly string[];
  }[];
}

describe('cli/test', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (...words: readonly string[]): Promise<Ran> => runIn(['test', ...words]);

  function fileOf(text: string, name = 'test.yaml'): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  async function resultsOf(text: string): Promise<Results> {
    const { out, err } = await run(fileOf(text), '-o', 'json');
    expect(out, err).to.match(/^\{/);
    expect(outputProblems(out)).to.deep.equal([]);
    return JSON.parse(out) as Results;
  }

  it('passes the example, as the documents show it', async () => {
    const { code, out, err } = await run(TESTS);
    expect([code, err]).to.deep.equal([0, '']);
    const text = allDocuments();
    expect(text).to.include(`$ vipc test ${TESTS}\n${out}`);
    const [, shown = ''] =
      /```yaml\n(apiVersion: vipc\/v1\nkind: Test[\s\S]*?)```/.exec(text) ?? [];
    expect(shown).to.include('packets:');
    expect(readFileSync(`${TESTS}/dns.yaml`, 'utf8')).to.include(shown);
  });

  it('has a help whose example passes', async () => {
    const { out } = await run('--help');
    const [, text = ''] = /# A test\n([\s\S]*?)\n\n/.exec(out) ?? [];
    const here = text.replaceAll(/^ {2}/gm, '').replace('../manifests', `${EXAMPLE}/manifests`);
    const path = fileOf(here.replace(EXAMPLE, resolve(EXAMPLE)));
    expect(await run(path)).to.include({ code: 0, out: '6 passed\n' });
  });

  it('shows with -v each packet in each mode, and the rules that it is about', async () => {
    const { out } = await run(`${TESTS}/policy.yaml`, `${TESTS}/dns.yaml`, '-v');
    const lines = out.split('\n');
    expect(lines[0]).to.equal(
      `ok ${TESTS}/policy.yaml:31: a cache on every node: 10.244.1.5 -> svc/cache:11211 (nftables)`,
    );
    expect(lines[1]).to.equal(`ok ${TESTS}/dns.yaml:10: DNS: is spread evenly (iptables)`);
    expect(lines.filter((line) => line.endsWith('(nftables)'))).to.have.length(5);
    expect(lines.at(-2)).to.equal('9 passed');
  });

  it('reads a file once, and subfolders only with -R', async () => {
    mkdirSync(join(folder, 'below'));
    fileOf(DNS + GOOD, 'below/test.yaml');
    const path = fileOf(DNS + GOOD);
    expect((await run(folder, path)).out).to.equal('1 passed\n');
    expect((await run('-R', folder)).out).to.equal('2 passed\n');
  });

  describe('a packet that is not as expected', () => {
    const WRONG = `${DNS}${PACKET}    name: DNS & <more>\n    reach: {10.244.1.7:53: 1}\n    masquerade: true\n${GOOD}`;
    const SENTENCE =
      'expected udp 10.244.1.5 -> 10.96.0.10:53 to reach 10.244.1.7:53 (1), but it reaches 10.244.1.7:53 (1/2), reaches 10.244.2.9:53 (1/2)';

    it('is shown with the rules that decide, and ends with 1', async () => {
      const path = fileOf(WRONG);
      const { code, out } = await run(path);
      expect(code).to.equal(1);
      const lines = out.split('\n');
      expect(lines.slice(0, 2)).to.deep.equal([
        `not ok ${path}:6: DNS & <more> (iptables)`,
        `  ${SENTENCE}`,
      ]);
      expect(out).to.include('\n      nat -A PREROUTING -m comment');
      expect(out).to.include('  expected udp 10.244.1.5 -> 10.96.0.10:53 to be masqueraded, but');
      expect(lines.slice(-2)).to.deep.equal(['1 passed, 1 failed', '']);
      const coloured = await runIn(['test', path], '', { colour: true });
      expect(coloured.out.startsWith('\u001b[31mnot ok\u001b[39m ')).to.equal(true);
    });

    it('is reported in TAP', async () => {
      const path = fileOf(WRONG.replace('DNS & <more>', '"DNS & #TODO more"'));
      const { code, out } = await run(path, '-o', 'tap');
      expect(code).to.equal(1);
      const lines = out.split('\n');
      expect(lines.slice(0, 5)).to.deep.equal([
        'TAP version 14',
        '1..2',
        `not ok 1 - ${path}:6: DNS & \\#TODO more (iptables)`,
        '  ---',
        `  message: ${JSON.stringify(SENTENCE)}`,
      ]);
      expect(lines.slice(-3)).to.deep.equal([
        '  ...',
        `ok 2 - ${path}:11: 10.244.1.5 -> 10.96.0.10:53/udp (iptables)`,
        '',
      ]);
      const [first, second] = readTap(out);
      expect([first?.passed, first?.name]).to.deep.equal([
        false,
        `${path}:6: DNS & #TODO more (iptables)`,
      ]);
      const details = first?.details as Readonly<Record<string, string>>;
      expect(details.at).to.equal(`${path}:6`);
      expect(details.details).to.include(`${SENTENCE}\n\nudp 10.244.1.5 -> `);
      expect(second).to.include({ passed: true, details: undefined });
    });

    it('is reported in the XML of JUnit', async () => {
      const path = fileOf(WRONG);
      const { code, out } = await run(path, '-o', 'junit');
      expect(code).to.equal(1);
      const lines = out.split('\n');
      const counts = 'tests="2" failures="1" errors="0" skipped="0"';
      expect(lines.slice(0, 5)).to.deep.equal([
        '<?xml version="1.0" encoding="UTF-8"?>',
        `<testsuites name="vipc" ${counts}>`,
        `  <testsuite name="${path}" ${counts}>`,
        `    <testcase name="DNS &#38; &#60;more&#62; (iptables)" classname="${path}" file="${path}" line="6">`,
        `      <failure message="${SENTENCE.replaceAll('>', '&#62;')}" type="AssertionError">${SENTENCE.replaceAll('>', '&#62;')}`,
      ]);
      expect(out.match(/<failure /g)).to.have.length(2);
      expect(out).to.include(' line="11"/>\n  </testsuite>\n</testsuites>\n');
      // Every tag is closed, and nothing else has a bracket.
      const open: string[] = [];
      const text = out
        .replace(/^<\?.*\?>/, '')
        .replaceAll(
          /<(\/?)(\w+)((?: \w+="[^"<>&]*(?:&#\d+;[^"<>&]*)*")*)(\/?)>/g,
          (_, end, name, __, empty) => {
            if (end !== '') expect(open.pop()).to.equal(name);
            else if (empty === '') open.push(name as string);
            return '';
          },
        );
      expect(open).to.deep.equal([]);
      expect(text).to.not.match(/[<>]|&(?!#\d+;)/);
    });

    it('is reported in JSON', async () => {
      const { passed, failed, results } = await resultsOf(WRONG);
      expect([passed, failed]).to.deep.equal([1, 1]);
      expect(results[0]).to.include({ line: 6, packet: 'DNS & <more>', rules: 'iptables' });
      expect(results[0]?.failures).to.have.length(2);
      expect(results[0]?.failures[0]).to.match(/^expected udp /);
    });
  });

  it('takes the mode of the configuration, and iptables without one', async () => {
    const config = (mode: string): string =>
      `config: {apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration${mode}}\n`;
    const with_ = (text: string): string => (DNS + GOOD).replace('packets:', `${text}packets:`);
    const rulesOf = async (text: string): Promise<readonly string[]> =>
      (await resultsOf(text)).results.map(({ rules }) => rules);
    expect(await rulesOf(DNS + GOOD)).to.deep.equal(['iptables']);
    expect(await rulesOf(with_(config(', mode: nftables')))).to.deep.equal(['nftables']);
    expect(await rulesOf(with_(`${config(', mode: nftables')}modes: [iptables]\n`))).to.deep.equal([
      'iptables',
    ]);
    // Whose pods are local decides who is masqueraded.
    const outside = `${DNS}  - {from: outside, to: 10.96.0.10:53/udp, masquerade: true}\n`;
    expect((await resultsOf(outside)).failed).to.equal(1);
    const known = outside.replace('packets:', 'clusterCIDR: 10.244.0.0/16\npackets:');
    expect((await resultsOf(known)).failed).to.equal(0);
  });

  it('assigns ClusterIPs from the network of the test, and knows its zone', async () => {
    const service =
      '{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80}]}}';
    const text = `${HEAD}serviceCIDR: 10.111.0.0/16\nobjects: [${service}]\npackets:\n  - {from: 10.0.0.1, to: 'svc/a:80', reach: true}\n`;
    const [result] = (await resultsOf(text)).results;
    expect(result?.failures[0]).to.match(
      /^expected tcp 10\.0\.0\.1 -> 10\.111\.\d+\.\d+:80 to reach/,
    );
    const slice =
      '{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: a-1, labels: {kubernetes.io/service-name: a}}, addressType: IPv4, ports: [{port: 80}], endpoints: [{addresses: [10.0.0.8], zone: east, hints: {forZones: [{name: east}]}}, {addresses: [10.0.0.9], zone: west, hints: {forZones: [{name: west}]}}]}';
    const hinted = service.replace(
      'spec: {',
      'spec: {clusterIP: 10.96.0.1, trafficDistribution: PreferClose, ',
    );
    const zoned = (zone: string): string =>
      `${HEAD}${zone}objects: [${hinted}, ${slice}]\npackets:\n  - {from: 10.0.0.1, to: 10.96.0.1:80, reach: 10.0.0.9:80}\n`;
    expect((await resultsOf(zoned('zone: west\n'))).failed).to.equal(0);
    expect((await resultsOf(zoned(''))).failed).to.equal(1);
  });

  it('fails a packet to a missing Service, and names the Services that exist', async () => {
    const text = `${DNS}  - {from: pod, to: 'svc/kube-system/kube-dns:80', reach: true}\n  - {from: pod, to: 'svc/kube-dn:53', dropped: false}\n`;
    const [port, name] = (await resultsOf(text)).results;
    expect(port?.failures).to.deep.equal([
      'to: Service kube-system/kube-dns has no port 80\nhint: it has 53/udp (dns), 53 (dns-tcp)',
    ]);
    expect(name?.failures[0]).to.include('no Service default/kube-dn with a ClusterIP');
  });

  it('fails for an unknown outcome, also where an expectation is negated', async () => {
    const save = readFileSync(`${EXAMPLE}/dumps/worker-1.v4.save`, 'utf8');
    writeFileSync(
      join(folder, 'odd.save'),
      save.replace(/^(?=-A PREROUTING )/m, '-A PREROUTING -m nosuch --thing 1 -j DROP\n'),
    );
    const packet = '{from: 10.244.1.9, to: 10.96.0.10:53/udp, ';
    const { results } = await resultsOf(
      `${HEAD}rules: odd.save\npackets: [${packet} reach: true}, ${packet} dropped: false}]\n`,
    );
    expect(results).to.have.length(2);
    for (const { failures } of results)
      expect(failures[0]).to.include('it is not known what becomes of it: -m nosuch --thing 1');
  });

  it('says what it passes over among tests and among objects', async () => {
    const objects = join(folder, 'objects');
    mkdirSync(objects);
    writeFileSync(join(objects, 'empty.yaml'), '');
    for (const name of ['device.yaml', 'objects/device.json'])
      symlinkSync('/dev/zero', join(folder, name));
    fileOf(`${DNS.replace('packets', 'serviceCIDR: 10.96.0.0/16\npackets')}${GOOD}`);
    fileOf(
      `${HEAD}snapshot: objects\npackets: [{from: node, to: 10.96.0.9:1, reach: false}]\n`,
      'b.yaml',
    );
    const { err } = await run(folder);
    for (const name of ['device.yaml', 'objects/device.json'])
      expect(err).to.include(
        `warning: the path "${join(folder, name)}" is a device and is not read`,
      );
  });

  it('fails where an object was left out, and names its position', async () => {
    const objects = `objects:\n  - apiVersion: v1\n    kind: Service\n    metadata: {name: a}\n    spec:\n      type: Cluste\n      ports: [{port: 80}]\n`;
    const path = fileOf((DNS + GOOD).replace('packets:', `${objects}packets:`));
    const { code, out } = await run(path);
    expect(code).to.equal(1);
    expect(out.split('\n').slice(0, 2)).to.deep.equal([
      `not ok ${path}:3: objects`,
      `  ${path}:10:13: Service default/a left out: spec.type: "Cluste": must be one of ClusterIP, NodePort, LoadBalancer, ExternalName`,
    ]);
    expect(out).to.match(/\n1 passed, 1 failed\n$/);
  });

  it('warns of a missing node', async () => {
    const { code, err } = await run(fileOf((DNS + GOOD).replace('worker-1', 'worker-3')));
    expect(code).to.equal(0);
    expect(err).to.include('warning: Node "worker-3" is not in the input');
  });

  it('skips other files, and refuses a folder without a test', async () => {
    fileOf(readFileSync(`${EXAMPLE}/manifests/dns.yaml`, 'utf8'), 'a.yaml');
    fileOf(readFileSync(`${EXAMPLE}/node/worker-1.yaml`, 'utf8'), 'b.yaml');
    const { code, err, out } = await run(folder);
    expect([code, out]).to.deep.equal([2, '']);
    expect(err).to.equal(
      `error: no test in ${folder}\n  hint: a test begins with "apiVersion: vipc/v1" and "kind: Test"; -R reads the folders below a folder too\n`,
    );
    fileOf(DNS + GOOD, 'c.yaml');
    expect((await run(folder)).code).to.equal(0);
    expect((await run()).code).to.equal(64);
  });

  it('escapes control characters in names', async () => {
    const text = `${DNS}  - name: "a\\u001b[2J\\nb"\n    from: 10.244.1.5\n    to: 10.96.0.10:53/udp\n    dropped: true\n`;
    for (const form of ['human', 'tap', 'junit']) {
      const { out } = await run(fileOf(text), '-o', form);
      // A backslash of TAP is escaped.
      const shown = form === 'tap' ? 'a\\\\u001b[2J\\\\u000ab' : 'a\\u001b[2J\\u000ab';
      expect(out).to.include(shown).and.to.not.include('\u001b');
      if (form === 'tap') expect(readTap(out)).to.have.length(1);
    }
  });

  describe('faults of a test', () => {
    const faults: readonly (readonly [text: string, line: string, hint?: string])[] = [
      [`${HEAD}snapshot: m\n`, '1:1: packets: is required'],
      [`${HEAD}snapshot: m\npackets: []\n`, '4:1: packets: must not be empty'],
      [
        (DNS + GOOD).replace('kind: Test', 'kind: Tests'),
        '2:7: kind: "Tests": must be Test',
        'did you mean Test?',
      ],
      [(DNS + GOOD).replace('kind: Test\n', ''), '1:1: kind: is required'],
      [
        (DNS + GOOD).replace('vipc/v1', 'vipc/v2'),
        '1:13: apiVersion: "vipc/v2": must be vipc/v1',
        'did you mean vipc/v1?',
      ],
      [
        (DNS + GOOD).replace('snapshot', 'snapshots'),
        '3:1: snapshots: unknown field',
        'did you mean snapshot?',
      ],
      [
        (DNS + GOOD).replace('reach', 'reaches'),
        '8:5: packets[0].reaches: unknown field',
        'did you mean reach?',
      ],
      [
        (DNS + GOOD).replace(/snapshot.*\n/, ''),
        '1:1: snapshot: is required: nothing is tested',
        'or give objects, or rules',
      ],
      [
        DNS + PACKET,
        '6:5: packets[0].reach: is required: nothing is expected',
        'or give refused, dropped, untouched, masquerade',
      ],
      [
        `${DNS}${PACKET}    reach: [10.244.1.7]\n`,
        '8:13: packets[0].reach[0]: "10.244.1.7": is not an endpoint',
        'write ADDRESS:PORT, and an IPv6 address in brackets',
      ],
      [
        `${DNS}${PACKET}    reach: {10.244.1.7:53: half}\n`,
        '8:28: packets[0].reach."10.244.1.7:53": "half": is not a share',
        'write a fraction such as 1/3, or 1 for all',
      ],
      [
        `${DNS}${PACKET}    reach: []\n`,
        '8:5: packets[0].reach: must not be empty',
        'write false if no endpoint may be reached',
      ],
      [
        `${DNS}${PACKET}    reach: {}\n`,
        '8:5: packets[0].reach: must not be empty',
        'write false if no endpoint may be reached',
      ],
      [
        `${DNS}${PACKET}    reach: 5\n`,
        '8:12: packets[0].reach: must be true or false or a string or a list or a map, not a number',
      ],
      [
        `${DNS}${PACKET}    masquerade: [web]\n`,
        '8:18: packets[0].masquerade[0]: "web": is not an endpoint',
        'write ADDRESS:PORT, and an IPv6 address in brackets',
      ],
      [
        `${DNS}${PACKET}    dropped: "yes"\n`,
        '8:14: packets[0].dropped: "yes": must be true or false, not a string',
      ],
      [
        `${DNS}${PACKET}    dropped: true\n    hook: forward\n`,
        '9:11: packets[0].hook: "forward": must be one of prerouting, output',
      ],
      [
        (DNS + GOOD).replace('packets:', 'modes: [ipvs]\npackets:'),
        '5:9: modes[0]: "ipvs": must be one of iptables, nftables',
      ],
      [
        (DNS + GOOD).replace('packets:', 'modes: [nftables]\nrules: a.save\npackets:'),
        '5:1: modes: the rules of a dump are of one mode',
        'leave it out',
      ],
      [
        (DNS + GOOD).replace('packets:', 'serviceCIDR: 10.96.0.0\npackets:'),
        '5:14: serviceCIDR: "10.96.0.0": must be a network such as 10.96.0.0/12, or one per family',
      ],
      [
        (DNS + GOOD).replace(/snapshot.*/, 'snapshot: [5]'),
        '3:12: snapshot[0]: 5: must be the name of a file or folder',
      ],
      [(DNS + GOOD).replace(/snapshot.*/, 'snapshot: []'), '3:1: snapshot: must not be empty'],
      [(DNS + GOOD).replace(/snapshot.*/, 'objects: []'), '3:1: objects: must not be empty'],
    ];
    for (const [text, line, hint] of faults)
      it(line, async () => {
        const path = fileOf(text);
        const { code, out, err } = await run(path);
        expect([code, out]).to.deep.equal([2, '']);
        const hints = hint === undefined ? [] : [`  hint: ${hint}`];
        expect(err.split('\n')).to.deep.equal([
          `error: ${path}:${line}`,
          ...hints,
          'error: nothing was tested: a test cannot be used',
          '',
        ]);
        const [document] = loadAll(text);
        // The schema, for editors, refuses it too; it knows no networks.
        if (!line.includes('CIDR'))
          expect(
            outputProblems(JSON.stringify({ ...(document as object), kind: 'Test' })),
          ).to.satisfy(
            (problems: readonly string[]) => problems.length > 0 || /: kind: /.test(line),
          );
      });

    it('are all reported, of all files, before anything runs', async () => {
      fileOf(DNS + GOOD, 'a.yaml');
      fileOf((DNS + GOOD).replace('reach', 'reaches'), 'b.yaml');
      fileOf(`${DNS}${PACKET}    dropped: 1\n    refused: []\n`, 'c.yaml');
      const { code, err, out } = await run(folder);
      expect([code, out]).to.deep.equal([2, '']);
      expect(err.match(/^error: .*\/(?:b|c)\.yaml:\d+:\d+: /gm)).to.have.length(3);
    });

    const GIVEN = 'packets:';
    const named: readonly (readonly [field: string, line: RegExp])[] = [
      ['snapshot: nowhere', /:3:11: snapshot: the path ".*\/nowhere" does not exist$/m],
      ['snapshot: [nowhere]', /:3:12: snapshot\[0\]: the path ".*\/nowhere" does not exist$/m],
      ['rules: nowhere', /:3:8: rules: the path ".*\/nowhere" does not exist$/m],
      ['host: nowhere', /:3:7: host: the path ".*\/nowhere" does not exist$/m],
      ['config: nowhere', /:3:9: config: the path ".*\/nowhere" does not exist$/m],
      [
        'config: {apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration, clusterCIDR: x}',
        /:3:\d+: clusterCIDR: "x": /,
      ],
      ['config: {}', /:3:1: config: .*Object 'Kind' is missing$/m],
      [
        'host: {nodeName: a, interfaces: [{name: eth0, addresses: [x]}]}',
        /:3:\d\d: interfaces\[0\]\.addresses\[0\]: "x": must be an address/,
      ],
    ];
    for (const [field, line] of named)
      it(`name the file that cannot be used: ${field}`, async () => {
        const source =
          field.startsWith('snapshot') || field.startsWith('rules') ? '' : 'objects: [{}]\n';
        const { code, err } = await run(fileOf(`${HEAD}${field}\n${source}${GIVEN}\n${GOOD}`));
        expect(code).to.equal(2);
        expect(err).to.match(line);
      });

    it('include objects that are endless by aliases', async () => {
      const lists = Array.from({ length: 60 }, (_, i) => {
        const item = i === 0 ? '1' : `*a${i - 1}`;
        return `  - &a${i} {x: [${Array(10).fill(item).join()}]}\n`;
      });
      for (const objects of [lists.join(''), '  - &a {x: *a}\n']) {
        const path = fileOf(`${HEAD}objects:\n${objects}packets:\n${GOOD}`);
        const { code, err } = await run(path);
        expect(code).to.equal(2);
        expect(err).to.include(
          `${path}:3:1: objects: must not repeat more by aliases than the file holds\n`,
        );
      }
    });

    it('include text that is no YAML, and duplicate keys', async () => {
      const broken = await run(fileOf(`${DNS}${GOOD}  - [\n`));
      expect([broken.code, broken.out]).to.deep.equal([2, '']);
      expect(broken.err).to.match(/^error: .*test\.yaml:\d+:\d+: /);
      const twice = await run(fileOf(`${DNS}${GOOD}    reach: true\n`));
      expect(twice.code).to.equal(2);
      expect(twice.err).to.match(/^error: .*test\.yaml:9:5: .*reach/);
    });
  });

  it('has a schema that accepts the example', () => {
    for (const name of readdirSync(TESTS))
      for (const document of loadAll(readFileSync(join(TESTS, name), 'utf8')))
        expect(outputProblems(JSON.stringify(document)), name).to.deep.equal([]);
  });
});
