/**
 * The rules of kube-proxy's two modes, recorded and recovered, do the same in every recorded case.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { BackendName, Family } from '../../src/index.js';
import { type ConformanceCase, conformanceCases } from '../support/cases/conformance-cases.js';
import { isRecorded, recordedRules } from '../support/cases/recorded-rules.js';
import { type Ran, runIn } from '../support/process/run-in.js';

const everything = process.env.VIPC_FULL === '1';
const MODES: readonly BackendName[] = ['iptables', 'nftables'];
const cases = conformanceCases().filter(
  (found) => (everything || found.recordedHere) && MODES.every((mode) => isRecorded(found, mode)),
);

const verify = (...words: readonly string[]): Promise<Ran> => runIn(['verify', ...words]);

describe('explain/rules-comparison', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-against-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const path = (mode: BackendName): string => join(folder, mode);
  function write(found: ConformanceCase, family: Family): void {
    for (const mode of MODES)
      writeFileSync(path(mode), recordedRules(found, mode, family), 'latin1');
  }

  for (const found of cases)
    it(`finds no difference between the modes but by design: ${found.name}`, async () => {
      const host = ['--host', fileURLToPath(new URL('host.yaml', found.url))];
      for (const family of ['IPv4', 'IPv6'] satisfies Family[]) {
        write(found, family);
        const rules = ['--rules', path('iptables'), '--family', family.toLowerCase()];
        for (const words of [
          [...rules, '--against', path('nftables'), ...host],
          [...rules, '--against', 'nftables'],
          ['--rules', path('nftables'), ...rules.slice(2), '--against', 'iptables'],
        ]) {
          const { code, out, err } = await verify(...words);
          expect([code, out.split('\n', 1)[0]], `${words.join(' ')}\n${out}${err}`).to.deep.equal([
            0,
            out.split('\n').find((line) => line.includes(': all the same')),
          ]);
        }
      }
    });
});
