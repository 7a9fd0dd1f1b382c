/** `vipc diff` of some Services: selected, not named, kept or pruned. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runIn } from '../support/process/run-in.js';
import { changedDump, DESIRED, DUMP, SHOP } from './diffed.js';

describe('cli/diff, of some Services', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-diff-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

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
      const against = changedDump(folder, () => nothing, 'empty.v4');
      const ran = await runIn([...words, '--mode', mode, '--against', against, 'shop/web']);
      expect(ran.err).to.match(/10\.96\.77\.7:80\/TCP is also claimed by Service shop\/art/);
      expect(ran.out).to.include('+ shop/web:http TCP').and.not.include('10.96.77.7');
    }
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
});
