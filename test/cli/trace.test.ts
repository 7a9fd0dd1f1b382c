/**
 * `vipc trace` on recorded dumps and on objects: outcomes, the rules that decide, exit codes, bad
 * flags.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { allDocuments } from '../support/documents.js';
import { outputProblems } from '../support/output-schema.js';
import { type Ran, runIn } from '../support/process/run-in.js';

const CASE = 'fixtures/conformance/268-kitchen-sink';
const HOST = ['--host', `${CASE}/host.yaml`];
const OBJECTS = ['-f', `${CASE}/snapshot.yaml`, '--config', `${CASE}/config.yaml`, ...HOST];
const DUMP = 'fixtures/dumps/iptables-1.8.9/nft.268-kitchen-sink.v4.save';
const DUMPS = [DUMP, 'fixtures/dumps/nft-1.0.6/268-kitchen-sink.v4.json'];
const NO_NAT = '*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n';
const DNS = '10.82.95.113:53/udp';
const NAMES = [
  ...['svc/orders:dns', 'svc/default/orders:53', 'orders.default:53', 'orders.default.:dns'],
  ...['orders.default.svc:53/udp', 'orders.default.svc.cluster.local:53/udp', DNS],
];
const ENDPOINTS = ['10.81.182.156:45408', '10.81.191.40:45408', '10.81.212.229:45408'];

/** A dump in which the policy of FORWARD drops what comes to it. */
const FORWARD_DROPS = readFileSync(DUMP, 'latin1')
  .replaceAll(/^-A FORWARD .*\n/gm, '')
  .replace(/(^\*filter\n(?::.*\n)*?:FORWARD )ACCEPT/m, '$1DROP');

interface Listing {
  readonly nftables: readonly { readonly rule?: { readonly chain: string } }[];
}

interface Found {
  readonly apiVersion: string;
  readonly kind: string;
  readonly decided: boolean;
  readonly packet: { readonly destination: string; readonly start: string };
  readonly outcomes: readonly {
    readonly kind: string;
    readonly endpoint: string;
    readonly masquerade: boolean;
    readonly untranslated: string;
    readonly least: string;
    readonly most: string;
    readonly path: readonly { readonly line: string }[];
  }[];
  readonly unknown: readonly string[];
  readonly open: readonly string[];
  readonly met: readonly {
    readonly line: string;
    readonly matched: boolean;
    readonly reason: string;
  }[];
}

const trace = (...words: readonly string[]): Promise<Ran> => runIn(['trace', ...words]);

async function traceJson(...words: readonly string[]): Promise<Found> {
  const { out, err } = await trace(...words, '-o', 'json');
  expect(out, err).to.match(/^\{/);
  expect(outputProblems(out)).to.deep.equal([]);
  return JSON.parse(out) as Found;
}

describe('cli/trace', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-trace-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function fileOf(text: string): string {
    const path = join(folder, 'rules');
    writeFileSync(path, text, 'latin1');
    return path;
  }

  for (const dump of DUMPS)
    it(`sends a pod to each endpoint with its share, on ${dump}`, async () => {
      const found = await traceJson('--rules', dump, ...HOST, '--from', '10.81.0.9', '--to', DNS);
      expect([found.apiVersion, found.kind]).to.deep.equal(['vipc/v1', 'Trace']);
      expect(found.decided).to.equal(true);
      expect(found.outcomes.map(({ endpoint }) => endpoint).sort()).to.deep.equal(ENDPOINTS);
      expect(found.outcomes.some(({ masquerade }) => masquerade)).to.equal(false);
      // The kernel's own arithmetic in iptables, a plain choice in nft.
      const shares = new Set(found.outcomes.map(({ least }) => least));
      if (dump === DUMP) expect(shares).to.include('715827883/2147483648');
      else expect(shares).to.deep.equal(new Set(['1/3']));
    });

  for (const dump of DUMPS)
    it(`masquerades what comes from outside, and names the rule, on ${dump}`, async () => {
      const { code, out } = await trace(
        '--rules',
        dump,
        ...HOST,
        '--from',
        '192.0.2.9',
        '--to',
        DNS,
      );
      expect(code).to.equal(0);
      expect(out.match(/^33\.3%.* to 10\.81\.[\d.]+:45408, source masqueraded$/gm)).to.have.length(
        3,
      );
      expect(out).to.match(/(?:MASQUERADE|masquerade)/);
    });

  for (const dump of DUMPS)
    it(`sends a client with session affinity to its endpoint, on ${dump}`, async () => {
      const [endpoint = ''] = ENDPOINTS;
      const words = ['--rules', dump, ...HOST, '--from', '10.81.0.9', '--to', DNS];
      const found = await traceJson(...words, '--affinity', endpoint);
      expect(found.outcomes.map(({ endpoint, least }) => [endpoint, least])).to.deep.equal([
        [endpoint, '1'],
      ]);
      expect((await traceJson(...words, '--affinity', 'none')).outcomes).to.have.length(3);
      const bad = await trace(...words, '--affinity', '10.9.9.9:1');
      expect([bad.code, bad.err]).to.deep.equal([
        64,
        "error: --affinity: no rule remembers clients of 10.9.9.9:1\n  hint: name an endpoint of a Service with sessionAffinity, as ADDRESS:PORT\nSee 'vipc trace --help' for usage.\n",
      ]);
    });

  it('resolves roles and names by the objects, in both modes', async () => {
    for (const mode of ['iptables', 'nftables']) {
      const objects = [...OBJECTS, '--mode', mode];
      for (const to of NAMES) {
        const found = await traceJson(...objects, '--from', 'pod', '--to', to);
        expect(found.packet.destination, to).to.equal('10.82.95.113');
        expect(found.outcomes, to).to.have.length(3);
      }
      const outside = await traceJson(...objects, '--from', 'outside', '--to', 'svc/orders:dns');
      expect(outside.outcomes.every(({ masquerade }) => masquerade)).to.equal(true);
      const hairpin = await traceJson(...objects, '--from', 'endpoint', '--to', 'svc/orders:dns');
      // A pod of another node that reaches itself is one of the differences between the modes.
      const expected = mode === 'iptables' ? 1 : 0;
      expect(hairpin.outcomes.filter(({ masquerade }) => masquerade)).to.have.length(expected);
    }
  });

  it('starts in hook output for the node, and with --hook output', async () => {
    const node = await traceJson(...OBJECTS, '--from', 'node', '--to', 'svc/orders:dns');
    expect(node.packet.start).to.equal('output');
    const words = ['--rules', DUMP, '--to', DNS];
    const own = await traceJson(...words, '--from', '127.0.0.1');
    expect(own.packet.start).to.equal('output');
    const traced = await traceJson(...words, '--from', '10.81.0.9', '--hook', 'output');
    expect(traced.packet.start).to.equal('output');
    const arrives = await traceJson(...words, '--from', '127.0.0.1', '--hook', 'prerouting');
    expect(arrives.packet.start).to.equal('prerouting');
  });

  it('names the addresses that it needs to know, and exits with 1', async () => {
    const words = ['--rules', DUMP, '--from', '192.0.2.9', '--to', '192.168.0.10:32142/udp'];
    const { code, out } = await trace(...words);
    expect(code).to.equal(1);
    expect(out).to.include('not known: whether the destination is an address of the machine\n');
    expect(out).to.include('hint: say which addresses the machine has: --host, or its Node');
    const known = await trace(...words, ...HOST);
    expect([known.code, known.out.split('\n').at(-2)]).to.deep.equal([0, '100%  untouched']);
  });

  it('takes no address of a Service or Pod for one of the machine', async () => {
    const rules = fileOf(FORWARD_DROPS);
    const ask = async (to: string, ...words: string[]): Promise<readonly unknown[]> => {
      const found = await traceJson(...words, '--from', '10.81.0.9', '--to', to);
      return [found.decided, ...found.outcomes.map(({ kind }) => kind)];
    };
    const dropped = [true, 'drop'];
    // A translated packet to a Pod, another port of a ClusterIP, and a Pod that objects name.
    expect(await ask(DNS, '--rules', rules)).to.deep.equal(dropped);
    expect(await ask('10.82.95.113:99/udp', '--rules', rules)).to.deep.equal(dropped);
    const objects = [...OBJECTS.slice(0, 4), '--rules', rules];
    expect(await ask('10.81.182.156:45408/udp', ...objects)).to.deep.equal(dropped);
    const [, listing = ''] = DUMPS;
    expect(await ask('10.82.95.113:99/udp', '--rules', listing)).to.deep.equal([true, 'reject']);
    const open = [false, 'drop', 'accept'];
    expect(await ask('10.81.182.156:45408/udp', '--rules', rules)).to.deep.equal(open);
    expect(await ask('192.168.0.10:80', ...objects)).to.deep.equal(open);
    // An endpoint outside of the network of the Pods may be a Node, and this machine.
    const onNode = FORWARD_DROPS.replaceAll(
      /(--to-destination )10\.81\.182\.156/g,
      '$1192.168.0.10',
    );
    const [isDecided] = await ask(DNS, '--rules', fileOf(onNode));
    expect(isDecided).to.equal(false);
  });

  it('asks for the interface where a rule matches on it', async () => {
    const rules = fileOf(
      `${NO_NAT}*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n-A FORWARD -i eth1 -j ACCEPT\nCOMMIT\n`,
    );
    const words = ['--rules', rules, ...HOST, '--from', '192.0.2.9', '--to', '192.0.2.10:80'];
    const open = await trace(...words);
    expect(open.code).to.equal(1);
    expect(open.out).to.include('depends on the interface that it arrives on: --in-iface\n');
    const eth1 = await trace(...words, '--in-iface', 'eth1');
    expect([eth1.code, eth1.out]).to.satisfy(
      ([code, out]: [number, string]) => code === 0 && out.includes('100%  untouched'),
    );
    const eth0 = await trace(...words, '--in-iface', 'eth0');
    expect([eth0.code, eth0.out.split('\n').at(-2)]).to.deep.equal([0, '100%  dropped in forward']);
  });

  it('does not take a missing table for an empty one', async () => {
    const words = [...HOST, '--from', '10.81.0.9', '--to', DNS];
    const dump = readFileSync(DUMP, 'latin1');
    const without = (table: string): string =>
      fileOf(dump.replace(new RegExp(`^\\*${table}\\n[^]*?^COMMIT\\n`, 'm'), ''));
    const natOnly = await trace('--rules', without('filter'), ...words);
    expect(natOnly.code).to.equal(1);
    const unknown =
      /^33\.3% {2}to 10\.81\.\S+:45408, then unknown: the dump has no table filter$/gm;
    expect(natOnly.out.match(unknown), natOnly.out).to.have.length(3);
    expect(natOnly.out).to.include('not known: the dump has no table filter\n');
    expect(natOnly.out).to.include('hint: save every table: iptables-save without -t\n');
    const filterOnly = await traceJson('--rules', without('nat'), ...words);
    expect(filterOnly.decided).to.equal(false);
    expect(filterOnly.unknown).to.deep.equal(['the dump has no table nat']);
    expect(filterOnly.outcomes.map(({ kind, least }) => [kind, least])).to.deep.equal([
      ['unknown', '1'],
    ]);
    // The kernel has no mangle, raw and security where nobody uses them.
    expect((await trace('--rules', without('mangle'), ...words)).code).to.equal(0);
  });

  it('refuses a dump without any table', async () => {
    const words = [...HOST, '--from', '10.81.0.9', '--to', DNS];
    for (const text of ['', '# nothing\n', '{"nftables": [{"metainfo": {"version": "1.0.6"}}]}']) {
      const { code, err, out } = await trace('--rules', fileOf(text), ...words);
      expect([code, out], text).to.deep.equal([2, '']);
      expect(err).to.match(
        /^error: ".*" has no rules and no chains\n {2}hint: dump all rules with /,
      );
    }
  });

  it('reports rules that it does not understand as unknown', async () => {
    const before = readFileSync(DUMP, 'latin1');
    const rule = '-A PREROUTING -m nosuch --thing 1 -j DROP\n';
    const rules = fileOf(before.replace(/^(?=-A PREROUTING )/m, rule));
    const found = await traceJson('--rules', rules, ...HOST, '--from', '10.81.0.9', '--to', DNS);
    expect(found.decided).to.equal(false);
    expect(found.unknown).to.deep.equal(['-m nosuch --thing 1']);
    const drop = found.outcomes.find(({ kind }) => kind === 'drop');
    expect([drop?.least, drop?.most]).to.deep.equal(['0', '1']);
    const { code } = await trace('--rules', rules, ...HOST, '--from', '10.81.0.9', '--to', DNS);
    expect(code).to.equal(1);
  });

  it('shows the cause: a RETURN at the top of a Service chain, and an empty chain of the last endpoint', async () => {
    const before = readFileSync(DUMP, 'latin1');
    const culprit = '-A KUBE-SVC-DF52A72VG6EYMOJT -s 10.81.0.9/32 -j RETURN';
    const returned = fileOf(before.replace(/^(?=-A KUBE-SVC-DF52A72VG6EYMOJT )/m, `${culprit}\n`));
    const words = [...HOST, '--from', '10.81.0.9', '--to', DNS];
    const one = await trace('--rules', returned, ...words);
    const left = '100%  not translated: leaves as 10.82.95.113:53\n';
    expect(one.out).to.include(left).and.to.include(`nat ${culprit}\n`);
    expect(one.out).to.include('    KUBE-SVC-DF52A72VG6EYMOJT ended without a translation\n');
    // The last one: from an earlier one, packets go on to the next rule of the Service.
    const emptied = fileOf(before.replaceAll(/^-A KUBE-SEP-VQSZIWJ6URCTEAYO .*\n/gm, ''));
    const two = await trace('--rules', emptied, ...words);
    expect(two.out).to.match(
      /^33\.3% {2}not translated: leaves as 10\.82\.95\.113:53\n.*-j KUBE-SEP-VQSZIWJ6URCTEAYO$/m,
    );
    expect(two.out).to.include('    KUBE-SEP-VQSZIWJ6URCTEAYO is empty\n');
  });

  it('names the Service chain that translates nothing', async () => {
    const before = readFileSync(DUMP, 'latin1');
    const words = [...HOST, '--from', '10.81.0.9', '--to', DNS];
    const empty = fileOf(before.replaceAll(/^-A KUBE-SVC-DF52A72VG6EYMOJT .*\n/gm, ''));
    const { out } = await trace('--rules', empty, ...words);
    expect(out).to.include('100%  not translated: leaves as 10.82.95.113:53\n');
    expect(out).to.match(/^ {4}nat -A KUBE-SERVICES .* -j KUBE-SVC-DF52A72VG6EYMOJT$/m);
    expect(out).to.include('    KUBE-SVC-DF52A72VG6EYMOJT is empty\n');
    const [json] = (await traceJson('--rules', empty, ...words)).outcomes;
    expect(json?.untranslated).to.equal('KUBE-SVC-DF52A72VG6EYMOJT is empty');
    const blind = fileOf(before.replace(/^-A KUBE-SEP-VQSZIWJ6URCTEAYO .*-j DNAT .*\n/m, ''));
    const share = await traceJson('--rules', blind, ...words);
    expect(share.outcomes.map(({ untranslated }) => untranslated).sort()).to.deep.equal([
      '',
      '',
      'KUBE-SEP-VQSZIWJ6URCTEAYO ended without a translation',
    ]);
    // nft refuses what is left for a ClusterIP, and the empty chain is still why.
    const [, listing = ''] = DUMPS;
    const { nftables } = JSON.parse(readFileSync(listing, 'utf8')) as Listing;
    const isKept = ({ rule }: Listing['nftables'][number]): boolean =>
      rule?.chain !== 'service-OOWARXRR-default/orders/udp/dns';
    const refused = fileOf(JSON.stringify({ nftables: nftables.filter(isKept) }));
    const nft = await trace('--rules', refused, ...words);
    expect(nft.out).to.include('100%  refused in forward with port-unreachable\n');
    expect(nft.out).to.include('    service-OOWARXRR-default/orders/udp/dns is empty\n');
    const own = ['--from', '10.81.0.9', '--to', '192.168.0.10:32142/udp'];
    const foreign = await traceJson('--rules', DUMP, ...HOST, ...own);
    expect(foreign.outcomes.map(({ untranslated }) => untranslated)).to.deep.equal(['']);
  });

  it('names the policy that drops, and the rules common to all endpoints', async () => {
    const rules = fileOf(FORWARD_DROPS);
    const words = ['--rules', rules, ...HOST, '--from', '10.81.0.9', '--to', DNS];
    const { code, out } = await trace(...words);
    expect([code, out.split('\n').slice(2)]).to.deep.equal([
      0,
      [
        '    nat -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
        '    nat -A KUBE-SERVICES -d 10.82.95.113/32 -p udp -m comment --comment "default/orders:dns cluster IP" -m udp --dport 53 -j KUBE-SVC-DF52A72VG6EYMOJT',
        '    filter Chain FORWARD (policy DROP)',
        '100%  dropped in forward',
        '',
      ],
    ]);
    const { met, outcomes } = await traceJson(...words, '-v');
    expect(outcomes[0]?.endpoint).to.equal('');
    expect(met.map(({ line }) => line)).to.include('Chain FORWARD (policy DROP)');
  });

  it('shows every rule evaluated, and why it does not match', async () => {
    const words = ['--rules', DUMP, ...HOST, '--from', '10.81.0.9', '--to', DNS];
    const { out } = await trace(...words, '-v');
    expect(out).to.match(
      /^ {2}- nat -A KUBE-SEP-\S+ -s 10\.81\.182\.156\/32 .* <- source is not in 10\.81\.182\.156\/32$/m,
    );
    expect(out).to.match(
      /^ {2}\+ nat -A KUBE-POSTROUTING -m mark ! --mark 0x4000\/0x4000 -j RETURN$/m,
    );
    const { met } = await traceJson(...words, '-v');
    for (const { matched, reason } of met) expect(matched).to.equal(reason === '');
    expect((await traceJson(...words)).met).to.deep.equal([]);
  });

  it('refuses invalid arguments', async () => {
    const bad: readonly (readonly [string, ...string[]])[] = [
      ['--to: "10.0.0.1" is not a destination', '--from', '10.0.0.9', '--to', '10.0.0.1'],
      [
        '--to: "10.0.0.1:70000" is not a destination',
        '--from',
        '10.0.0.9',
        '--to',
        '10.0.0.1:70000',
      ],
      [
        '--to: the address of default/web is not known without objects',
        '--from',
        '10.0.0.9',
        '--to',
        'svc/web:80',
      ],
      [
        '--from: the address of "pod" is not known without objects',
        '--from',
        'pod',
        '--to',
        '10.0.0.1:80',
      ],
      ['--from: "nobody" is not a sender', '--from', 'nobody', '--to', '10.0.0.1:80'],
      ['of another IP family than the destination', '--from', 'fd00::1', '--to', '10.0.0.1:80'],
      [
        '--mode is about objects',
        '--mode',
        'nftables',
        '--from',
        '10.0.0.9',
        '--to',
        '10.0.0.1:80',
      ],
      [
        '--iptables is for the kernel',
        '--iptables',
        'nft',
        '--from',
        '10.0.0.9',
        '--to',
        '10.0.0.1:80',
      ],
      [
        '--in-iface is for packets that arrive',
        '--hook',
        'output',
        '--in-iface',
        'e',
        '--from',
        '10.0.0.9',
        '--to',
        '10.0.0.1:80',
      ],
      ['holds IPv4 rules, not IPv6', '--from', 'fd00::1', '--to', '[fd00::2]:80'],
    ];
    const recorded = 'fixtures/dumps/nft-1.0.6/268-kitchen-sink.v4.json';
    for (const [message, ...words] of bad) {
      const { code, err, out } = await trace('--rules', recorded, ...words);
      expect([code, out], message).to.deep.equal([64, '']);
      expect(err).to.include(message);
    }
    const named = await trace(...OBJECTS, '--from', 'pod', '--to', 'svc/orders:nosuch');
    expect(named.err).to.match(
      /Service default\/orders has no port nosuch\n {2}hint: it has .*\b53\/udp \(dns\)/,
    );
    const over = await trace(...OBJECTS, '--from', 'pod', '--to', 'svc/orders:dns/tcp');
    expect(over.err).to.include('Service default/orders has no port dns/tcp');
    for (const to of ['10.0.0.1:80/xdp', 'svc/orders:dns/xdp']) {
      const { code, err } = await trace(...OBJECTS, '--from', 'pod', '--to', to);
      expect([code, err.split('\n').slice(0, 2)], to).to.deep.equal([
        64,
        [
          'error: --to: "xdp" is not a protocol of a Service',
          '  hint: write tcp, udp, sctp or nothing, for tcp',
        ],
      ]);
    }
    const missing = await trace(...OBJECTS, '--from', 'pod', '--to', 'svc/nosuch:80');
    expect(missing.err).to.include('no Service default/nosuch');
  });

  it('counts the endpoints reached by the rules of a dump', async () => {
    const pods = ['-f', 'fixtures/tutorial/pods.yaml', '--service-cidr', '10.96.0.0/16'];
    const objects = ['-f', 'fixtures/tutorial/demo.yaml', ...pods];
    const { out: whole } = await runIn(['compile', ...objects, '--family', 'ipv4']);
    const ask = ['--from', '10.244.9.9', '--to', 'svc/demo:80'];
    const linesOf = async (rules: string, words: readonly string[]): Promise<readonly string[]> => {
      const { out } = await trace(...words, '--rules', fileOf(rules), ...ask);
      return out.split('\n').filter((line) => /endpoint/.test(line));
    };
    expect(await linesOf(whole, objects)).to.deep.equal([
      'reaches 2 of 2 endpoints of default/demo',
    ]);
    const one = whole.replace(/^-A KUBE-SVC-.* -> 10\.244\.2\.3:8080".*\n/m, '');
    expect(await linesOf(one, objects)).to.deep.equal([
      'reaches 1 of 2 endpoints of default/demo; not 10.244.2.3:8080',
    ]);
    const stale = whole.replace('--to-destination 10.244.2.3:', '--to-destination 10.244.2.4:');
    expect(await linesOf(stale, objects)).to.deep.equal([
      'reaches 1 of 2 endpoints of default/demo; not 10.244.2.3:8080',
      'the objects give default/demo no endpoint 10.244.2.4:8080',
    ]);
    const words = [...objects, '--rules', fileOf(stale), ...ask, '-o', 'json'];
    const json = await trace(...words);
    expect(outputProblems(json.out)).to.deep.equal([]);
    expect(JSON.parse(json.out).coverage).to.deep.equal({
      service: 'default/demo',
      endpoints: 2,
      unreached: ['10.244.2.3:8080'],
      unknown: ['10.244.2.4:8080'],
    });
    // Where each node or client has endpoints of its own, their number says nothing.
    const demo = readFileSync('fixtures/tutorial/demo.yaml', 'utf8');
    for (const policy of ['internalTrafficPolicy: Local', 'sessionAffinity: ClientIP']) {
      const file = join(folder, 'demo.yaml');
      writeFileSync(file, demo.replace(/^ {2}selector:\n {4}env:/m, `  ${policy}\n$&`));
      expect(readFileSync(file, 'utf8')).to.include(policy);
      expect(await linesOf(one, ['-f', file, ...pods]), policy).to.deep.equal([]);
    }
  });

  it('prints what the documents show', async () => {
    const text = allDocuments();
    const examples = [...text.matchAll(/^\$ vipc trace (.*)\n((?:.+\n|\n(?!```))*?)(?=\$ |```)/gm)];
    expect(examples.length).to.be.above(0);
    for (const [, words = '', shown] of examples)
      expect((await trace(...words.split(' '))).out).to.equal(shown);
  });
});
