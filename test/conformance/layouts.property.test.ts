/**
 * What every layout that ships with vipc makes of the conformance cases keeps the promises of the
 * model, and reads back as what was printed.
 */

import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import { settingOf } from '../../src/explain/expected.js';
import { machineOf } from '../../src/explain/machine.js';
import { verify } from '../../src/explain/verify.js';
import {
  type BackendName,
  compile,
  type Family,
  loadHostFacts,
  print,
  readRules,
} from '../../src/index.js';
import { Router } from '../../src/netfilter/route.js';
import { conformanceCases, loadCase, readCaseFile } from '../support/cases/conformance-cases.js';
import { findingText } from '../support/explain/finding-text.js';

const everything = process.env.VIPC_FULL === '1';
const cases = conformanceCases().filter(({ recordedHere }) => everything || recordedHere);
const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];

for (const mode of ['iptables', 'nftables'] satisfies BackendName[]) {
  for (const layout of BACKENDS[mode].layouts) {
    describe(`layout ${layout.name} of mode ${mode}`, () => {
      for (const found of cases) {
        it(found.name, () => {
          const { compile: compileCase } = loadCase(found, mode);
          const host = loadHostFacts(readCaseFile(found, 'host.yaml'), 'host.yaml');
          for (const family of FAMILIES) {
            const { model } = compileCase(family);
            const ruleset = compile(model, { layout });
            const rules = readRules(mode, print(ruleset), { family });
            const machine = machineOf(family, host, undefined);
            const setting = settingOf(model, machine, BACKENDS[mode].behaviour);
            const { findings } = verify(new Router(rules.program(), machine), model, setting);
            expect(findings.slice(0, 3).map(findingText).join('\n'), family).to.equal('');
            const { changes, leftovers, comments } = rules.plan(ruleset);
            expect([...changes, ...leftovers, ...comments], family).to.deep.equal([]);
          }
        });
      }
    });
  }
}
