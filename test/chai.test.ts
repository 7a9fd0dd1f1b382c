import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AssertionError, expect, use } from 'chai';
import { goldenFiles, packets, unusedGoldens } from '../src/chai.js';
import { nodeRules, trace, UsageError } from '../src/index.js';
import { exampleRules, exampleSnapshot } from './support/cases/example-node.js';

use(goldenFiles);

describe('matchGolden', () => {
  let folder = '';
  let before: NodeJS.ProcessEnv = {};
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-golden-'));
    before = { ...process.env };
    delete process.env.CI;
    delete process.env.UPDATE_GOLDEN;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    for (const name of ['CI', 'UPDATE_GOLDEN']) {
      const value = before[name];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  /** The error of an assertion that must fail. */
  function failure(assertion: () => unknown): Error {
    try {
      assertion();
    } catch (error) {
      expect(error).to.be.instanceOf(AssertionError);
      return error as Error;
    }
    return expect.fail('the assertion holds');
  }

  function file(name: string, text?: string): string {
    const path = join(folder, name);
    if (text !== undefined) writeFileSync(path, text);
    return path;
  }

  it('holds for the same text, by path and by URL', () => {
    const path = file('same', 'a\nb\n');
    expect('a\nb\n').to.matchGolden(path);
    expect('a\nb\n').to.matchGolden(relative(process.cwd(), path));
    expect('a\nb\n').to.matchGolden(pathToFileURL(path));
  });

  it('names the file and the first line that differs, and keeps both texts for a diff', () => {
    const path = file('rules', 'a\nb\nc\n');
    const error = failure(() => expect('a\nx\nc\n').to.matchGolden(path));
    expect(error.message).to.match(/rules:2: .*expected "b", got "x"/);
    expect(error.message).to.include('UPDATE_GOLDEN=1');
    expect(error).to.include({ actual: 'a\nx\nc\n', expected: 'a\nb\nc\n', showDiff: true });
    expect(readFileSync(path, 'utf8')).to.equal('a\nb\nc\n');
  });

  const places: readonly (readonly [golden: string, text: string, said: string])[] = [
    ['a\n', 'a\nb\n', ':2: the text differs from the golden file: expected "", got "b"'],
    ['a\nb', 'a', ':2: the text differs from the golden file: expected "b", got the end'],
    ['a', 'a\n', ':2: the text differs from the golden file: expected the end, got ""'],
    ['', 'a', ':1: the text differs from the golden file: expected "", got "a"'],
    ['a\r\n', 'a\n', ':1: the text differs from the golden file: expected "a\\r", got "a"'],
  ];
  for (const [golden, text, said] of places) {
    it(`says where ${JSON.stringify(text)} leaves ${JSON.stringify(golden)}`, () => {
      const path = file('golden', golden);
      expect(failure(() => expect(text).to.matchGolden(path)).message).to.include(`golden${said}`);
    });
  }

  it('stays short for a long line', () => {
    const path = file('long', 'x'.repeat(10_000));
    expect(failure(() => expect('y'.repeat(10_000)).to.matchGolden(path)).message.length).below(
      800,
    );
  });

  it('says how to create a file that is missing, and does not create it', () => {
    const path = file('missing');
    const error = failure(() => expect('a').to.matchGolden(path));
    expect(error.message).to.match(/missing does not exist: .*UPDATE_GOLDEN=1/);
    expect(existsSync(path)).to.equal(false);
  });

  it('writes with UPDATE_GOLDEN=1, folders included, and only what differs', () => {
    process.env.UPDATE_GOLDEN = '1';
    const path = file('deep/er/new');
    expect('first\n').to.matchGolden(path);
    expect(readFileSync(path, 'utf8')).to.equal('first\n');
    const written = statSync(path, { bigint: true }).mtimeNs;
    expect('first\n').to.matchGolden(path);
    expect(statSync(path, { bigint: true }).mtimeNs).to.equal(written);
    expect('second\n').to.matchGolden(path);
    expect(readFileSync(path, 'utf8')).to.equal('second\n');
  });

  it('UPDATE_GOLDEN=0 updates nothing', () => {
    process.env.UPDATE_GOLDEN = '0';
    const path = file('kept', 'old');
    failure(() => expect('new').to.matchGolden(path));
    expect(readFileSync(path, 'utf8')).to.equal('old');
  });

  it('refuses to write in CI, but compares there', () => {
    process.env.UPDATE_GOLDEN = '1';
    process.env.CI = 'true';
    const path = file('kept', 'old');
    expect(failure(() => expect('new').to.matchGolden(path)).message).to.include(
      'not written in CI',
    );
    expect(readFileSync(path, 'utf8')).to.equal('old');
    failure(() => expect('new').to.matchGolden(file('absent')));
    expect(existsSync(join(folder, 'absent'))).to.equal(false);
    expect('old').to.matchGolden(path);
  });

  it('takes text only, and no negation', () => {
    const path = file('golden', '1');
    expect(failure(() => expect(1).to.matchGolden(path)).message).to.include('type number');
    expect(failure(() => expect('2').to.not.matchGolden(path)).message).to.include('any text');
  });

  it('puts the message of the test first', () => {
    const path = file('golden', '1');
    expect(failure(() => expect('2', 'the rules').to.matchGolden(path)).message).to.match(
      /^the rules: /,
    );
  });

  it('does not take a file that cannot be read for a missing one', () => {
    expect(() => expect('2').to.matchGolden(folder)).to.throw(/EISDIR/);
  });

  it('finds the files that nothing was compared with', () => {
    process.env.UPDATE_GOLDEN = '1';
    for (const name of ['b', 'sub/a', 'sub/c']) expect('1').to.matchGolden(file(name));
    file('z', 'left over');
    file('sub/b', 'left over');
    expect(unusedGoldens(folder)).to.deep.equal([join(folder, 'sub/b'), join(folder, 'z')]);
    delete process.env.UPDATE_GOLDEN;
    failure(() => expect('other').to.matchGolden(file('z')));
    expect(unusedGoldens(folder)).to.deep.equal([join(folder, 'sub/b')]);
    expect(unusedGoldens(join(folder, 'nowhere'))).to.deep.equal([]);
  });
});

describe('packets in chai', () => {
  use(packets);
  const rules = nodeRules(exampleRules('nftables'), { snapshot: exampleSnapshot });
  const DNS = '10.96.0.10:53/udp';
  const ENDPOINTS = ['10.244.1.7:53', '10.244.2.9:53'];

  it('go through rules from somebody to somewhere', () => {
    expect(rules).from('pod').to(DNS).to.reach(ENDPOINTS);
    expect(rules)
      .from('10.244.1.5')
      .to(DNS)
      .to.reach({ '10.244.1.7:53': '1/2', '10.244.2.9:53': '1/2' });
    expect(rules).from('pod').to(DNS).to.reach();
    expect(rules).from('pod').to(DNS).to.reach(ENDPOINTS).and.not.masquerade;
    expect(rules).from('outside').to(DNS).to.masquerade;
    expect(rules).from('10.244.1.7').to(DNS).to.masqueradeTo(['10.244.1.7:53']);
    expect(rules).from('pod').to('svc/shop/cart:80').to.be.refused;
    expect(rules).from('pod').to('svc/shop/cart:80').to.be.refusedWith('port-unreachable');
    expect(rules).from('outside').to('203.0.113.80:80').to.be.dropped;
    expect(rules).from('pod').to('10.244.2.4:8080').to.be.untouched;
    expect(exampleRules('iptables'))
      .from('198.51.100.7', { inInterface: 'eth0' })
      .to('203.0.113.80:80')
      .to.reach('10.244.1.4:8080');
    expect(trace(rules, { from: 'pod', to: DNS })).to.reach(ENDPOINTS);
  });

  it('are negated as in English', () => {
    expect(rules).from('pod').to(DNS).to.not.reach(['10.244.2.8:53']);
    expect(rules).from('pod').to(DNS).not.to.reach({ '10.244.1.7:53': 1 });
    expect(rules).not.from('pod').to(DNS).to.be.dropped;
    expect(rules).from('pod').to(DNS).to.not.be.refused;
    expect(rules).from('pod').to(DNS).to.not.be.untouched;
    expect(rules).from('pod').to('svc/shop/cart:80').not.to.reach();
  });

  /** The error of an assertion that must fail. */
  function failure(assertion: () => unknown): Error {
    try {
      assertion();
    } catch (error) {
      expect(error).to.be.instanceOf(AssertionError);
      return error as Error;
    }
    return expect.fail('the assertion holds');
  }

  it('fail with the rules that decide, and shares that a runner can compare', () => {
    const error = failure(() =>
      expect(rules, 'DNS').from('pod').to(DNS).to.reach({ '10.244.1.7:53': '1' }),
    );
    expect(error.message).to.match(
      /^DNS: expected udp 10\.244\.0\.1 -> 10\.96\.0\.10:53 to reach 10\.244\.1\.7:53 \(1\), but it reaches /,
    );
    expect(error.message).to.include('add rule ip kube-proxy nat-prerouting jump services\n');
    expect(error).to.deep.include({
      showDiff: true,
      actual: { '10.244.1.7:53': '1/2', '10.244.2.9:53': '1/2' },
      expected: { '10.244.1.7:53': '1' },
    });
    // The stack begins where the test asks.
    expect(error.stack?.split('\n').find((line) => line.startsWith('    at '))).to.include(
      'chai.test',
    );
    for (const assertion of [
      () => expect(rules).from('pod').to(DNS).to.be.refused,
      () => expect(rules).from('pod').to(DNS).to.be.refusedWith('tcp-reset'),
      () => expect(rules).from('pod').to(DNS).to.be.dropped,
      () => expect(rules).from('pod').to(DNS).to.be.untouched,
      () => expect(rules).from('pod').to(DNS).to.masquerade,
      () => expect(rules).from('pod').to(DNS).to.masqueradeTo(ENDPOINTS),
      () => expect(rules).from('pod').to(DNS).to.not.reach(ENDPOINTS),
      () => expect(rules).from('outside').to(DNS).to.not.masquerade,
    ])
      expect(failure(assertion).message).to.include('expected udp ');
  });

  it('need rules, and assertions a packet', () => {
    for (const value of [5, undefined, {}, [5], null])
      expect(() => expect(value).from('pod').to(DNS)).to.throw(UsageError, 'holds no rules');
    for (const value of [5, rules, {}])
      expect(() => expect(value).to.reach(ENDPOINTS)).to.throw(UsageError, 'about a packet');
  });
});
