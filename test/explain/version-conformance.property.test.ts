/**
 * The rules that other versions of kube-proxy wrote keep every promise of the model of their
 * profile.
 */

import { expect } from 'chai';
import { behaviourOf } from '../../src/backends/behaviour.js';
import { BACKENDS } from '../../src/backends/index.js';
import { settingOf } from '../../src/explain/expected.js';
import { machineOf } from '../../src/explain/machine.js';
import { verify } from '../../src/explain/verify.js';
import { type BackendName, type Family, loadHostFacts, readRules } from '../../src/index.js';
import { Router } from '../../src/netfilter/route.js';
import { profileOf } from '../../src/profiles/profiles.js';
import { VERSION_EXCEPTIONS } from '../conformance/version-exceptions.js';
import { conformanceCases, loadCase, readCaseFile } from '../support/cases/conformance-cases.js';
import { dumpOf } from '../support/cases/recorded-rules.js';
import { versionRecordings } from '../support/cases/version-recordings.js';
import { findingText } from '../support/explain/finding-text.js';

function withExceptions(recording: string, name: string, mode: BackendName): string {
  return VERSION_EXCEPTIONS.filter(({ cases }) => cases.test(name)).reduce(
    (text, { expected }) => expected[mode](text),
    recording,
  );
}

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
/** Of so many cases one is tried, another one for each version; all with VIPC_FULL. */
const STRIDE = process.env.VIPC_FULL === '1' ? 1 : 10;

for (const [index, { version, mode, textsOf }] of versionRecordings().entries()) {
  const name = version.replace(/-.*$/, '');
  const profile = profileOf(name)!;
  const behaviour = behaviourOf(BACKENDS[mode], profile);
  const recorded = conformanceCases().filter((found) =>
    FAMILIES.some((family) => textsOf(found, family) !== undefined),
  );

  describe(`promises kept by kube-proxy ${version} in mode ${mode}`, () => {
    for (const [at, found] of recorded.entries()) {
      if (at % STRIDE !== index % STRIDE) continue;
      it(found.name, () => {
        const { compile } = loadCase(found, mode, { profile: name });
        const host = loadHostFacts(readCaseFile(found, 'host.yaml'), 'host.yaml');
        for (const family of FAMILIES) {
          const [recording] = textsOf(found, family) ?? [];
          if (recording === undefined) continue;
          const text = dumpOf(withExceptions(recording, found.name, mode), mode, family);
          const { model } = compile(family);
          const rules = readRules(mode, text, { family });
          const machine = machineOf(family, host, undefined);
          const setting = settingOf(model, machine, behaviour);
          const { findings } = verify(new Router(rules.program(), machine), model, setting);
          expect(findings.slice(0, 3).map(findingText).join('\n'), family).to.equal('');
        }
      });
    }
  });
}
