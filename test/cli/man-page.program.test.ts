/** The man page: it says what the help says, in roff that formatters read without a warning. */

import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { manPage } from '../../scripts/man-page.js';
import { ENVIRONMENT } from '../../src/cli/environment.js';
import { COMMAND_NAMES } from '../../src/cli/program.js';
import { EXIT_CODES } from '../../src/error-codes.js';
import { runIn } from '../support/process/run-in.js';
import { skipMissing } from '../support/skip-missing.js';
import { sourceFiles } from '../support/source-files.js';

/** Variables that no person sets for vipc, or that another one's text names. */
const OF_OTHERS = [
  ...['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'],
  ...['TMPDIR', 'PATH', 'VIPC_STDOUT'],
];

/** Text without the breaks of its lines, and what marks these in commands and comments. */
function flat(text: string): string {
  return text.replaceAll(' \\\n', ' ').replace(/^ *# /gm, '').replace(/\s+/g, ' ').trim();
}

function mandoc(words: readonly string[], page: string): string {
  const { stdout, error } = spawnSync('mandoc', words, { input: page, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return stdout;
}

/** The flags of a help with what they do, its examples and its texts, each without its breaks. */
function partsOf(help: string): readonly string[] {
  const [about = ''] = help.split('\nExit codes:');
  const parts = about.split(
    /^(?:Usage|Arguments|Options|Cluster options|Examples|Commands):.*$|\n{2,}|\n(?= {2}[-\w])/m,
  );
  return parts.map(flat).filter((part) => part !== '' && !part.startsWith('vipc [options]'));
}

describe('man page', () => {
  let page = '';
  before(async () => {
    page = await manPage('0.1.0');
  });

  describe('in mandoc', () => {
    before(function () {
      const { error } = spawnSync('mandoc', ['-Tlint'], { input: '' });
      if (error !== undefined) skipMissing(this, 'the check of the page needs mandoc');
    });

    it('has no fault', () => {
      const faults = mandoc(['-T', 'lint', '-W', 'warning'], page).split('\n');
      // A page that is made by a build has no date, or it would differ from one to the next.
      expect(faults.filter((line) => !line.includes('missing date'))).to.deep.equal(['']);
    });

    it('says what the help of every command says', async () => {
      const shown = flat(mandoc(['-T', 'ascii', '-O', 'width=500'], page).replace(/.[\b]/g, ''));
      for (const name of COMMAND_NAMES) {
        const { out } = await runIn([name, '--help']);
        const parts = partsOf(out);
        expect(parts.length, name).to.be.greaterThan(4);
        for (const part of parts) expect(shown, name).to.include(part);
      }
      for (const meaning of [...Object.values(EXIT_CODES), ...Object.values(ENVIRONMENT)])
        expect(shown).to.include(meaning.replaceAll('`', '"'));
    });
  });

  it('has macros of man(7) alone, and text that roff does not read as more', () => {
    const macros = new Set([...page.matchAll(/^\.(\S+)/gm)].map(([, name]) => name));
    expect([...macros]).to.have.members([
      '\\"',
      'TH',
      'SH',
      'SS',
      'PP',
      'TP',
      'B',
      'I',
      'RI',
      'BR',
      'RS',
      'RE',
      'nf',
      'fi',
    ]);
    expect(page).to.match(/^[\n\x20-\x7e]*$/);
    expect(
      [...page.matchAll(/\\(.{1,3})/g)].filter(([, next = '']) => !/^(?:[-e&"]|\(dq)/.test(next)),
    ).to.deep.equal([]);
    expect(page).to.not.match(/^'/m);
  });

  it('is read by groff without a warning', function () {
    const words = ['--warnings', '-l', '-'];
    const env = { ...process.env, LC_ALL: 'C', MAN_KEEP_STDERR: '1', MANWIDTH: '100' };
    if (spawnSync('man', ['--version']).status !== 0) this.skip();
    const { stderr } = spawnSync('man', words, { input: page, env, encoding: 'utf8' });
    expect(stderr).to.equal('');
  });
});

describe('environment', () => {
  it('has the variables that the sources read', async () => {
    const texts = sourceFiles().filter(({ path }) => path !== 'cli/environment.ts');
    for (const name of Object.keys(ENVIRONMENT))
      expect(
        texts.some(({ code }) => new RegExp(`\\b${name}\\b`).test(code)),
        name,
      ).to.equal(true);
    const read = texts.flatMap(({ code }) =>
      [...code.matchAll(/\bvariable\('(\w+)'\)|\bprocess\.env\.(\w+)/g)].map(
        ([, one, other]) => one ?? other,
      ),
    );
    const others = new Set([...Object.keys(ENVIRONMENT), ...OF_OTHERS]);
    expect(read.length).to.be.greaterThan(8);
    expect(read.filter((name) => !others.has(name ?? ''))).to.deep.equal([]);
    const { out } = await runIn(['--help']);
    for (const [name, meaning] of Object.entries(ENVIRONMENT))
      expect(flat(out)).to.include(flat(`${name} ${meaning}`));
  });
});
