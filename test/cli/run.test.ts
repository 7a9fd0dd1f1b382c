import { expect } from 'chai';
import { run } from '../../src/cli/run.js';
import { MemoryTerminal } from '../support/process/memory-terminal.js';
import { runIn } from '../support/process/run-in.js';

const SERVICE =
  'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterIP: 10.0.0.5, type: Cluste, ports: [{port: 80}]}\n';

describe('cli/run', () => {
  const usage: readonly (readonly [words: string, ...lines: string[]])[] = [
    ['compile --nope', 'error: unknown flag: --nope'],
    ['compile --nope=5', 'error: unknown flag: --nope'],
    ['compile --strickt', 'error: unknown flag: --strickt', '  hint: did you mean --strict?'],
    ...(
      [
        ['agent --mode', '--proxy-mode'],
        ['compile --proxy-mode', '--mode'],
        ['agent --mode=nftables', '--proxy-mode'],
        ['diff --rules', '--against'],
        ['explain --against', '--rules'],
        ['verify --dump', '--rules'],
        ['compile --file', '--filename'],
        ['snapshot --node-nam', undefined],
        ['diff --master', '--server'],
        ['host --node-name', undefined],
      ] as const
    ).map(([words, meant]): readonly [string, ...string[]] => [
      words,
      `error: unknown flag: ${/--[a-z-]+/.exec(words)?.[0]}`,
      ...(meant === undefined ? [] : [`  hint: did you mean ${meant}?`]),
    ]),
    [
      'compile --masquerade-all',
      'error: unknown flag: --masquerade-all',
      "  hint: kube-proxy's settings are read from its configuration: --config",
    ],
    ['compile -x', "error: unknown shorthand flag: 'x' in -x"],
    ['compile --config', 'error: flag needs an argument: --config'],
    ['compile -f', 'error: flag needs an argument: --filename'],
    ['compile x.yaml', 'error: compile takes no arguments; files are given with -f'],
    ['cleanup x', 'error: cleanup takes no arguments'],
    [
      'compile',
      'error: must specify -f',
      '  hint: name a file or folder of objects, - for standard input, or cluster for a running one',
    ],
    ['compile -f - -f -', 'error: -f - can be given once: there is one standard input'],
    [
      'compile -f - --mode ipvs',
      'error: invalid argument "ipvs" for "--mode" flag: must be one of iptables, nftables',
    ],
    [
      'compile -f - --family v4',
      'error: invalid argument "v4" for "--family" flag: must be one of ipv4, ipv6, dual',
    ],
    [
      'compile -f - --node-name a_b',
      'error: invalid argument "a_b" for "--node-name" flag: must be the name of a Kubernetes object',
    ],
    [
      'compile -f - --service-cidr 10.0.0.0',
      'error: invalid argument "10.0.0.0" for "--service-cidr" flag: must be a network such as 10.96.0.0/12',
    ],
    [
      'compile -f - --service-cidr 10.0.0.0/8,11.0.0.0/8',
      'error: invalid argument "10.0.0.0/8,11.0.0.0/8" for "--service-cidr" flag: must be one network per family',
    ],
    ...[
      ...['--recursive', '--namespace=a', '--config=x', '--cluster-cidr=10.0.0.0/8', '--zone=a'],
      ...['--node-name=a', '--mode=iptables', '--service-cidr=10.0.0.0/8', '--templates=x'],
      ...['--kubeconfig=x', '--host=x', '--family=ipv4', '--iptables=nft', '--strict'],
      ...['--prune', '--no-prune', '--hostname-override=a'],
    ].map((flag): readonly [string, string] => [
      `apply plan.json ${flag}`,
      `error: ${flag.replace(/=.*/, '')} means nothing for a plan, which says itself what it changes`,
    ]),
    ['compile -f - --out x -o json', 'error: -o json and --out cannot be used together'],
    [
      'apply -f - --dry-run',
      'error: --dry-run needs a value: must be none, client or server',
      '  hint: --dry-run=client prints what would be sent; --dry-run=server also has the tools check it',
    ],
    ['host -o xml', 'error: invalid argument "xml" for "--output" flag: must be one of yaml, json'],
  ];
  for (const [words, ...lines] of usage) {
    it(`vipc ${words}: 64, in kubectl's words`, async () => {
      const argv = words.split(' ');
      const { code, out, err } = await runIn(argv);
      expect(code).to.equal(64);
      if (words.endsWith('-o json')) expect(JSON.parse(out).error.code).to.equal('usage');
      else expect(out).to.equal('');
      const expected = [...lines, `See 'vipc ${argv[0]} --help' for usage.`, ''];
      expect(err.split('\n')).to.deep.equal(expected);
    });
  }

  it('lays help out in 80 columns', async () => {
    for (const command of [
      'compile',
      'diff',
      'apply',
      'cleanup',
      'agent',
      'explain',
      'get',
      'hosts',
      'trace',
      'verify',
      'test',
      'host',
      'snapshot',
      'version',
    ]) {
      const { out } = await runIn([command, '--help']);
      const long = out.split('\n').filter((line) => line.length > 80);
      // Nobody breaks a word, such as the default of a path.
      expect(
        long.filter((line) => line.trim().includes(' ')),
        command,
      ).to.deep.equal([]);
    }
    const { out } = await runIn(['apply', '--help']);
    expect(out).to.include('Everything else stays as it is.').and.include(' \\\n      ');
  });

  it('vipc compil: suggests the command', async () => {
    const { code, err } = await runIn(['compil']);
    expect(code).to.equal(64);
    expect(err).to.equal(
      'error: unknown command "compil" for "vipc"\n  hint: did you mean compile?\nSee \'vipc --help\' for usage.\n',
    );
    const help = await runIn(['help', 'dif']);
    expect([help.code, help.err]).to.deep.equal([
      64,
      'error: unknown command "dif" for "vipc"\n  hint: did you mean diff?\nSee \'vipc --help\' for usage.\n',
    ]);
  });

  it('prints help and version on standard output, with examples', async () => {
    for (const words of [[], ['--help'], ['help']]) {
      const { code, out, err } = await runIn(words);
      expect([code, err]).to.deep.equal([0, '']);
      expect(out)
        .to.match(/^Usage: vipc /)
        .and.include('Examples:');
    }
    const { out } = await runIn(['compile', '--help']);
    expect(out).to.include('--service-cidr').and.include('Examples:').and.include('Exit codes:');
    expect((await runIn(['--version'])).out).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it('refuses URLs and says how to fetch them', async () => {
    const { code, err } = await runIn(['compile', '-f', 'https://example.com/a.yaml']);
    expect(code).to.equal(2);
    expect(err).to.equal(
      'error: "https://example.com/a.yaml" is a URL; vipc reads files and standard input only\n  hint: curl -fsSL https://example.com/a.yaml | vipc compile -f -\n',
    );
    const quoted = await runIn(['compile', '-f', 'https://example.com/a?b=1&c=2']);
    expect(quoted.err).to.include(
      "hint: curl -fsSL 'https://example.com/a?b=1&c=2' | vipc compile -f -\n",
    );
  });

  it("reports a missing path in kubectl's words", async () => {
    const { code, err } = await runIn(['compile', '-f', 'nope.yaml']);
    expect([code, err]).to.deep.equal([2, 'error: the path "nope.yaml" does not exist\n']);
  });

  it('exits quietly when standard output is closed', async () => {
    const { code, err } = await runIn(
      ['compile', '-f', '-', '--mode', 'iptables', '--node-name', 'a'],
      SERVICE.replace('type: Cluste, ', ''),
      { closed: true },
    );
    expect(code).to.equal(0);
    expect(err).to.not.include('error');
  });

  it('uses colour and a summary on a terminal only', async () => {
    const good = SERVICE.replace('type: Cluste, ', '');
    const person = await runIn(['compile', '-f', '-'], good, { interactive: true, colour: true });
    expect(person.err)
      .to.include('\u001b[36mnote:\u001b[39m ')
      .and.match(/1 Service, 0 endpoints -> \d+ rules\n$/);
    expect(person.out).to.not.include('\u001b');
    const script = await runIn(['compile', '-f', '-'], good);
    expect(script.err).to.not.include('\u001b').and.not.include('->');
  });

  it('reports an unexpected exception as a defect, with the stack only in debug mode', async () => {
    const said = async (debug: boolean): Promise<string> => {
      const terminal = new MemoryTerminal();
      terminal.readInput = () => Promise.reject(new TypeError('x is not a function'));
      expect(await run(['compile', '-f', '-'], terminal, { debug })).to.equal(2);
      return terminal.err;
    };
    expect(await said(false)).to.equal(
      'error: a defect in vipc: x is not a function\n  hint: run again with VIPC_DEBUG=1 for the stack, and please report it\n',
    );
    expect(await said(true)).to.include('\n    at ');
  });
});
