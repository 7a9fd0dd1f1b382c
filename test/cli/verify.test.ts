/**
 * `vipc verify` on recorded dumps: proven, refuted, unknown, settings, selection, rules of others,
 * bad flags.
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
const CONFIG = ['--config', `${CASE}/config.yaml`];
const OBJECTS = ['-f', `${CASE}/snapshot.yaml`, ...HOST];
const DUMP = 'fixtures/dumps/iptables-1.8.9/nft.268-kitchen-sink.v4.save';
const LISTING = 'fixtures/dumps/nft-1.0.6/268-kitchen-sink.v4.json';
const BEFORE = readFileSync(DUMP, 'latin1');
/** What some endpoint of default/orders:dns is translated to. */
const DNAT = /^-A KUBE-SEP-VQSZIWJ6URCTEAYO .*-j DNAT .*\n/m;

interface Family {
  readonly frontends: number;
  readonly sources: number;
  readonly settings: readonly { readonly name: string; readonly rules: string }[];
  readonly findings: readonly {
    readonly kind: string;
    readonly origin: string;
    readonly frontend: string;
    readonly sources: readonly string[];
    readonly packet: { readonly destination: string };
    readonly expected: readonly { readonly outcome: string; readonly share: string }[];
    readonly found: readonly { readonly outcome: string; readonly share: string }[];
    readonly path: readonly { readonly line: string }[];
    readonly unknown: readonly string[];
  }[];
  readonly unneeded: readonly {
    readonly kind: string;
    readonly name: string;
    readonly lines: readonly string[];
  }[];
}

type Shares = Family['findings'][number]['found'];

interface Found {
  readonly answer: string;
  readonly families: { readonly ipv4: Family; readonly ipv6?: Family };
  readonly incomplete: readonly string[];
}

const verify = (...words: readonly string[]): Promise<Ran> => runIn(['verify', ...words]);

async function verifyJson(...words: readonly string[]): Promise<Found & { readonly code: number }> {
  const { out, err, code } = await verify(...words, '-o', 'json');
  expect(out, err).to.match(/^\{/);
  expect(outputProblems(out)).to.deep.equal([]);
  return { ...(JSON.parse(out) as Found), code };
}

describe('cli/verify', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-verify-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function fileOf(text: string): string {
    const path = join(folder, 'rules');
    writeFileSync(path, text, 'latin1');
    return path;
  }

  const verifyText = (text: string): ReturnType<typeof verifyJson> =>
    verifyJson('--rules', fileOf(text), ...OBJECTS, ...CONFIG);

  for (const dump of [DUMP, LISTING])
    it(`proves the rules of kube-proxy, and counts frontends and sources, on ${dump}`, async () => {
      const { code, out } = await verify('--rules', dump, ...OBJECTS, ...CONFIG);
      expect([code, out]).to.deep.equal([
        0,
        `${dump} (IPv4): 12 frontends x 3 sources: all as expected\n`,
      ]);
      const found = await verifyJson('--rules', dump, ...OBJECTS, ...CONFIG);
      expect([found.answer, found.code]).to.deep.equal(['proven', 0]);
      expect(found.families.ipv4).to.include({ frontends: 12, sources: 3 });
    });

  it('refutes a missing endpoint, with a packet and the rules that decide', async () => {
    const found = await verifyText(BEFORE.replace(DNAT, ''));
    expect([found.answer, found.code]).to.deep.equal(['refuted', 1]);
    const [first] = found.families.ipv4.findings;
    expect(first).to.include({
      kind: 'refuted',
      origin: 'default/orders:dns UDP',
      frontend: 'cluster IP 10.82.95.113:53',
    });
    expect(first?.sources).to.have.length(3);
    expect(first?.packet.destination).to.equal('10.82.95.113');
    expect(first?.expected).to.deep.include({
      outcome: 'accept to 10.81.212.229:45408',
      share: '1/3',
    });
    expect(first?.found).to.deep.include({ outcome: 'accept', share: '1/3' });
    expect(first?.path.some(({ line }) => line.endsWith('-j KUBE-SEP-VQSZIWJ6URCTEAYO'))).to.equal(
      true,
    );
    const origins = new Set(found.families.ipv4.findings.map(({ origin }) => origin));
    expect(origins).to.deep.equal(new Set(['default/orders:dns UDP']));
  });

  it('refutes rules that affect an address of no Service', async () => {
    const rule =
      '-A KUBE-SERVICES -d 10.9.9.9/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-DF52A72VG6EYMOJT\n';
    const found = await verifyText(BEFORE.replace(/^(?=-A KUBE-SERVICES .*cluster IP)/m, rule));
    expect(found.answer).to.equal('refuted');
    expect(found.families.ipv4.findings.map(({ origin }) => origin)).to.deep.equal(['']);
    expect(found.families.ipv4.findings[0]?.packet.destination).to.equal('10.9.9.9');
  });

  it('reports what other programs do to traffic of Services, and nothing else', async () => {
    const masquerade = '-A POSTROUTING -s 10.81.0.0/16 ! -d 10.81.0.0/16 -j MASQUERADE\n';
    const own = BEFORE.replace(/^(?=-A POSTROUTING )/m, masquerade);
    expect((await verifyText(own)).answer).to.equal('proven');
    const drop = '-A FORWARD -p udp -m udp --dport 45408 -j DROP\n';
    const found = await verifyText(BEFORE.replace(/^(?=-A FORWARD )/m, drop));
    expect(found.answer).to.equal('refuted');
    expect(found.families.ipv4.findings[0]?.found).to.deep.equal([{ outcome: 'drop', share: '1' }]);
    expect(found.families.ipv4.findings[0]?.path.at(-1)?.line).to.equal(drop.trimEnd());
  });

  it('lets other programs drop what rules for Services would have dropped', async () => {
    const drop = '-A INPUT -d 127.0.0.0/8 -p udp -j DROP\n';
    expect((await verifyText(BEFORE.replace(/^(?=-A INPUT )/m, drop))).answer).to.equal('proven');
  });

  it('lets other programs drop what rules for Services let pass: what the node asks without endpoints', async () => {
    const objects = join(folder, 'objects.yaml');
    writeFileSync(
      objects,
      `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { type: LoadBalancer, allocateLoadBalancerNodePorts: false, clusterIP: 10.96.0.20, ports: [{ port: 80 }] }
status: { loadBalancer: { ingress: [{ ip: 203.0.113.80 }] } }
`,
    );
    const words = ['-f', objects, ...HOST];
    const { out } = await runIn(['compile', ...words, '--family', 'ipv4']);
    const policy = out.replace(/^\*filter\n/m, '*filter\n:OUTPUT DROP [0:0]\n');
    expect(policy).not.to.equal(out);
    const lost = policy.replace(/^-A .* has no endpoints.*\n/gm, '');
    expect(lost).not.to.equal(policy);
    const found = await verifyJson('--rules', fileOf(policy), ...words);
    expect([found.answer, found.families.ipv4.findings]).to.deep.equal(['proven', []]);
    const wrong = await verifyJson('--rules', fileOf(lost), ...words);
    expect(wrong.families.ipv4.findings.map(({ origin }) => origin)).to.include('shop/web TCP');
  });

  /** What is found, and the packet, where a part of the dump is another. */
  async function foundWith(
    before: string | RegExp,
    after: string,
  ): Promise<readonly [expected: readonly string[], found: readonly string[]]> {
    const text = BEFORE.replace(before, after);
    expect(text).not.to.equal(BEFORE);
    const { answer, families } = await verifyText(text);
    expect(answer).to.equal('refuted');
    const [first] = families.ipv4.findings;
    const outcomes = (shares: Shares = []): readonly string[] =>
      shares.map(({ outcome }) => outcome);
    return [outcomes(first?.expected), outcomes(first?.found)];
  }

  it('refutes rules that leave it to others to let masqueraded packets through', async () => {
    const [expected, found] = await foundWith(/^-A KUBE-FORWARD .*--mark .*\n/m, '');
    expect(found).to.deep.equal(
      expected.map((outcome) =>
        outcome.replace(/ masqueraded$/, '$& if others accept it in filter FORWARD'),
      ),
    );
  });

  it('refutes rules that leave it to others to let connections through that exist', async () => {
    expect(await foundWith(/^-A KUBE-FORWARD .*ESTABLISHED.*\n/m, '')).to.deep.equal([
      ['accept'],
      ['accept if others accept it in filter FORWARD'],
    ]);
  });

  it('refutes rules that leave it to others to let health checks in', async () => {
    expect(await foundWith(/^-A KUBE-NODEPORTS .*health check node port.*\n/gm, '')).to.deep.equal([
      ['accept'],
      ['accept if others accept it in filter INPUT'],
    ]);
  });

  it('refutes rules that accept more than they should', async () => {
    const [expected, found] = await foundWith(/(?<=^-A KUBE-POSTROUTING .* )RETURN/m, 'ACCEPT');
    expect(found).to.deep.equal(
      expected.map((outcome) => `${outcome} past other rules of nat POSTROUTING`),
    );
  });

  it('leaves it to others what they accept', async () => {
    const own = /^-A KUBE-FORWARD .*ESTABLISHED.*\n/m;
    const others = '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n';
    const text = BEFORE.replace(own, '').replace(/^(?=-A FORWARD )/m, others);
    expect((await verifyText(text)).answer).to.equal('proven');
  });

  describe('what others change, and no client of a Service sees', () => {
    const accept = '-A FORWARD -m conntrack --ctstate INVALID -j ACCEPT\n';
    const masquerade = '-A POSTROUTING -o eth0 -j MASQUERADE\n';
    const kinds = ({ families }: Found): readonly string[] =>
      families.ipv4.findings.map(({ kind, frontend }) => `${kind} ${frontend}`);

    it('is reported, and refutes nothing', async () => {
      const text = BEFORE.replace(/^(?=-A FORWARD )/m, accept);
      const found = await verifyText(text);
      expect([found.answer, found.code]).to.deep.equal(['proven', 0]);
      expect(kinds(found)).to.deep.equal(['changed later packets']);
      const { out } = await verify('--rules', fileOf(text), ...OBJECTS, ...CONFIG);
      expect(out).to.include('changed by the rules of others: later packets, from ');
      expect(out).to.match(/x 3 sources: all as expected; changed by .* in one place, which /);
    });

    it('is a mark on what they masquerade first', async () => {
      const found = await verifyText(BEFORE.replace(/^(?=-A POSTROUTING )/m, masquerade));
      const outcomes = found.families.ipv4.findings
        .filter(({ kind }) => kind === 'changed')
        .flatMap((finding) => finding.found.map(({ outcome }) => outcome));
      expect(
        outcomes.some((outcome) => outcome.endsWith(' masqueraded with mark 0x4000')),
      ).to.equal(true);
    });

    it('is nothing that rules for Services should have done before', async () => {
      const behind = BEFORE.replace(/^-A KUBE-FORWARD .*INVALID.*\n/m, '').replace(
        /(?<=kubernetes forwarding rules" -j KUBE-FORWARD\n)/,
        accept,
      );
      expect(kinds(await verifyText(behind))).to.deep.equal(['refuted later packets']);
      const marked = BEFORE.replace(/^-A KUBE-POSTROUTING -j MARK .*\n/m, '');
      const answer = await verifyText(marked);
      expect(answer.answer).to.equal('refuted');
      expect(kinds(answer).some((text) => text.startsWith('changed'))).to.equal(false);
    });
  });

  it('refutes a masquerade that keeps ports', async () => {
    const [expected, found] = await foundWith(' --random-fully', '');
    expect(found).to.deep.equal(
      expected.map((outcome) => outcome.replace(/ masqueraded$/, '$& without random ports')),
    );
  });

  it('refutes rules that ask for bits of the mark that are not theirs', async () => {
    const text = BEFORE.replace('! --mark 0x4000/0x4000', '! --mark 0x4000/0x6000');
    expect(text).not.to.equal(BEFORE);
    const { out, code } = await verify('--rules', fileOf(text), ...OBJECTS, ...CONFIG);
    expect(code).to.equal(1);
    expect(out).to.include(', with mark 0x2000\n');
  });

  it('refutes what happens to some connections that exist, whichever', async () => {
    const states = /(?<=^-A KUBE-FIREWALL .*--ctstate )\S+/m;
    expect(await foundWith(states, 'ESTABLISHED,DNAT')).to.deep.equal([['accept'], ['drop']]);
  });

  it('refutes affinity that is looked up by destination', async () => {
    const [expected, found] = await foundWith(/(?<=--rcheck .*)--rsource/g, '--rdest');
    expect(found).not.to.deep.equal(expected);
  });

  it('names rules that it does not understand, with exit code 2', async () => {
    const rule = '-A PREROUTING -m nosuch --thing 1 -j DROP\n';
    const found = await verifyText(BEFORE.replace(/^(?=-A PREROUTING )/m, rule));
    expect([found.answer, found.code]).to.deep.equal(['unknown', 2]);
    expect(found.families.ipv4.findings[0]?.unknown).to.deep.equal(['-m nosuch --thing 1']);
  });

  it('does not call an action wrong that it does not understand', async () => {
    const rule = '-A PREROUTING -p udp -j NOSUCH --thing 1\n';
    const found = await verifyText(BEFORE.replace(/^(?=-A PREROUTING )/m, rule));
    expect([found.answer, found.code]).to.deep.equal(['unknown', 2]);
  });

  describe('session affinity', () => {
    /** The answer, and what was found of the first finding. */
    async function answered(text: string): Promise<readonly [string, string | undefined]> {
      const { answer, families } = await verifyText(text);
      return [answer, families.ipv4.findings[0]?.found[0]?.outcome];
    }

    it('refutes another timeout than the expected one', async () => {
      const [seconds] = await answered(BEFORE.replace('--seconds 3600', '--seconds 3601'));
      expect(seconds).to.equal('refuted');
      const listing = readFileSync(LISTING, 'latin1');
      const [timeout] = await answered(listing.replaceAll('"timeout": 3600', '"timeout": 60'));
      expect(timeout).to.equal('refuted');
    });

    it('refutes a timeout that is not renewed by a new connection', async () => {
      const chain = 'KUBE-SEP-VQSZIWJ6URCTEAYO';
      const again = 'KUBE-SEP-AAAAAAAAAAAAAAAA';
      const copied = [...BEFORE.matchAll(new RegExp(`^-A ${chain} .*\\n`, 'gm'))]
        .map(([line]) => line.replace(chain, again).replace(/-m recent --set .*--rsource /, ''))
        .join('');
      const text = BEFORE.replace(`:${chain} `, `:${again} - [0:0]\n$&`)
        .replace(`-A ${chain} `, `${copied}$&`)
        .replace(new RegExp(`(--rcheck .*-j )${chain}`), `$1${again}`);
      const [renewal, outcome] = await answered(text);
      expect([renewal, outcome]).to.deep.equal([
        'refuted',
        'accept to 10.81.212.229:45408 and not remembered',
      ]);
      const [added] = await answered(
        readFileSync(LISTING, 'latin1').replace('"op": "update"', '"op": "add"'),
      );
      expect(added).to.equal('refuted');
    });

    it('proves a timeout that is renewed in the lookup', async () => {
      expect((await answered(BEFORE.replace('--rcheck', '--update')))[0]).to.equal('proven');
    });
  });

  it('takes the settings of the node from the rules, unless a configuration says them', async () => {
    const words = ['--rules', DUMP, '-f', `${CASE}/snapshot.yaml`, ...HOST];
    const found = await verifyJson(...words);
    expect(found.answer).to.equal('proven');
    expect(found.families.ipv4.settings.map(({ name, rules }) => [name, rules])).to.deep.equal([
      ['clusterCIDR', '10.81.0.0/16'],
    ]);
    const result = await verifyJson(...words, '--cluster-cidr', '10.99.0.0/16');
    expect(result.answer).to.equal('refuted');
    expect(result.families.ipv4.settings).to.deep.equal([]);
  });

  it('verifies the Services that are named', async () => {
    const broken = fileOf(BEFORE.replace(DNAT, ''));
    const words = ['--rules', broken, ...OBJECTS, ...CONFIG];
    expect((await verifyJson(...words, 'default/orders')).answer).to.equal('refuted');
    expect((await verifyJson(...words, '-n', 'nosuch')).families.ipv4.frontends).to.equal(0);
    expect((await verifyJson(...words, '-n', 'default', 'orders')).answer).to.equal('refuted');
    const missing = await verify(...words, 'default/orderz');
    expect(missing.err).to.include('no Service default/orderz in the input');
    expect(missing.err).to.include('did you mean default/orders?');
    // Nothing was proven of a Service that is not there.
    const none = await verifyJson('--rules', DUMP, ...OBJECTS, ...CONFIG, 'default/orderz');
    expect([none.answer, none.code]).to.deep.equal(['unknown', 2]);
  });

  it('leaves out Services of which an object was left out, and says so', async () => {
    const bad = join(folder, 'bad.yaml');
    const text =
      'apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 0}]}\n';
    writeFileSync(bad, text);
    const words = ['--rules', DUMP, ...OBJECTS, ...CONFIG, '-f', bad];
    const found = await verifyJson(...words);
    expect([found.answer, found.code]).to.deep.equal(['unknown', 2]);
    expect(found.incomplete).to.deep.equal(['default/bad']);
    expect((await verify(...words)).err).to.include('Service default/bad was not verified');
  });

  describe('rules that decide about no packet', () => {
    const SEP = 'KUBE-SEP-VQSZIWJ6URCTEAYO';

    it('names chains that nothing leads to as stale', async () => {
      const chain = 'KUBE-SVC-AAAAAAAAAAAAAAAA';
      const rule = `-A ${chain} -m comment --comment "old/gone:http -> 10.81.0.1:80" -j ${SEP}`;
      const text = BEFORE.replace(
        /^(?=:KUBE-SVC-DF52A72VG6EYMOJT )/m,
        `:${chain} - [0:0]\n`,
      ).replace(/^(?=-A KUBE-SVC-DF52A72VG6EYMOJT )/m, `${rule}\n`);
      const found = await verifyText(text);
      expect(found.answer).to.equal('proven');
      const stale = found.families.ipv4.unneeded.filter(({ kind }) => kind === 'stale');
      expect(stale.map(({ name, lines }) => [name, lines])).to.deep.equal([[chain, [rule]]]);
      const { out } = await verify('--rules', fileOf(text), ...OBJECTS, ...CONFIG, '-v');
      expect(out).to.include(`unneeded: nat ${chain}: stale, no packet comes there\n    ${rule}\n`);
    });

    it('names rules behind those that decide', async () => {
      const [line = ''] = DNAT.exec(BEFORE) ?? [];
      const found = await verifyText(BEFORE.replace(DNAT, '$&$&'));
      expect(found.answer).to.equal('proven');
      const own = found.families.ipv4.unneeded.find(({ name }) => name === SEP);
      expect(own).to.include({ kind: 'unmatched' });
      expect(own?.lines).to.include(line.trimEnd());
    });

    it('names elements, and none where only some Services were verified', async () => {
      const element = '{"concat": ["10.9.9.9", "10.9.9.9", "tcp", 1]}';
      const text = readFileSync(LISTING, 'latin1').replace(
        /("name": "hairpin-connections".*?"elem": \[)/,
        `$1${element}, `,
      );
      expect(text).to.include(element);
      const found = await verifyText(text);
      expect(found.answer).to.equal('proven');
      const own = found.families.ipv4.unneeded.find(({ name }) => name === 'hairpin-connections');
      expect(own?.lines).to.include('10.9.9.9 . 10.9.9.9 . tcp . 1');
      const words = ['--rules', fileOf(text), ...OBJECTS, ...CONFIG];
      const some = await verifyJson(...words, 'default/orders');
      expect(some.families.ipv4.unneeded).to.deep.equal([]);
    });

    it('reports elements of a set of addresses one by one', async () => {
      const { families } = await verifyJson('--rules', LISTING, ...OBJECTS, ...CONFIG);
      const sets = families.ipv4.unneeded.map(({ name }) => name);
      expect(sets).not.to.include('cluster-ips');
      expect(sets).not.to.include('nodeport-ips');
    });
  });

  it('says first that there are no rules for Services at all', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vipc-verify-'));
    const path = join(folder, 'other.save');
    const others = '*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n';
    writeFileSync(path, others);
    const { code, err } = await verify('--rules', path, ...OBJECTS, '--family', 'ipv4');
    rmSync(folder, { recursive: true });
    expect(code).to.equal(1);
    expect(err).to.include('other.save has no IPv4 rules for Services at all: neither kube-proxy');
    const { err: there } = await verify('--rules', DUMP, ...OBJECTS, ...CONFIG);
    expect(there).to.not.include('at all');
  });

  it('warns where nothing says which addresses the machine has', async () => {
    const { err } = await verify(
      ...['--rules', DUMP, '-f', `${CASE}/snapshot.yaml`, '--node-name', 'nowhere'],
    );
    expect(err).to.include('node ports were not verified');
  });

  it('says nothing of a family that it does not verify', async () => {
    const words = ['-f', `${CASE}/snapshot.yaml`, '--node-name', 'nowhere'];
    const { err } = await verify('--rules', LISTING, ...words);
    expect(err).to.include('primary IPv4 address');
    expect(err).to.not.include('IPv6');
  });

  it('refuses flags that would do nothing, and a dump of no family', async () => {
    const words = ['--rules', DUMP, ...OBJECTS];
    const templates = await verify(...words, '--templates', 'templates');
    expect([templates.code, templates.err.split('\n')[0]]).to.deep.equal([
      64,
      'error: --templates says how rules are written; verify compares what they do',
    ]);
    expect((await verify(...words, '--iptables', 'nft')).code).to.equal(64);
    const bare = await verify('--rules', fileOf('*nat\n:OUTPUT ACCEPT\nCOMMIT\n'), ...OBJECTS);
    expect([bare.code, bare.err]).to.deep.equal([
      64,
      `error: ${JSON.stringify(join(folder, 'rules'))} does not say whether it is IPv4 or IPv6\n  hint: say it with --family; a dump is what iptables-save or "nft -j list ruleset" prints\nSee 'vipc verify --help' for usage.\n`,
    ]);
  });

  it('names the next command for what is no dump, before it asks for the family', async () => {
    const listings: readonly (readonly [string, string])[] = [
      ['-P INPUT ACCEPT\n', 'this is the output of "iptables -S"'],
      ['Chain INPUT (policy ACCEPT)\n', 'this is the output of "iptables -L"'],
      ['table ip nat {\n}\n', 'this is the output of "nft list ruleset"'],
    ];
    for (const [text, hint] of listings) {
      for (const flag of ['--rules', '--against']) {
        const dump = fileOf(text);
        const words = flag === '--rules' ? [flag, dump] : ['--rules', DUMP, flag, dump];
        const { code, err } = await verify(...words, ...OBJECTS);
        expect([code, err]).to.satisfy(([c, e]: [number, string]) => c === 2 && e.includes(hint));
      }
    }
  });

  it('prints what the documents show', async () => {
    const text = allDocuments();
    // Those with a pipe need a shell: test/e2e/documents.test.ts runs them.
    const examples = [...text.matchAll(/^\$ vipc verify ([^|\n]*)\n((?:.*\n)*?)(?=```)/gm)];
    expect(examples.length).to.be.above(0);
    for (const [, words = '', shown] of examples)
      expect((await verify(...words.split(' '))).out).to.equal(shown);
  });
});
