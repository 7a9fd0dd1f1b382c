/** The rules that kube-proxy wrote keep every promise of the model, in both modes and families. */

import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import { settingOf } from '../../src/explain/expected.js';
import { machineOf } from '../../src/explain/machine.js';
import { verify } from '../../src/explain/verify.js';
import { type BackendName, type Family, loadHostFacts, readRules } from '../../src/index.js';
import { Router } from '../../src/netfilter/route.js';
import { conformanceCases, loadCase, readCaseFile } from '../support/cases/conformance-cases.js';
import { isRecorded, recordedRules } from '../support/cases/recorded-rules.js';
import { findingText } from '../support/explain/finding-text.js';

const everything = process.env.VIPC_FULL === '1';
const cases = conformanceCases().filter(({ recordedHere }) => everything || recordedHere);

for (const mode of ['iptables', 'nftables'] satisfies BackendName[]) {
  describe(`promises kept by kube-proxy in mode ${mode}`, () => {
    for (const found of cases) {
      if (!isRecorded(found, mode)) continue;
      it(found.name, () => {
        const { compile } = loadCase(found, mode);
        const host = loadHostFacts(readCaseFile(found, 'host.yaml'), 'host.yaml');
        for (const family of ['IPv4', 'IPv6'] satisfies Family[]) {
          const { model } = compile(family);
          const rules = readRules(mode, recordedRules(found, mode, family), { family });
          const machine = machineOf(family, host, undefined);
          const setting = settingOf(model, machine, BACKENDS[mode].behaviour);
          const { findings } = verify(new Router(rules.program(), machine), model, setting);
          expect(findings.slice(0, 3).map(findingText).join('\n'), family).to.equal('');
        }
      });
    }
  });
}
