/** Which command knows which mode. */

import { expect } from 'chai';
import { BACKENDS, COMPILERS } from '../../src/backends/backend.js';
import { runIn } from '../support/memory-terminal.js';

const SNAPSHOT = 'fixtures/golden/dual-stack/snapshot.yaml';
const DUMP = 'fixtures/dumps/iptables-1.8.9/nft.268-kitchen-sink.v4.save';

describe('cli/modes', () => {
  for (const mode of Object.keys(COMPILERS)) {
    it(`compile knows ${mode}`, async () => {
      const { code: exitCode, out: stdout } = await runIn([
        'compile',
        '-f',
        SNAPSHOT,
        '--mode',
        mode,
      ]);
      expect(exitCode).to.equal(0);
      expect(stdout).to.include('10.96.0.');
    });

    const known = mode in BACKENDS;
    it(`diff ${known ? 'knows' : 'says that it does not know'} ${mode}`, async () => {
      const words = ['diff', '-f', SNAPSHOT, '--mode', mode, '--against', DUMP, '--family', 'ipv4'];
      const { code: exitCode, err: stderr } = await runIn(words);
      if (known) expect(exitCode).to.be.oneOf([0, 1]);
      else {
        expect(exitCode, stderr).to.equal(69);
        expect(stderr).to.include(`mode ${mode} cannot be compared in this version of vipc`);
      }
    });
  }
});
