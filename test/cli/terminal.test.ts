/** When text is coloured, and what is escaped before it reaches a terminal. */

import { expect } from 'chai';
import { colourChoice, isColoured } from '../../src/cli/terminal.js';
import { readBounded } from '../../src/host/input-files.js';
import { printable } from '../../src/printable.js';
import { runIn } from '../support/process/run-in.js';

describe('cli/terminal', () => {
  const RULES: readonly [string, boolean, Readonly<Record<string, string>>, boolean][] = [
    ['auto', true, {}, true],
    ['auto', false, {}, false],
    ['auto', true, { NO_COLOR: '' }, true],
    ['auto', true, { NO_COLOR: '1' }, false],
    ['auto', true, { TERM: 'dumb' }, false],
    ['always', false, { NO_COLOR: '1' }, true],
    ['never', true, {}, false],
  ];
  for (const [choice, isTerminal, environment, coloured] of RULES)
    it(`--color ${choice}, ${isTerminal ? 'a' : 'no'} terminal, ${JSON.stringify(environment)}`, () => {
      expect(isColoured(choice, isTerminal, environment)).to.equal(coloured);
    });

  it('reads --color wherever it stands; the last one counts', () => {
    expect(colourChoice(['diff', '-f', 'x'])).to.equal('auto');
    expect(colourChoice(['diff', '--color=always', '-f', 'x'])).to.equal('always');
    expect(colourChoice(['diff', '--color', 'always', '--color', 'never'])).to.equal('never');
  });

  it('refuses another word', async () => {
    const ran = await runIn(['diff', '--color', 'red']);
    expect(ran.code).to.equal(64);
    expect(ran.err).to.include('must be one of auto, always, never');
  });

  it('escapes control characters in errors and hints', async () => {
    expect(printable('a\u001b[31m\u202eb')).to.equal('a\\u001b[31m\\u202eb');
    const ran = await runIn(['compile', '--\u001b[31mx']);
    expect(ran.err).to.not.include('\u001b');
  });

  it('reads no more than 256 MB', async () => {
    const chunk = Buffer.alloc(64 * 1024 * 1024);
    let read = 0;
    const zeros = async function* (): AsyncGenerator<Buffer> {
      for (;;) {
        read += 1;
        yield chunk;
      }
    };
    const error = await readBounded(zeros(), 'zeros').catch((thrown: unknown) => String(thrown));
    expect(error).to.include('zeros is larger than 256 MB');
    expect(read).to.equal(5);
  });
});
