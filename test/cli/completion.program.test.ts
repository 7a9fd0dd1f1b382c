/** What shells complete, asked in the shells themselves. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { COMMAND_NAMES } from '../../src/cli/program.js';
import { runIn } from '../support/process/run-in.js';
import { skipMissing } from '../support/skip-missing.js';

type Shell = 'bash' | 'zsh' | 'fish';

async function scriptFor(shell: Shell): Promise<string> {
  const { code, out, err } = await runIn(['completion', shell]);
  expect([code, err]).to.deep.equal([0, '']);
  return out;
}

/**
 * Presses Tab behind each line of standard input, in a zsh that has a terminal. What would be added
 * goes to $ANSWERS, and a line `=` behind each answer and before the first.
 */
const ASK_ZSH = `
zmodload zsh/zpty zsh/zselect
zpty -b z zsh -f -i
zpty -w z 'fpath=($FOLDER $fpath); autoload -U compinit; compinit -D -u
compadd() {
  local -a hits; builtin compadd "$@"; local added=$?
  [[ $@[1,(i)--] == *-[OAD]\\ * ]] || { builtin compadd -O hits "$@"; (( $#hits )) && print -rl -- $hits >> $ANSWERS }
  return $added
}
asked() { _main_complete; compstate[insert]=; compstate[list]=; print -r -- "=" >> $ANSWERS }
zle -C asked complete-word asked; bindkey "^I" asked; print -r -- "=" >> $ANSWERS'
answered() {
  until [[ -e $ANSWERS && $(grep -c "^=$" $ANSWERS) == $1 ]]; do zpty -r -t z line; zselect -t 2; done
}
answered 1
n=1
while IFS= read -r line; do
  zpty -w -n z $'\\C-u'"$line"$'\\t'
  answered $((++n))
done
zpty -d z
`;

/** Ends the test where the machine lacks the shell; CI has all of them. */
function needShell(test: Mocha.Context, shell: Shell): void {
  const { status } = spawnSync(shell, ['--version']);
  if (status !== 0) skipMissing(test, `completion needs ${shell}`);
}

/** The flags that a help names first in a line. */
function flagsOf(help: string): readonly string[] {
  return [...help.matchAll(/^ {2}(-[^ ,]*)(?:, (--[^ ]+))?/gm)].flatMap(([, short, long]) =>
    [short, long].filter((one) => one !== undefined),
  );
}

describe('cli/completion', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-completion-'));
    mkdirSync(join(folder, 'manifests'));
    writeFileSync(join(folder, 'shop web.yaml'), '');
    writeFileSync(join(folder, 'shop.json'), '');
  });
  after(() => rmSync(folder, { recursive: true }));

  /** What bash proposes for the last of these words, for each list of words. */
  async function inBash(...lines: readonly (readonly string[])[]): Promise<readonly string[][]> {
    const asked = lines.map(
      (words) =>
        `COMP_WORDS=(${['vipc', ...words].map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _vipc; printf '%s\\n' "\${COMPREPLY[@]}" =====`,
    );
    const script = `set -u; ${await scriptFor('bash')}\n${asked.join('\n')}`;
    const text = execFileSync('bash', ['--norc', '-c', script], { cwd: folder, encoding: 'utf8' });
    return text
      .split('=====\n')
      .slice(0, -1)
      .map((one) => one.split('\n').filter((line) => line !== ''));
  }

  it('knows every command and flag of the help in bash', async () => {
    const helps = await Promise.all(COMMAND_NAMES.map((name) => runIn([name, '--help'])));
    const [commands = [], ...flags] = await inBash(
      [''],
      ...COMMAND_NAMES.map((name) => [name, '-']),
    );
    expect(commands).to.have.members([...COMMAND_NAMES, 'help', '--version', '-h', '--help']);
    for (const [i, { out }] of helps.entries())
      expect(flags[i], COMMAND_NAMES[i]).to.have.members(flagsOf(out));
  });

  const cases: readonly (readonly [words: string, ...proposed: string[]])[] = [
    ['comp', 'compile', 'completion'],
    ['help ver', 'verify', 'version'],
    ['compile --mode ', 'iptables', 'nftables'],
    ['compile --mode = n', 'nftables'],
    ['compile --mode =', 'iptables', 'nftables'],
    ['agent --proxy-mode i', 'iptables'],
    ['agent --masquerade-all = ', 'true', 'false'],
    ['apply --dry-run = s', 'server'],
    ['lint --fail-on w', 'warning'],
    ['completion ', 'bash', 'zsh', 'fish'],
    ['compile --node-name '],
    ['compile --profile 1.3', ...Array.from({ length: 9 }, (_, i) => `1.3${i}`)],
    // The first command is the command, whatever words come behind it.
    ['agent --drift report --proxy-m', '--proxy-mode'],
    ['compile -f shop', 'shop.json', 'shop web.yaml'],
    ['compile --filename = shop.', 'shop.json'],
    ['compile --out ', 'manifests'],
    ['apply sh', 'shop.json', 'shop web.yaml'],
  ];
  it('completes commands, values and names of files in bash', async () => {
    const found = await inBash(...cases.map(([words]) => words.split(' ')));
    for (const [i, [words, ...proposed]] of cases.entries())
      expect(found[i], words).to.have.members(proposed);
  });

  it('completes the same in fish', async function () {
    needShell(this, 'fish');
    const file = join(folder, 'vipc.fish');
    writeFileSync(file, await scriptFor('fish'));
    const asked = cases.map(
      ([words]) => `complete -C 'vipc ${words.replace(/ = ?/, '=')}'; echo =====`,
    );
    const text = execFileSync(
      'fish',
      ['--no-config', '-c', `source ${file}; ${asked.join('; ')}`],
      {
        cwd: folder,
        env: { ...process.env, HOME: folder },
        encoding: 'utf8',
      },
    );
    const found = text.split('=====\n').map((one) =>
      one
        .split('\n')
        .filter((line) => line !== '')
        .map((line) =>
          line
            .replace(/\t.*/, '')
            .replace(/^--[a-z-]+=/, '')
            .replaceAll('\\ ', ' '),
        ),
    );
    for (const [i, [words, ...proposed]] of cases.entries())
      if (proposed.length > 0)
        expect(
          found[i]?.map((one) => one.replace(/\/$/, '')),
          words,
        ).to.include.members(proposed);
  });

  it('is loaded by zsh with source', async function () {
    needShell(this, 'zsh');
    const file = join(folder, '_vipc');
    writeFileSync(file, await scriptFor('zsh'));
    execFileSync('zsh', ['-f', '-n', file]);
    const script = `autoload -U compinit; compinit -D -u; source ${file}; print $_comps[vipc]`;
    const text = execFileSync('zsh', ['-f', '-c', script], { encoding: 'utf8' });
    expect(text).to.equal('_vipc\n');
  });

  it('completes the same in zsh', async function () {
    needShell(this, 'zsh');
    writeFileSync(join(folder, '_vipc'), await scriptFor('zsh'));
    // A zsh has one argument where bash has three words: before, at and behind the sign.
    const asked = cases.map(([words]) => `vipc ${words.replace(/ = ?/, '=')}`);
    const answers = join(folder, 'answers');
    execFileSync('zsh', ['-f', '-c', ASK_ZSH], {
      cwd: folder,
      env: { ...process.env, FOLDER: folder, ANSWERS: answers, TERM: 'dumb' },
      input: asked.map((line) => `${line}\n`).join(''),
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const found = readFileSync(answers, 'utf8')
      .split(/^=\n/m)
      .slice(1, -1)
      .map((one) => one.split('\n').map((line) => line.replaceAll('\\ ', ' ')));
    for (const [i, [words, ...proposed]] of cases.entries())
      expect(new Set(found[i]?.filter((line) => line !== '')), words).to.deep.equal(
        new Set(proposed),
      );
  });

  it('names the shells where it knows none of that name: 64', async () => {
    const { code, err } = await runIn(['completion', 'tcsh']);
    expect(code).to.equal(64);
    expect(err).to.equal(
      `error: no completion for "tcsh"\n  hint: the shells are bash, zsh, fish\nSee 'vipc completion --help' for usage.\n`,
    );
  });
});
