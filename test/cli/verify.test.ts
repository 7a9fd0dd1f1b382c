/** `vipc verify` on recorded dumps: proven, refuted, unknown, settings, selection, bad flags. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { allDocuments } from '../support/documents.js';
import {
  BEFORE,
  CASE,
  CONFIG,
  DNAT,
  DUMP,
  HOST,
  LISTING,
  OBJECTS,
  verifiedRules,
  verify,
  verifyJson,
} from './verified.js';

describe('cli/verify', () => {
  const rules = verifiedRules();
  const { fileOf, verifyText, foundWith } = rules;

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
    const bad = join(rules.folder, 'bad.yaml');
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
    const path = join(rules.folder, 'other.save');
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
      `error: ${JSON.stringify(join(rules.folder, 'rules'))} does not say whether it is IPv4 or IPv6\n  hint: say it with --family; a dump is what iptables-save or "nft -j list ruleset" prints\nSee 'vipc verify --help' for usage.\n`,
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
