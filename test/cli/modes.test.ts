/** Which command has which mode. */

import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import { runIn } from '../support/process/run-in.js';

const SNAPSHOT = 'fixtures/golden/dual-stack/snapshot.yaml';
const DUMPS: Readonly<Record<string, string>> = {
  iptables: 'fixtures/dumps/iptables-1.8.9/nft.268-kitchen-sink.v4.save',
  nftables: 'fixtures/dumps/nft-1.0.6/268-kitchen-sink.v4.json',
};

describe('cli/modes', () => {
  for (const mode of Object.keys(BACKENDS)) {
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

    it(`diff knows ${mode}`, async () => {
      const words = ['diff', '-f', SNAPSHOT, '--mode', mode, '--against', DUMPS[mode]!];
      const { code: exitCode } = await runIn([...words, '--family', 'ipv4']);
      expect(exitCode).to.be.oneOf([0, 1]);
    });

    const known = mode in BACKENDS;
    it(`diff --out ${known ? 'knows' : 'says that it does not know'} ${mode}`, async () => {
      const words = ['diff', '-f', SNAPSHOT, '--mode', mode, '--against', DUMPS[mode]!];
      const out = known ? '/dev/full/plan.json' : 'plan.json';
      const { code: exitCode, err } = await runIn([...words, '--family', 'ipv4', '--out', out]);
      expect(exitCode, err).to.equal(known ? 2 : 78);
      if (!known)
        expect(err).to.include(`a plan of mode ${mode} cannot be saved in this version of vipc`);
    });
  }
});
