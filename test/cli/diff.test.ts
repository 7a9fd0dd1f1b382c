/** `vipc diff` against dumps: what it reads, what it prints, and how it ends. */

import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runIn } from '../support/process/run-in.js';

const CASE = 'fixtures/conformance/268-kitchen-sink';
const OBJECTS = ['-f', `${CASE}/snapshot.yaml`, '--config', `${CASE}/config.yaml`];
const DESIRED = ['diff', ...OBJECTS, '--host', `${CASE}/host.yaml`];
const DUMPS = 'fixtures/dumps/iptables-1.8.9';
const DUMP = `${DUMPS}/nft.268-kitchen-sink.v4.save`;

const SHOP = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.77.7, ports: [{name: http, port: 80, targetPort: 8080, protocol: TCP}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints: [{addresses: [10.244.9.9], conditions: {ready: true}}]
ports: [{name: http, port: 8080, protocol: TCP}]
`;

describe('cli/diff', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-diff-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A copy of the recorded dump with one change. */
  function changed(change: (text: string) => string, name = 'node.v4.save'): string {
    const before = readFileSync(DUMP, 'latin1');
    const after = change(before);
    expect(after).to.not.equal(before);
    const path = join(folder, name);
    writeFileSync(path, after, 'latin1');
    return path;
  }

  it('leaves Services alone that the input does not name, except with --prune', async () => {
    const shop = join(folder, 'shop.yaml');
    writeFileSync(shop, SHOP);
    const rest = DESIRED.slice(3);
    const all = await runIn(['compile', '-f', shop, ...DESIRED.slice(1), '--family', 'ipv4']);
    const dump = join(folder, 'both.v4.save');
    writeFileSync(dump, all.out);
    const words = ['diff', '-f', shop, ...rest, '--against', dump];
    const kept = await runIn(words);
    expect([kept.code, kept.out]).to.deep.equal([0, 'no differences\n']);
    expect(kept.err).to.include(
      'note: 1 Service of the kernel stays, because the input does not name it\n  hint: --prune',
    );
    const pruned = await runIn([...words, '--prune']);
    expect(pruned.code).to.equal(1);
    const names = await runIn([...words, '--prune', '-o', 'name']);
    expect(names.out).to.equal('default/orders\n');
    expect(pruned.out.trimEnd().split('\n').at(-1)).to.match(/^\d to remove$/);
    // What is not selected stays, whether the input is whole or not.
    const elsewhere = await runIn([...words, '--prune', '-n', 'shop']);
    expect([elsewhere.code, elsewhere.out]).to.deep.equal([0, 'no differences\n']);
  });

  it('names a Service that loses its address to a kept one', async () => {
    const old = join(folder, 'old.yaml');
    const fresh = join(folder, 'fresh.yaml');
    writeFileSync(old, SHOP);
    writeFileSync(fresh, SHOP.replaceAll('web', 'api'));
    const rest = [...DESIRED.slice(3), '--family', 'ipv4'];
    const dump = join(folder, 'old.v4.save');
    writeFileSync(dump, (await runIn(['compile', '-f', old, ...rest])).out);
    const words = ['diff', '-f', fresh, ...rest, '--against', dump];
    const ran = await runIn(words);
    expect(ran.err).to.match(
      /warning: .*fresh\.yaml:.*: cluster IP 10\.96\.77\.7:80\/TCP stays with Service shop\/web, .*\n.*--prune/,
    );
    expect(ran.out).to.not.include('10.96.77.7');
    const pruned = await runIn([...words, '--prune']);
    expect(pruned.err).to.not.include('stays with');
    expect(pruned.out).to.include('10.96.77.7');
  });

  it('shows the selected Services, as a summary or by the exit code alone', async () => {
    const shop = join(folder, 'shop.yaml');
    writeFileSync(shop, SHOP);
    const words = [...DESIRED, '-f', shop, '--against', DUMP];
    const stat = await runIn([...words, '--stat']);
    expect([stat.code, stat.out.split('\n')]).to.deep.equal([
      1,
      ['+ IPv4 shop/web:http TCP | 3 chains, 5 rules', '1 to add', ''],
    ]);
    const quiet = await runIn([...words, '-q']);
    expect([quiet.code, quiet.out]).to.deep.equal([1, '']);
    expect((await runIn([...words, '-o', 'name'])).out).to.equal('shop/web\n');
    for (const selection of [['orders'], ['svc/default/orders'], ['-n', 'default']])
      expect((await runIn([...words, ...selection])).out, String(selection)).to.equal(
        'no differences\n',
      );
    const one = [...words, '-f', 'fixtures/conformance/268-kitchen-sink/snapshot.yaml', 'shop/web'];
    expect((await runIn(one)).err).to.not.include('which is not in the input');
    const missing = await runIn([...words, 'shop/wbe']);
    expect(missing.err).to.include(
      'warning: no Service shop/wbe in the input\n  hint: did you mean shop/web?',
    );
    expect([missing.code, missing.out]).to.deep.equal([
      1,
      'no differences, but there is no Service shop/wbe in the input\n',
    ]);
    const file = await runIn([...words, 'shop.yaml/x/y']);
    expect([file.code, file.err.includes('is not the name of a Service')]).to.deep.equal([
      64,
      true,
    ]);
  });

  it('takes a name in the namespace of -n, as kubectl does', async () => {
    const shop = join(folder, 'named.yaml');
    writeFileSync(shop, SHOP);
    const words = [...DESIRED, '-f', shop, '--against', DUMP];
    for (const named of [['web', '-n', 'shop'], ['-n', 'shop', 'svc/web'], ['web.shop.svc']]) {
      const { out, err } = await runIn([...words, ...named, '-o', 'name']);
      expect([out, err.includes('no Service shop')], String(named)).to.deep.equal([
        'shop/web\n',
        false,
      ]);
    }
    const elsewhere = await runIn([...words, 'web']);
    expect(elsewhere.err).to.include(
      'warning: no Service default/web in the input\n  hint: did you mean shop/web?',
    );
    expect((await runIn([...words, '-n', 'shop', 'wbe'])).err).to.not.include('in namespace shop');
    for (const [wrong, why] of [
      ['default/web', 'is in namespace default, and -n says shop'],
      ['web:http', 'names a port'],
    ] as const) {
      const { code, err } = await runIn([...words, '-n', 'shop', wrong]);
      expect([code, err]).to.satisfy(() => code === 64 && err.includes(why), err);
    }
  });

  it('refuses two flags of which one would do nothing', async () => {
    for (const [flags, both] of [
      [['--stat', '-o', 'json'], '--stat and -o json'],
      [['-q', '-o', 'json'], '-q and -o json'],
      [['-o', 'name', '-q'], '-q and -o name'],
      [['-o', 'name', '--stat'], '--stat and -o name'],
      [['--stat', '-q'], '-q and --stat'],
      [['--stat', '--comments'], '--stat and --comments'],
      [['-o', 'name', '--comments'], '-o name and --comments'],
    ] as const) {
      const ran = await runIn([...DESIRED, '--against', DUMP, ...flags]);
      expect(ran.code, both).to.equal(64);
      expect(ran.err).to.include(`error: ${both} cannot be used together`);
    }
    const words = [...DESIRED, '--against', DUMP, '-o', 'json', '--comments', '-v'];
    expect((await runIn(words)).code).to.equal(0);
  });

  it('says no differences and ends with 0 for what kube-proxy programmed', async () => {
    for (const variant of ['nft', 'legacy'])
      for (const version of ['1.8.7', '1.8.9', '1.8.11', '1.8.13'])
        for (const family of ['v4', 'v6']) {
          const path = `fixtures/dumps/iptables-${version}/${variant}.268-kitchen-sink.${family}.save`;
          const ran = await runIn([...DESIRED, '--against', path]);
          expect([ran.code, ran.out], path).to.deep.equal([0, 'no differences\n']);
          expect(ran.err).to.not.include('compiled for mode');
        }
  });

  it('reads a dump that an editor or PowerShell has saved', async () => {
    const utf16 = join(folder, 'utf16.v4.save');
    writeFileSync(utf16, `\ufeff${readFileSync(DUMP, 'latin1')}`, 'utf16le');
    const marked = join(folder, 'marked.v4.save');
    writeFileSync(marked, `\ufeff${readFileSync(DUMP, 'latin1')}`);
    const old = changed((text) => text.replaceAll('\n', '\r'), 'old.v4.save');
    for (const path of [utf16, marked, old]) {
      const ran = await runIn([...DESIRED, '--against', path]);
      expect([ran.code, ran.out], path).to.deep.equal([0, 'no differences\n']);
    }
    const wrong = await runIn([...DESIRED, '--mode', 'nftables', '--against', DUMP]);
    expect(wrong.err).to.include('hint: this is the output of iptables-save: give --mode iptables');
  });

  it('gives up a dump that is too large', async () => {
    const path = join(folder, 'large.save');
    writeFileSync(path, '');
    truncateSync(path, 2 ** 28 + 1);
    for (const words of [
      [...DESIRED, '--family', 'ipv4', '--against', path],
      ['trace', '--from', '10.0.0.1', '--to', '10.0.0.2:80', '--rules', path],
    ]) {
      const ran = await runIn(words);
      expect(ran.code).to.equal(2);
      expect(ran.err).to.include(`the path ${JSON.stringify(path)} is larger than 256 MB`);
    }
  });

  it('compares both families of one file', async () => {
    const other = readFileSync(DUMP.replace('.v4.', '.v6.'), 'latin1');
    const both = changed((text) => text + other, 'both.save');
    const ran = await runIn([...DESIRED, '--against', both]);
    expect([ran.code, ran.out]).to.deep.equal([0, 'no differences\n']);
    const twice = changed((text) => text + text, 'twice.save');
    const refused = await runIn([...DESIRED, '--against', twice]);
    expect(refused.err).to.match(/table \w+ is there twice, from two dumps/);
    expect(refused.out).to.equal('');
  });

  it('compares documents of both families behind one another, which no comment separates', async () => {
    const documents = await Promise.all(
      ['ipv4', 'ipv6'].map((family) => runIn(['compile', ...DESIRED.slice(1), '--family', family])),
    );
    const [v4 = '', v6 = ''] = documents.map(({ out }) => out);
    for (const text of [v4 + v6, v6 + v4]) {
      const ran = await runIn([...DESIRED, '--against', changed(() => text, 'both.rules')]);
      expect([ran.code, ran.out]).to.deep.equal([0, 'no differences\n']);
    }
    const twice = changed(() => v4 + v4, 'twice.rules');
    const refused = await runIn([...DESIRED, '--against', twice]);
    expect(refused.err).to.match(/table filter is there twice, from two dumps/);
  });

  it('knows the addresses that a Service loses to one that is not named', async () => {
    const rival = join(folder, 'rival.yaml');
    writeFileSync(rival, SHOP.replaceAll('name: web', 'name: art').replace('web-1', 'art-1'));
    const shop = join(folder, 'shop.yaml');
    writeFileSync(shop, SHOP);
    const words = ['diff', '-f', shop, '-f', rival, '--family', 'ipv4', '--prune', '-v'];
    for (const [mode, nothing] of [
      ['iptables', '*nat\nCOMMIT\n*filter\nCOMMIT\n'],
      ['nftables', '{"nftables": [{"metainfo": {"version": "1.1.3", "json_schema_version": 1}}]}'],
    ] as const) {
      const against = changed(() => nothing, 'empty.v4');
      const ran = await runIn([...words, '--mode', mode, '--against', against, 'shop/web']);
      expect(ran.err).to.match(/10\.96\.77\.7:80\/TCP is also claimed by Service shop\/art/);
      expect(ran.out).to.include('+ shop/web:http TCP').and.not.include('10.96.77.7');
    }
  });

  it('leaves a Service with an invalid object out of the comparison, and says so', async () => {
    const bad = join(folder, 'snapshot.yaml');
    const text = readFileSync(`${CASE}/snapshot.yaml`, 'utf8');
    writeFileSync(bad, text.replace('type: LoadBalancer', 'type: LoadBalanser'));
    const more = join(folder, 'other.yaml');
    writeFileSync(
      more,
      'apiVersion: v1\nkind: Service\nmetadata: {name: none, namespace: x}\nspec: {clusterIP: None}\n',
    );
    const words = ['diff', '-f', bad, '-f', more, ...DESIRED.slice(3), '--against', DUMP];
    const ran = await runIn(words);
    expect(ran.out).to.equal('no differences, but 1 Service was not compared\n');
    expect(ran.err).to.match(/warning: .*Service default\/orders keeps the rules that it has/);
    expect(ran.code).to.equal(1);
    const json = JSON.parse((await runIn([...words, '-o', 'json'])).out);
    expect([json.apiVersion, json.kind]).to.deep.equal(['vipc/v1', 'Differences']);
    expect([json.different, json.incomplete]).to.deep.equal([false, ['default/orders']]);
  });

  it('shows manual changes by Service, with the shares, and exits with 1', async () => {
    const path = changed((text) => {
      const line = /^-A KUBE-SVC-\S+ .*--probability 0\.33333333349 -j (KUBE-SEP-\S+)\n/m.exec(
        text,
      )!;
      return text.replace(line[0], '');
    });
    const { code, out } = await runIn([...DESIRED, '--against', path]);
    expect(code).to.equal(1);
    const [head, legend, , service, pool, ...rest] = out.split('\n');
    expect(head).to.equal(`IPv4: ${path} differs: 1 to change`);
    expect(legend).to.equal('  - is there, + should be there');
    expect(service).to.match(/^~ \S+\/\S+ (TCP|UDP|SCTP) {2}differs$/);
    expect(pool).to.equal('    new connections (policy Cluster):');
    const shares = rest.slice(0, 3).map((line) => line.replace(/ {6}\S+ +/, ''));
    expect(shares.toSorted()).to.deep.equal(['0% -> 33.3%', '50.0% -> 33.3%', '50.0% -> 33.3%']);
    expect(rest[3]).to.match(/^ {4}nat KUBE-SVC-[A-Z2-7]{16}$/);
    expect(rest[4]).to.match(/^ {6}\+ -A KUBE-SVC-.* -j KUBE-SEP-/);
    expect(rest.slice(5)).to.deep.equal(['', '1 to change', '']);
  });

  it('names a foreign rule, and escapes its comment', async () => {
    const path = changed((text) =>
      text.replace(
        /^-A (KUBE-SVC-\S+) /m,
        '-A $1 -m comment --comment "\u001b[31mred\u0007" -j ACCEPT\n-A $1 ',
      ),
    );
    const { code, out } = await runIn([...DESIRED, '--against', path]);
    expect(code).to.equal(1);
    expect(out).to.include('<- not a rule of kube-proxy or vipc');
    expect(out).to.not.include('\u001b').and.not.include('\u0007');
    const coloured = await runIn([...DESIRED, '--against', path], '', { colour: true });
    expect(coloured.out).to.include('\u001b[33m').and.include('\\u001b[31mred');
    expect(coloured.out).to.not.include('\u001b[31mred').and.not.include('\u0007');
  });

  it('does not count leftovers and comments as differences, and shows comments on request', async () => {
    const path = changed((text) =>
      text
        .replace('*nat\n', '*nat\n:KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]\n')
        .replace(/^(-A KUBE-SEP-\S+ .*)-m comment --comment "\S+" (-j KUBE-MARK-MASQ)$/m, '$1$2'),
    );
    const short = await runIn([...DESIRED, '--against', path]);
    expect(short.code).to.equal(0);
    expect(short.out.split('\n')).to.deep.equal([
      'no differences',
      'note: IPv4 nat KUBE-SVC-AAAAAAAAAAAAAAAA is a leftover (0 rules): nothing jumps to it, and apply deletes it',
      'note: 1 chain of IPv4 has rules without their comments, and apply writes it again',
      'note: 1 rule of IPv4 has another comment, which is not a difference (--comments shows them)',
      '',
    ]);
    const long = await runIn([...DESIRED, '--against', path, '--comments']);
    expect(long.code).to.equal(0);
    expect(long.out).to.match(
      /\n {2}nat\n {4}- -A KUBE-SEP-\S+ .*\n {4}\+ -A KUBE-SEP-\S+ .*--comment/,
    );
  });

  it('is one document with -o json', async () => {
    const path = changed((text) => text.replace(/^-A KUBE-SVC-\S+ .*--probability .*\n/m, ''));
    const { code, out, err } = await runIn([...DESIRED, '--against', path, '-o', 'json']);
    expect(code).to.equal(1);
    expect(err).to.equal('');
    const document = JSON.parse(out);
    expect(Object.keys(document)).to.deep.equal([
      'apiVersion',
      'kind',
      'different',
      'incomplete',
      'families',
      'settings',
      'flows',
      'diagnostics',
    ]);
    expect(document.different).to.equal(true);
    expect(Object.keys(document.families)).to.deep.equal(['ipv4']);
    const { against, variant, services } = document.families.ipv4;
    expect([against, variant, services.length]).to.deep.equal([path, 'nf_tables', 1]);
    expect(services[0].pools[0].endpoints[0]).to.have.keys('endpoint', 'before', 'after');
    expect(services[0].chains[0].rules[0].finding).to.equal('missing');
    const same = await runIn([...DESIRED, '--against', DUMP, '-o', 'json']);
    expect(same.code).to.equal(0);
    expect(JSON.parse(same.out).different).to.equal(false);
  });

  it('says that an empty dump counts as a machine without rules', async () => {
    const path = join(folder, 'empty.v4.save');
    for (const text of ['', '\n', '# Generated by iptables-save v1.8.9\n']) {
      writeFileSync(path, text);
      const ran = await runIn([...DESIRED, '--against', path]);
      expect(ran.code).to.equal(1);
      expect(ran.err).to.include('v4.save holds no table, and counts as a machine without rules');
      expect(ran.err).to.include('iptables-save > FILE');
    }
    writeFileSync(path, '*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n');
    expect((await runIn([...DESIRED, '--against', path])).err).to.not.match(/no table|not table/);
  });

  it('says that one table of a node is a part of its dump', async () => {
    for (const [kept, cut] of [
      ['nat', 'filter'],
      ['filter', 'nat'],
    ]) {
      const table = new RegExp(`^\\*(?:${cut}|mangle)\\n[^*]*COMMIT\\n`, 'gm');
      const path = changed((text) => text.replace(table, ''));
      for (const words of [
        [...DESIRED, '--against', path],
        ['verify', ...OBJECTS, '--host', `${CASE}/host.yaml`, '--rules', path],
        ['verify', '--rules', DUMP, '--against', path],
      ])
        expect((await runIn(words)).err, `${kept} ${words[0]}`)
          .to.include(`v4.save holds table ${kept} and not table ${cut}, `)
          .and.include('  hint: save all tables: iptables-save > FILE, without -t\n');
    }
    expect((await runIn([...DESIRED, '--against', DUMP])).err).to.not.include('not table');
  });

  it('says that a Service that is named is not there, and compares the others', async () => {
    const words = [...DESIRED, '--against', DUMP];
    const one = await runIn([...words, 'nope', 'default/orders']);
    expect([one.code, one.out]).to.deep.equal([
      1,
      'no differences, but there is no Service default/nope in the input\n',
    ]);
    const many = await runIn([...words, 'a', 'b', 'c', 'd', 'e']);
    expect(many.out).to.match(
      /^no differences, but there is no Service default\/a .*\(and 2 more\)\n$/,
    );
    const space = await runIn([...words, '-n', 'nope']);
    expect(space.out).to.equal('no differences, but there is no Service in namespace nope\n');
  });

  it('says that a node is in mode ipvs, where every Service looks missing', async () => {
    const rules = [
      '-A KUBE-SERVICES -s 127.0.0.0/8 -j RETURN',
      '-A KUBE-SERVICES -m comment --comment "Kubernetes service lb portal" -m set --match-set KUBE-LOAD-BALANCER dst,dst -j KUBE-LOAD-BALANCER',
      '-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT',
    ];
    const dump = (lines: readonly string[]): string =>
      `*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-LOAD-BALANCER - [0:0]\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -j KUBE-SERVICES\n${lines.join('\n')}\nCOMMIT\n`;
    const said =
      'v4.save has the rules of kube-proxy in mode ipvs, which keeps Services in IPVS and not in iptables\n  hint: "ipvsadm -Ln"';
    const path = join(folder, 'ipvs.v4.save');
    writeFileSync(path, dump(rules));
    for (const command of [
      [...DESIRED, '--against', path],
      ['trace', '--rules', path, '--from', '10.0.0.1', '--to', '10.96.0.10:53/udp'],
    ]) {
      const ran = await runIn(command);
      expect(ran.err, command[0]).to.include(said);
      expect(ran.code, command[0]).to.equal(1);
    }
    const chain = '*filter\n:KUBE-IPVS-FILTER - [0:0]\nCOMMIT\n';
    for (const text of [dump(rules.slice(0, 2)), dump(rules.slice(2)), chain + dump([])]) {
      writeFileSync(path, text.replaceAll('--match-set KUBE-', '--match-set KUBE-6-'));
      expect((await runIn([...DESIRED, '--against', path])).err, text).to.include(said);
    }
    for (const others of [[], ['-A KUBE-SERVICES -m set --match-set MINE dst -j ACCEPT']]) {
      writeFileSync(path, dump(others));
      expect((await runIn([...DESIRED, '--against', path])).err).to.not.include('ipvs,');
    }
  });

  it('recognises the output of another command before it asks for a family', async () => {
    const words = [...DESIRED, '--mode', 'iptables', '--against'];
    const other = join(folder, 'listing');
    for (const [text, hint] of [
      ['table ip nat {\n}\n', 'the output of "nft list ruleset"'],
      ['Chain PREROUTING (policy ACCEPT)\n', 'the output of "iptables -L"'],
      ['apiVersion: v1\n', 'this is an object of Kubernetes: objects are given with -f'],
      ['IP Virtual Server version 1.2.1 (size=4096)\n', 'the output of ipvsadm'],
    ] as const) {
      writeFileSync(other, text);
      expect((await runIn([...words, other])).err)
        .to.include(hint)
        .and.not.include('--family');
    }
  });

  it('shows a draw of mode nftables with one endpoint more or less in one line', async () => {
    const file = join(folder, 'shop.yaml');
    const ips = ['10.244.9.9', '10.244.9.10', '10.244.9.11', '10.244.9.12'];
    const write = (...chosen: readonly string[]): void => {
      const endpoints = chosen.map((ip) => ({ addresses: [ip], conditions: { ready: true } }));
      writeFileSync(
        file,
        SHOP.replace(/^endpoints: .*$/m, `endpoints: ${JSON.stringify(endpoints)}`),
      );
    };
    const words = ['-f', file, '--family', 'ipv4', '--mode', 'nftables'];
    write(...ips.slice(0, 3));
    const rules = changed(() => '', 'shop.nft');
    writeFileSync(rules, (await runIn(['compile', ...words])).out);
    const shown = async (): Promise<string> =>
      (await runIn(['diff', ...words, '--against', rules])).out;
    write(...ips);
    expect(await shown())
      .to.include('      ~ shares of 3 endpoints: 1/3 -> 1/4 (-v shows the rules)\n')
      .and.not.include('numgen');
    write(...ips.slice(0, 2));
    expect(await shown()).to.include('      ~ shares of 2 endpoints: 1/3 -> 1/2 (-v');
    write(...ips.slice(1));
    expect(await shown()).to.include('      ~ 1 rule with other endpoints, as above (-v');
    const verbose = await runIn(['diff', ...words, '--against', rules, '-v']);
    expect(verbose.out.match(/numgen random mod 3/g)).to.have.lengthOf(2);
  });

  it('reads the listings of every version of nft, in mode nftables', async () => {
    const words = [...DESIRED, '--mode', 'nftables', '--against'];
    for (const version of ['0.9.8', '1.0.6', '1.1.3', '1.1.7'])
      for (const family of ['v4', 'v6']) {
        const path = `fixtures/dumps/nft-${version}/268-kitchen-sink.${family}.json`;
        const ran = await runIn([...words, path]);
        expect([ran.code, ran.out], path).to.deep.equal([0, 'no differences\n']);
      }
    const foreign = 'fixtures/dumps/nft-1.0.6/foreign-router.json';
    expect((await runIn([...words, foreign])).err).to.include('say it with --family');
    expect((await runIn([...words, foreign, '--family', 'ipv6'])).out).to.match(
      /^IPv6: \S+ differs: \d+ to add\n/,
    );
  });

  it('takes the mode from the dump, as verify does, whatever the configuration says', async () => {
    for (const [path, mode] of [
      ['fixtures/dumps/nft-1.0.6/268-kitchen-sink.v4.json', 'nftables'],
      [DUMP, 'iptables'],
    ] as const) {
      const config = join(folder, 'config.yaml');
      const other = mode === 'iptables' ? 'nftables' : 'iptables';
      const text = readFileSync(`${CASE}/config.yaml`, 'utf8');
      writeFileSync(config, `${text.replace(/^mode:.*\n/m, '')}\nmode: ${other}\n`);
      for (const file of [`${CASE}/config.yaml`, config]) {
        const objects = ['-f', `${CASE}/snapshot.yaml`, '--host', `${CASE}/host.yaml`];
        const ran = await runIn(['diff', ...objects, '--config', file, '--against', path]);
        expect([ran.code, ran.out], `${path} ${ran.err}`).to.deep.equal([0, 'no differences\n']);
      }
      const named = await runIn([...DESIRED, '--mode', other, '--against', path]);
      expect(named.err).to.include(`--mode ${mode}`);
    }
  });

  it('compares both families with one script of nft, and names what was changed in it', async () => {
    const nft = ['--mode', 'nftables'];
    await runIn(['compile', ...DESIRED.slice(1), ...nft, '--out', folder]);
    const path = join(folder, 'nftables.nft');
    const same = await runIn([...DESIRED, ...nft, '--against', path]);
    expect([same.code, same.out]).to.deep.equal([0, 'no differences\n']);
    const rule = /^add rule ip6 kube-proxy (service-\S+) .* 1 : .*\n/m;
    const text = readFileSync(path, 'utf8');
    const [line = '', chain] = rule.exec(text) ?? [];
    const half = line.replace(/mod \d+/, 'mod 1').replace(/, 1 : .* \}/, ' }');
    expect(half).to.not.equal(line);
    writeFileSync(path, text.replace(line, `add rule ip6 kube-proxy ${chain} accept\n${half}`));
    const { code, out } = await runIn([...DESIRED, ...nft, '--against', path, '-v']);
    expect(code).to.equal(1);
    const lines = out.split('\n').map((found) => found.trim());
    expect(lines[0]).to.equal(`IPv6: ${path} differs: 1 to change`);
    expect(lines[4]).to.equal('new connections (policy Cluster):');
    const rest = lines.slice(lines.indexOf(`ip6 kube-proxy ${chain}`));
    expect(rest.slice(0, 4)).to.deep.equal([
      `ip6 kube-proxy ${chain}`,
      `- add rule ip6 kube-proxy ${chain} accept   <- not a rule of kube-proxy or vipc`,
      `- ${half.trim()}   <- another probability`,
      `+ ${line.trim()}`,
    ]);
    expect(
      (await runIn([...DESIRED, ...nft, '--against', path, '--family', 'ipv4'])).code,
    ).to.equal(0);
  });

  it('compares a folder with a file per family, and --family takes one', async () => {
    changed((text) => text.replace(/^-A KUBE-SVC-\S+ .*\n/m, ''), 'iptables.v4.rules');
    writeFileSync(join(folder, 'README'), 'not a dump');
    const v6 = readFileSync(`${DUMPS}/nft.268-kitchen-sink.v6.save`);
    writeFileSync(join(folder, 'iptables.v6.rules'), v6);
    expect((await runIn([...DESIRED, '--against', folder])).code).to.equal(1);
    expect((await runIn([...DESIRED, '--against', folder, '--family', 'ipv6'])).code).to.equal(0);
  });

  it('compares what vipc compile wrote', async () => {
    await runIn(['compile', ...DESIRED.slice(1), '--out', folder]);
    const { code, out } = await runIn([...DESIRED, '--against', folder]);
    expect([code, out]).to.deep.equal([0, 'no differences\n']);
  });

  it('finds the family by text, by name, by --family, or asks for it', async () => {
    const bare = (name: string): string => {
      const path = join(folder, name);
      writeFileSync(path, '*nat\n:KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]\nCOMMIT\n');
      return path;
    };
    const family = async (path: string, ...more: readonly string[]): Promise<string> => {
      const { out, err } = await runIn([...DESIRED, '--against', path, '-o', 'json', ...more]);
      const { families } = JSON.parse(out);
      return families === undefined ? err : Object.keys(families).join(' ');
    };
    expect(await family(DUMP)).to.equal('ipv4');
    expect(await family(bare('a.v6.txt'))).to.equal('ipv6');
    expect(await family(bare('ip6tables.txt'))).to.equal('ipv6');
    expect(await family(bare('node.txt'), '--family', 'ipv6')).to.equal('ipv6');
    expect(await family(bare('node.txt'))).to.include('say it with --family');
    expect(await family(DUMP, '--family', 'ipv6')).to.include('is IPv4, not IPv6');
  });

  it('writes a plan that can be loaded again', async () => {
    const path = changed((text) => text.replace(/^-A KUBE-SVC-\S+ .*\n/m, ''));
    const out = join(folder, 'plans', 'plan.json');
    const { code } = await runIn([...DESIRED, '--against', path, '--out', out]);
    expect(code).to.equal(1);
    const plan = JSON.parse(readFileSync(out, 'utf8'));
    expect(plan).to.include({ version: 2, backend: 'iptables', variant: 'nf_tables' });
    expect(plan.families[0].changes).to.have.length(1);
  });

  const FAILURES: readonly (readonly [string, readonly string[], number, string])[] = [
    ['no objects', ['diff', '--against', DUMP], 64, 'must specify -f'],
    ['no dump', [...DESIRED, '--against', 'nowhere'], 2, 'does not exist'],
    ['an empty folder', [...DESIRED, '--against', 'src/net'], 2, 'no file with v4 or v6'],
    ['a variant', [...DESIRED, '--iptables', 'x'], 64, 'must be one of nft, legacy'],
    [
      'rules that the tool has cut',
      [
        ...DESIRED,
        '--against',
        'fixtures/dumps/cross/iptables-nft.268-kitchen-sink.v4.made-by-1.8.13.printed-by-1.8.7.save',
      ],
      2,
      'older',
    ],
  ];
  for (const [what, words, code, message] of FAILURES) {
    it(`ends with ${code} for ${what}`, async () => {
      const ran = await runIn(words);
      expect([ran.code, ran.out]).to.deep.equal([code, '']);
      expect(ran.err).to.include(message);
    });
  }
});
