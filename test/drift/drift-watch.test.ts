/**
 * What a check says when the tools do not tell all: that it could not look, and never that
 * everything is gone.
 */

import { expect } from 'chai';
import type { Loaded } from '../../src/apply/applier.js';
import { BACKENDS } from '../../src/backends/index.js';
import { parseDump } from '../../src/backends/iptables/syntax/parse.js';
import { DriftWatch } from '../../src/drift/drift-watch.js';
import type { DriftReport } from '../../src/drift/types.js';
import { ParseError, PermissionError, TimeoutError, ToolError } from '../../src/errors.js';
import type { Command, CommandResult } from '../../src/host/host.js';
import { print, type Ruleset } from '../../src/index.js';
import { findingTexts } from '../support/cases/drift-case.js';
import { service, slice, smallCluster, WEB } from '../support/cluster/small-cluster.js';
import { MemoryHost } from '../support/kernels/memory-host.js';

const RULESET = smallCluster(Array.from({ length: 12 }, (_, i) => `10.0.0.${i + 1}:8080`));
const FULL = print(RULESET);
const TOOLS = { save: 'iptables-nft-save', restore: 'iptables-nft-restore', version: '1.8.9' };

function exited(stdout: string, code = 0, stderr = ''): CommandResult {
  return { kind: 'exited', code, stdout, stderr };
}

/** The programs of a machine whose kernel holds these rules. */
function iptables(text: string): (command: Command) => CommandResult {
  const { tables } = parseDump(text);
  return ({ command, args, input = '' }) => {
    if (command.endsWith('-save')) {
      const chains = [...(tables.get(args[1] ?? '') ?? [])];
      const declared = chains.map(([name, { policy }]) => `:${name} ${policy || 'ACCEPT'} [0:0]`);
      const rules = chains.flatMap(([, chain]) => chain.rules);
      return exited([`*${args[1]}`, ...declared, ...rules, 'COMMIT', ''].join('\n'));
    }
    const listed = [...input.matchAll(/^\*(\S+)\n((?:-S .*\n)*)/gm)].flatMap(
      ([, table = '', lines = '']) =>
        [...lines.matchAll(/^-S (\S+)$/gm)].map(([, name = '']) => ({ table, name })),
    );
    const missing = listed.find(({ table, name }) => !isThere(name, tables.get(table)));
    // As 1.8.9 says it.
    if (missing !== undefined)
      return exited(
        '',
        1,
        `chain \`${missing.name}' in table \`${missing.table}' is incompatible, use 'nft' tool.`,
      );
    return exited(
      listed
        .flatMap(({ table, name }) => [
          BUILT_IN.test(name) ? `-P ${name} ACCEPT` : `-N ${name}`,
          ...(tables.get(table)?.get(name)?.rules ?? []),
        ])
        .map((line) => `${line}\n`)
        .join(''),
    );
  };
}

const BUILT_IN = /^[A-Z]+$/;

function isThere(name: string, chains: ReadonlyMap<string, unknown> | undefined): boolean {
  return BUILT_IN.test(name) || chains?.has(name) === true;
}

interface Watched {
  readonly watch: DriftWatch;
  readonly host: MemoryHost;
  /** Makes it look as if something was loaded. */
  readonly load: (ruleset: Ruleset) => void;
  /** How often somebody else had to wait. */
  readonly waits: () => number;
}

function watched(
  answer: (command: Command) => CommandResult,
  {
    backend = 'iptables',
    variant = 'nf_tables',
    mark,
  }: Partial<Record<'backend' | 'variant', string>> & {
    readonly mark?: () => string | undefined;
  } = {},
): Watched {
  const host = new MemoryHost({
    answer,
    files: { '/proc/net/ip_tables_names': 'nat\nfilter\nmangle\n' },
  });
  const nft = backend === 'nftables';
  const tools = {
    family: 'IPv4' as const,
    ...(nft ? { save: 'nft', restore: 'nft', version: '1.0.6' } : TOOLS),
    variant: variant === 'legacy' ? ('legacy' as const) : ('nf_tables' as const),
  };
  let loaded: Loaded = { tools, ruleset: RULESET };
  let waits = 0;
  const watch = new DriftWatch({
    host,
    family: 'IPv4',
    backend: BACKENDS[nft ? 'nftables' : 'iptables'],
    repair: false,
    ...(mark === undefined ? {} : { mark: async () => mark() }),
    applier: {
      get loaded() {
        return loaded;
      },
      inspect: (look) => {
        waits++;
        return look(loaded);
      },
    },
  });
  const load = (ruleset: Ruleset): void => {
    loaded = { tools, ruleset };
  };
  return { watch, host, load, waits: () => waits };
}

async function errorOf(work: Promise<DriftReport | undefined>): Promise<unknown> {
  return work.then(
    (report) => expect.fail(`found ${JSON.stringify(report)}`),
    (error: unknown) => error,
  );
}

/** Answers in place of the real ones, where the command is the one meant. */
function instead(
  verb: string,
  result: (real: CommandResult) => CommandResult,
  text = FULL,
): (command: Command) => CommandResult {
  const real = iptables(text);
  return (command) => (command.command.endsWith(verb) ? result(real(command)) : real(command));
}

function cut(result: CommandResult, keep: (stdout: string) => string): CommandResult {
  return result.kind === 'exited' ? { ...result, stdout: keep(result.stdout) } : result;
}

const TIMEOUT: CommandResult = {
  kind: 'killed',
  by: 'timeout',
  signal: 'SIGTERM',
  stdout: '',
  stderr: '',
};
const MISSING: CommandResult = { kind: 'missing', reason: 'ENOENT' };

describe('drift/drift-watch', () => {
  it('finds nothing where all is as it was loaded, and only once reads what it has read', async () => {
    const { watch, host } = watched(iptables(FULL));
    for (const report of [
      await watch.quick(),
      await watch.chains(),
      await watch.full(),
      await watch.quick(),
    ])
      expect(report).to.deep.include({ family: 'IPv4', findings: [], count: 0, repair: false });
    expect(
      host.ran.every(
        ({ command, args }) => command.endsWith('-save') || args.includes('--noflush'),
      ),
    ).to.equal(true);
    expect(host.ran.flatMap(({ input = '' }) => input.match(/^-[^S].*/gm) ?? [])).to.deep.equal([]);
  });

  it('finds a chain missing only in a whole table', async () => {
    const without = FULL.replace(/^(?:-A|:)KUBE-FORWARD.*\n/gm, '')
      .replace(/^-A KUBE-FORWARD .*\n/gm, '')
      .replace(/^.*-j KUBE-FORWARD\n/gm, '');
    const { watch, host } = watched(iptables(without));
    const found = findingTexts(await watch.quick());
    expect(found).to.include('chain | filter/KUBE-FORWARD | every node | ');
    expect(host.ran.map(({ command, args }) => `${command} ${args.join(' ')}`)).to.include(
      'iptables-nft-save -t filter',
    );
  });

  it('names the Service of a rule that is missing from the list of all', async () => {
    const line = FULL.split('\n').find(
      (text) => text.startsWith('-A KUBE-SERVICES ') && text.includes('/db:'),
    )!;
    const { watch } = watched(iptables(FULL.replace(`${line}\n`, '')));
    expect(findingTexts(await watch.quick())).to.deep.equal([
      `rule | nat/KUBE-SERVICES | default/db:http TCP | - ${line}`,
    ]);
  });

  it('takes what other versions of the tools print otherwise for the same', async () => {
    const older = (real: CommandResult): CommandResult =>
      cut(real, (text) => text.replace(/ -p tcp /g, ' -p 6 ').replace(/(-j RETURN)$/gm, '$1 '));
    const real = iptables(FULL);
    const { watch } = watched((command) => older(real(command)));
    for (const report of [await watch.quick(), await watch.chains(), await watch.full()])
      expect(findingTexts(report)).to.deep.equal([]);
  });

  it('reads all tables in one run, or each alone where a comment looks like a chain', async () => {
    const runs = async (text: string): Promise<number> => {
      const { watch, host } = watched(iptables(text));
      expect(findingTexts(await watch.quick())).to.deep.equal([]);
      return host.ran.length;
    };
    expect(await runs(FULL)).to.equal(1);
    const line = '-A OUTPUT -m comment --comment "a\n-N KUBE-SERVICES" -j ACCEPT\n';
    // The run for all, then one for each of the three tables.
    expect(await runs(FULL.replace('*nat\n', `*nat\n${line}`))).to.equal(4);
  });

  it('does not read a kernel again that has not changed, as long as the same rules are loaded', async () => {
    let mark: string | undefined = 'a';
    const { watch, host, load } = watched(iptables(FULL), { mark: () => mark });
    const runs = async (): Promise<number> => {
      const before = host.ran.length;
      for (const report of [await watch.quick(), await watch.chains(), await watch.full()])
        expect(report).to.deep.include({ findings: [], count: 0 });
      return host.ran.length - before;
    };
    const all = await runs();
    expect(all).to.be.greaterThan(2);
    expect(await runs()).to.equal(0);
    mark = 'b';
    expect(await runs()).to.equal(all);
    load({ ...RULESET });
    expect(await runs()).to.be.greaterThan(2);
    mark = undefined;
    expect(await runs()).to.be.greaterThan(2);
    mark = 'b';
    expect(await runs()).to.equal(0);
  });

  it('reads again after findings, and after a change while it read', async () => {
    let mark = 'a';
    const damaged = FULL.replace(/^-A KUBE-SERVICES .*\n/m, '');
    const found = watched(iptables(damaged), { mark: () => mark });
    expect((await found.watch.quick())?.count).to.equal(1);
    expect((await found.watch.quick())?.count).to.equal(1);
    let text = FULL;
    const changing = watched(
      (command) => {
        const answer = iptables(text)(command);
        // Behind the back of the check that is running.
        mark = 'b';
        text = damaged;
        return answer;
      },
      { mark: () => mark },
    );
    expect((await changing.watch.quick())?.count).to.equal(0);
    expect((await changing.watch.quick())?.count).to.equal(1);
  });

  it('relies on no report of changes with the legacy programs', async () => {
    const options = { variant: 'legacy', mark: (): string => 'a' };
    const { watch, host } = watched(iptables(FULL), options);
    await watch.quick();
    const before = host.ran.length;
    await watch.quick();
    expect(host.ran.length).to.be.greaterThan(before);
  });

  it('is not misled by comments', async () => {
    const [chain = ''] = /KUBE-SVC-\w+/.exec(FULL) ?? [];
    const lines = [
      ':MINE - [0:0]',
      `-A MINE -m comment --comment "a\n-A ${chain} -j DROP\n:KUBE-SEP-X - [0:0]\nCOMMIT\n" -j ACCEPT`,
    ];
    const text = FULL.replace('*nat\n', `*nat\n${lines.join('\n')}\n`);
    const { watch } = watched(iptables(text));
    for (const report of [await watch.quick(), await watch.full()])
      expect(findingTexts(report)).to.deep.equal([]);
  });

  it('counts all findings and names some of them where every rule is missing', async () => {
    const rules = /^-A .*\n/gm;
    const { watch } = watched(iptables(FULL.replace(rules, '')));
    const quick = await watch.quick();
    const full = await watch.full();
    const gone = FULL.match(rules)?.length;
    expect(full?.count).to.equal(gone);
    expect(full?.findings).to.have.length(48);
    expect(quick?.count).to.equal(quick?.findings.length);
    expect(findingTexts(full)).to.include.members(findingTexts(quick));
  });

  for (const [what, answer, check, error] of [
    ['a missing program', instead('-restore', () => MISSING), 'quick', ToolError],
    ['a listing that takes too long', instead('-restore', () => TIMEOUT), 'quick', TimeoutError],
    [
      'a listing cut within a line',
      instead('-restore', (real) => cut(real, (text) => text.slice(0, -3))),
      'quick',
      ParseError,
    ],
    [
      'a listing cut behind a line',
      instead('-restore', (real) => cut(real, (text) => text.replace(/.*\n$/, ''))),
      'quick',
      ParseError,
    ],
    ['an empty listing', instead('-restore', (real) => cut(real, () => '')), 'quick', ParseError],
    [
      'chains in turn of which the last is not listed',
      instead('-restore', (real) =>
        cut(real, (text) => text.replace(/-N [^\n]*\n(?:-A [^\n]*\n)*$/, '')),
      ),
      'chains',
      ParseError,
    ],
    ['a missing program for all rules', instead('-save', () => MISSING), 'full', ToolError],
    [
      'all rules without the end',
      instead('-save', (real) => cut(real, (text) => text.replace('COMMIT\n', ''))),
      'full',
      ParseError,
    ],
    [
      'no rules at all, from a program that ended well',
      instead('-save', (real) => cut(real, () => '')),
      'full',
      ParseError,
    ],
    [
      'all rules but those that nft wrote',
      instead('-save', (real) =>
        cut(real, () => "# Table `nat' is incompatible, use 'nft' tool.\n"),
      ),
      'full',
      ParseError,
    ],
    [
      'all rules from a program that failed later',
      instead('-save', (real) => ({ ...real, code: 3 })),
      'full',
      ToolError,
    ],
  ] as const)
    it(`could not look: ${what}`, async () => {
      expect(await errorOf(watched(answer).watch[check]())).to.be.instanceOf(error);
    });

  it('could not look: a listing that fails, and then the whole table does', async () => {
    const answer = (): CommandResult => exited('', 1, 'iptables-nft: no');
    expect(await errorOf(watched(answer).watch.quick())).to.be.instanceOf(ToolError);
    const denied = (): CommandResult =>
      exited('', 4, 'Could not fetch rule set generation id: Permission denied (you must be root)');
    expect(await errorOf(watched(denied).watch.quick())).to.be.instanceOf(PermissionError);
  });

  it('lists only existing tables with the legacy programs, and checks no chains in turn there', async () => {
    const { watch, host } = watched(iptables(FULL), { variant: 'legacy' });
    host.files.set('/proc/net/ip_tables_names', 'nat\nfilter\n');
    expect(findingTexts(await watch.quick())).to.deep.equal(['table | mangle/ | every node | ']);
    expect(host.ran.some(({ input = '' }) => input.startsWith('*mangle'))).to.equal(false);
    expect(await watch.chains()).to.equal(undefined);
  });

  for (const [what, answer, error] of [
    ['nft is missing', () => MISSING, ToolError],
    ['nft takes too long', () => TIMEOUT, TimeoutError],
    ['nft crashed', () => exited('', 139), ToolError],
    ['nft said nothing', () => exited(''), ParseError],
    [
      'its listing is cut off',
      () => exited('{"nftables": [{"metainfo": {}}, {"chain": {"family": "ip"'),
      ParseError,
    ],
    ['its listing ends too early', () => exited('{"nftables": [{"metainfo": {}}'), ParseError],
  ] as const)
    it(`could not look: ${what}`, async () => {
      const { watch } = watched(answer, { backend: 'nftables' });
      expect(await errorOf(watch.quick())).to.be.instanceOf(error);
      expect(await errorOf(watch.full())).to.be.instanceOf(error);
    });

  /** A check during which a Service is loaded; the kernel then holds what `made` makes of it. */
  async function loadedMeanwhile(
    made: (text: string) => string,
  ): Promise<{ readonly found: readonly string[]; readonly waits: number }> {
    const next = smallCluster(WEB, [service('late', '10.96.0.9'), slice('late', ['10.0.9.1'])]);
    const kernel = iptables(made(print(next)));
    const node = watched((command) => {
      node.load(next);
      return kernel(command);
    });
    return { found: findingTexts(await node.watch.quick()), waits: node.waits() };
  }

  it('leaves what is loaded during a check to the next one, and no load waits for it', async () => {
    const before = () => FULL;
    for (const made of [(text: string) => text, before])
      expect(await loadedMeanwhile(made)).to.deep.equal({ found: [], waits: 0 });
  });

  it('looks again while loads are held where more differs than they changed', async () => {
    const meddled = (text: string): string =>
      text.replace(/^-A KUBE-SERVICES .*default\/db.*\n/m, '');
    const { found, waits } = await loadedMeanwhile(meddled);
    expect(found).to.have.length(1);
    expect(found[0]).to.include('default/db:http');
    expect(waits).to.equal(1);
  });

  it('finds nothing where nothing is loaded', async () => {
    const watch = new DriftWatch({
      host: new MemoryHost(),
      family: 'IPv4',
      backend: BACKENDS.iptables,
      repair: true,
      applier: { loaded: undefined, inspect: (look) => look(undefined) },
    });
    expect([await watch.quick(), await watch.chains(), await watch.full()]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
