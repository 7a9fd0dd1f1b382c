/** Long results in a pager, where a person reads them: on a terminal that `script` makes. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { isLong, pagerCommand } from '../../src/host/pager.js';
import { PROGRAM } from '../support/process/program.js';

const run = promisify(execFile);
const LINT = 'lint -f fixtures/lint-example/shop.yaml';

/** What a terminal of so many rows shows after a command of a shell, in which `vipc` is a name. */
async function shown(
  rows: number,
  command: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const vipc = `vipc() { ${PROGRAM.map((word) => `'${word}'`).join(' ')} "$@"; }`;
  const line = `stty rows ${rows} cols 200; ${vipc}; ${command}; echo "code $?"`;
  const { PAGER: _pager, VIPC_PAGER: _own, LESS: _less, ...inherited } = process.env;
  const { stdout } = await run('script', ['-qec', line, '/dev/null'], {
    env: { ...inherited, NO_COLOR: '1', SHELL: '/bin/bash', ...environment },
  });
  return stdout.replaceAll('\r', '');
}

describe('cli/pager', () => {
  it('a long result goes through it, with the exit code of the command', async () => {
    const text = await shown(5, `vipc ${LINT}`, { VIPC_PAGER: 'sed s/^/paged:/', PAGER: 'false' });
    expect(text).to.match(/^paged:error: .*\n(?:paged:.*\n)+code 1\n$/);
  });

  it('less ends by itself, and is started to keep colours and to leave the screen', async () => {
    const text = await shown(5, `vipc ${LINT}`, { PAGER: 'echo "$LESS"' });
    expect(text).to.equal('FRX\ncode 1\n');
    const own = await shown(5, `vipc ${LINT}`, { PAGER: 'echo "$LESS"', LESS: '-S' });
    expect(own).to.equal('-S\ncode 1\n');
  });

  it('a result that fits does not, nor one that goes into a pipe', async () => {
    expect(await shown(50, `vipc ${LINT}`, { PAGER: 'sed s/^/paged:/' })).to.not.include('paged:');
    const piped = await shown(5, `vipc ${LINT} | cat`, { PAGER: 'sed s/^/paged:/' });
    expect(piped).to.include('error: ').and.to.not.include('paged:');
  });

  it('without a pager that can be run the result is there all the same', async () => {
    const text = await shown(5, `vipc ${LINT}`, { PAGER: 'no-such-pager' });
    expect(text).to.include('2 errors, 3 warnings');
  });

  it('one that ends early is no error', async () => {
    const text = await shown(5, `vipc compile -f fixtures/kubectl/get-all.yaml 2>/dev/null`, {
      PAGER: 'head -n 1',
    });
    expect(text).to.match(/^# IPv4: load with .*\ncode 0\n$/);
  });

  it('is chosen as git does it', () => {
    expect(pagerCommand({})).to.equal('less');
    expect(pagerCommand({ PAGER: 'more' })).to.equal('more');
    expect(pagerCommand({ PAGER: 'more', VIPC_PAGER: 'most -s' })).to.equal('most -s');
    expect(pagerCommand({ PAGER: 'cat' })).to.equal('');
    expect(pagerCommand({ PAGER: 'more', VIPC_PAGER: '' })).to.equal('');
  });

  it('lines that are folded need as many rows', () => {
    expect(isLong('a\nb\nc\n', 4, 10)).to.equal(false);
    expect(isLong('a\nb\nc\nd\n', 4, 10)).to.equal(true);
    expect(isLong(`${'x'.repeat(31)}\n`, 4, 10)).to.equal(true);
    expect(isLong('', 4, 10)).to.equal(false);
  });
});
