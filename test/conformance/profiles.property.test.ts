/**
 * What each profile writes is read back as just that: nothing is left to do, and nothing is
 * foreign.
 */

import { expect } from 'chai';
import { behaviourOf } from '../../src/backends/behaviour.js';
import { BACKENDS } from '../../src/backends/index.js';
import { settingOf } from '../../src/explain/expected.js';
import { machineOf } from '../../src/explain/machine.js';
import { verify } from '../../src/explain/verify.js';
import { type BackendName, type Family, loadHostFacts, print, readRules } from '../../src/index.js';
import { Router } from '../../src/netfilter/route.js';
import { profileOf } from '../../src/profiles/profiles.js';
import { PROFILES } from '../../src/profiles/table.js';
import { conformanceCases, loadCase, readCaseFile } from '../support/cases/conformance-cases.js';
import { findingText } from '../support/explain/finding-text.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const MODES: readonly BackendName[] = ['iptables', 'nftables'];
/** One case of each kind of rule is enough: 1.36 is tried with all of them. */
const CASES = /^(?:014|022|060|072|098|128|136|144|210|216|224|226|268)-/;
const cases = conformanceCases().filter(({ name }) => CASES.test(name));
const versionOf = ([minor, patch]: readonly [number, number]): string => `1.${minor}.${patch}`;

for (const mode of MODES)
  for (const { name: row, from, nftables } of PROFILES) {
    if (mode === 'nftables' && typeof nftables === 'string') continue;
    describe(`profile ${row} of mode ${mode}`, () => {
      for (const found of cases) {
        const load = (profile: string) => loadCase(found, mode, { profile }).compile;

        it(`${found.name}: has nothing to do where its rules are`, () => {
          for (const family of FAMILIES) {
            const { ruleset } = load(versionOf(from))(family);
            const rules = readRules(mode, print(ruleset), { family });
            const { changes, leftovers, comments } = rules.plan(ruleset);
            expect([...changes, ...leftovers, ...comments], family).to.deep.equal([]);
          }
        });

        it(`${found.name}: is proved to do what its model says`, () => {
          const host = loadHostFacts(readCaseFile(found, 'host.yaml'), 'host.yaml');
          const profile = profileOf(versionOf(from))!;
          for (const family of FAMILIES) {
            const { model, ruleset } = load(versionOf(from))(family);
            const rules = readRules(mode, print(ruleset), { family });
            const machine = machineOf(family, host, undefined);
            const setting = settingOf(model, machine, behaviourOf(BACKENDS[mode], profile));
            const { findings } = verify(new Router(rules.program(), machine), model, setting);
            expect(findings.slice(0, 3).map(findingText).join('\n'), family).to.equal('');
          }
        });

        it(`${found.name}: knows every rule that it replaces as one of kube-proxy`, () => {
          for (const family of FAMILIES) {
            const before = print(load(versionOf(from))(family).ruleset);
            const { ruleset } = load('1.36')(family);
            const rules = readRules(mode, before, { family });
            const { services } = rules.summary(rules.plan(ruleset), ruleset);
            const foreign = services.flatMap(({ chains }) =>
              chains.flatMap((chain) =>
                chain.rules.filter(({ finding }) => finding === 'foreign').map(({ line }) => line),
              ),
            );
            expect(foreign, family).to.deep.equal([]);
          }
        });
      }
    });
  }

describe('layout fast and profiles', () => {
  const [found] = cases.filter(({ name }) => name.startsWith('268-'));
  const load = (mode: BackendName, profile: string) =>
    loadCase(found!, mode, { profile, layout: 'fast' }).compile('IPv4');

  for (const mode of MODES)
    for (const profile of PROFILES) {
      const { name, nftables, from } = profile;
      const isRefused =
        mode === 'nftables' &&
        (typeof nftables === 'string' ||
          nftables.layout === 'chains' ||
          nftables.localhostNodePorts);
      it(`${isRefused ? 'are refused' : 'do what the model says'}: ${name}, mode ${mode}`, () => {
        if (isRefused) {
          expect(() => load(mode, versionOf(from))).to.throw('does what kube-proxy 1.36 does');
          return;
        }
        const host = loadHostFacts(readCaseFile(found!, 'host.yaml'), 'host.yaml');
        const { model, ruleset } = load(mode, versionOf(from));
        const machine = machineOf('IPv4', host, undefined);
        const setting = settingOf(model, machine, behaviourOf(BACKENDS[mode], profile));
        const { program } = readRules(mode, print(ruleset), { family: 'IPv4' });
        const { findings } = verify(new Router(program(), machine), model, setting);
        expect(findings.slice(0, 3).map(findingText).join('\n')).to.equal('');
      });
    }
});
