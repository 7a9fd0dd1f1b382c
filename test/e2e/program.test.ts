import { spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { PROGRAM } from '../support/process/program.js';

const [NODE = '', ...MAIN] = PROGRAM;
const SERVICE =
  'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterIP: 10.0.0.5, ports: [{port: 80}]}\n';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The real program in a process of its own; `stdout` may be a file instead of a pipe. */
function vipc(
  words: readonly string[],
  input: string,
  stdout: 'pipe' | number = 'pipe',
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(NODE, [...MAIN, ...words], {
      stdio: ['pipe', stdout, 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout?.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin?.end(input);
  });
}

/** The program in a shell pipeline; prints its exit code as last line of standard error. */
function pipeline(words: string, into: string, input: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const script = `{ "$0" "$@" ${words}; echo "code $?" >&2; } | ${into}`;
    const child = spawn('sh', ['-c', script, NODE, ...MAIN]);
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

describe('cli/main', () => {
  it('reads standard input, prints the rules and ends with 0', async () => {
    const { code, out } = await vipc(['compile', '-f', '-', '--family', 'ipv4'], SERVICE);
    expect(code).to.equal(0);
    expect(out)
      .to.match(/^\*mangle\n/)
      .and.include('-d 10.0.0.5/32')
      .and.match(/\nCOMMIT\n$/);
  });

  it('ends with the code of what went wrong', async () => {
    const { code, out, err } = await vipc(['compile', '-f', 'nope.yaml'], '');
    expect({ code, out, err }).to.deep.equal({
      code: 2,
      out: '',
      err: 'error: the path "nope.yaml" does not exist\n',
    });
  });

  it('ends quietly before a reader that closes early', async () => {
    // More than a pipe holds, so that the program is still writing when the reader goes.
    const many = Array.from({ length: 2000 }, (_, i) =>
      SERVICE.replace('name: a', `name: a${i}`).replace('10.0.0.5', `10.0.${i >> 8}.${i & 255}`),
    );
    const { out, err } = await pipeline(
      'compile -f - --mode iptables --node-name a --family ipv4',
      'head -n 1',
      many.join('---\n'),
    );
    expect(out).to.equal('*mangle\n');
    const isNote = (line: string): boolean =>
      /^note: |^… and \d+ more notes|^ {2}hint: |^$/.test(line);
    expect(err.split('\n').filter((line) => !isNote(line))).to.deep.equal(['code 0']);
  });

  it('distinguishes a full disk from a closed pipe', async function () {
    if (process.platform !== 'linux') this.skip();
    const { code, err } = await vipc(
      ['compile', '-f', '-', '--family', 'ipv4'],
      SERVICE,
      openSync('/dev/full', 'w'),
    );
    expect(code).to.equal(2);
    expect(err)
      .to.match(/error: standard output cannot be written: ENOSPC/)
      .and.not.include('    at ');
  });

  /** The program, started by a shell with this redirection. */
  async function redirected(
    program: readonly string[],
    words: readonly string[],
    redirection: string,
    env: NodeJS.ProcessEnv = {},
  ): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn('sh', ['-c', `"$0" "$@" ${redirection}`, ...program, ...words], {
        env: { ...process.env, ...env },
      });
      let err = '';
      child.stderr.on('data', (chunk) => {
        err += chunk;
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, out: '', err }));
      child.stdin.on('error', () => {});
      child.stdin.end(SERVICE);
    });
  }

  it('says that standard output is closed', async function () {
    if (process.platform !== 'linux') this.skip();
    const compile = ['compile', '-f', '-', '--mode', 'iptables', '--family', 'ipv4'];
    for (const words of [
      compile,
      [...compile, '-o', 'json'],
      ['--version'],
      ['--help'],
      ['compile', '--help'],
      ['help', 'diff'],
      ['host'],
    ]) {
      const { code, err } = await redirected(PROGRAM, words, '>&-', { VIPC_STDOUT: 'closed' });
      expect([code, err.split('\n').at(-2)], words.join(' ')).to.deep.equal([
        2,
        'error: standard output is closed',
      ]);
    }
    const discarded = await redirected(PROGRAM, compile, '1<>/dev/null');
    expect(discarded.code).to.equal(0);
    const written = await redirected(PROGRAM, ['compile', '--help'], '>/dev/full');
    expect(written.code).to.equal(2);
    expect(written.err).to.match(/^error: standard output cannot be written: ENOSPC/);
  });

  it('distinguishes a closed standard output from /dev/null when it is started as a command', async function () {
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    if (process.platform !== 'linux' || process.env.VIPC_BUILT !== '1' || !existsSync(main))
      this.skip();
    const command = [fileURLToPath(new URL('../../bin/vipc.cjs', import.meta.url))];
    for (const words of [['--version'], ['compile', '--help']]) {
      const closed = await redirected(command, words, '>&-');
      expect(closed).to.include({ code: 2, err: 'error: standard output is closed\n' });
      // As Node and Python open it for a program whose output nobody wants.
      expect(await redirected(command, words, '1<>/dev/null')).to.include({ code: 0, err: '' });
    }
  });
});
