/** `vipc diff` against dumps: what it prints, what it writes, and how it ends. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runIn } from '../support/process/run-in.js';
import { CASE, changedDump, DESIRED, DUMP, SHOP } from './diffed.js';

describe('cli/diff', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-diff-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const changed = (change: (text: string) => string, name?: string): string =>
    changedDump(folder, change, name);

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
