/** What every help looks like in a terminal of 80 columns. */

import { expect } from 'chai';
import { wrapHelp } from '../../src/cli/help.js';
import { COMMAND_NAMES } from '../../src/cli/program.js';
import { exitCodesOf } from '../../src/error-codes.js';
import { runIn } from '../support/process/run-in.js';

describe('cli/help', () => {
  for (const words of [['--help'], ...COMMAND_NAMES.map((name) => [name, '--help'])])
    it(`vipc ${words.join(' ')} fits, with one line between its sections`, async () => {
      const { out } = await runIn(words);
      expect(out.split('\n').filter((line) => line.length > 80)).to.deep.equal([]);
      expect(out).to.not.match(/\n{3}/);
      expect(out).to.match(/\S\n$/);
    });

  it('goes on below the meaning of a name, and behind a backslash before a pipe or a flag', () => {
    const command = '  kubectl get services -A -o yaml | vipc compile -f - --node-name worker-1';
    expect(wrapHelp(`${command}\n\n`, 50)).to.equal(
      '  kubectl get services -A -o yaml \\\n      | vipc compile -f - --node-name worker-1\n',
    );
    expect(wrapHelp('  vipc trace --rules rules --to 10.96.0.10:443', 44)).to.equal(
      '  vipc trace --rules rules \\\n      --to 10.96.0.10:443\n',
    );
    expect(wrapHelp('  # What becomes of it', 16)).to.equal('  # What becomes\n  # of it\n');
  });

  it('says what exit codes mean with this command alone', () => {
    expect(exitCodesOf('diff')[0]).to.equal('done; no differences');
    expect(exitCodesOf('hosts')[0]).to.equal('done');
    expect(exitCodesOf('verify')[1]).to.equal('refuted');
  });
});
