/**
 * Of two profiles, some kind is said to change packets exactly where the rules of the one are not
 * proved to do what the model of the other says.
 */

import { expect } from 'chai';
import { behaviourOf } from '../../src/backends/behaviour.js';
import { BACKENDS } from '../../src/backends/index.js';
import { kindsBetween } from '../../src/cli/profile-differences.js';
import { settingOf } from '../../src/explain/expected.js';
import { machineOf } from '../../src/explain/machine.js';
import { verify } from '../../src/explain/verify.js';
import {
  type BackendName,
  type Compiled,
  compileSnapshot,
  loadConfig,
  loadHostFacts,
  loadSnapshot,
  print,
  readRules,
} from '../../src/index.js';
import { Router } from '../../src/netfilter/route.js';
import { PROFILES } from '../../src/profiles/table.js';
import type { Profile } from '../../src/profiles/types.js';
import { conformanceCases, readCaseFile } from '../support/cases/conformance-cases.js';
import { findingText } from '../support/explain/finding-text.js';

/** One case for each kind that changes packets, and some in which none does. */
const CASES = /^(?:014|048|060|082|106|138|144|148|178|210|216|222)-/;
const cases = conformanceCases().filter(
  ({ name, recordedHere }) => recordedHere && CASES.test(name),
);
const MODES: readonly BackendName[] = ['iptables', 'nftables'];

/** Each profile with its neighbour, and the first with the last, both ways. */
function pairsOf(profiles: readonly Profile[]): readonly (readonly [Profile, Profile])[] {
  return profiles.flatMap((profile, i) => {
    const other = profiles[(i + 1) % profiles.length]!;
    return [[profile, other] as const, [other, profile] as const];
  });
}

for (const mode of MODES)
  describe(`the kinds of difference between profiles of mode ${mode}`, () => {
    const profiles = PROFILES.filter(
      ({ nftables }) => mode === 'iptables' || typeof nftables !== 'string',
    );
    for (const found of cases)
      it(`say what changes packets in ${found.name}`, () => {
        const host = loadHostFacts(readCaseFile(found, 'host.yaml'), 'host.yaml');
        const { config } = loadConfig(readCaseFile(found, 'config.yaml'), 'config.yaml');
        const text = readCaseFile(found, 'snapshot.yaml');
        const { snapshot } = loadSnapshot([{ name: 'snapshot.yaml', text }]);
        const machine = machineOf('IPv4', host, undefined);
        const compile = (profile: Profile): Compiled =>
          compileSnapshot(snapshot, 'IPv4', { config: { ...config, profile }, host, mode });
        for (const [from, to] of pairsOf(profiles)) {
          const [there, here] = [compile(from), compile(to)];
          const compiled = { mode, config: { profile: from }, compiled: [there] };
          const kinds = kindsBetween(compiled, to, (profile) => ({ compiled: [compile(profile)] }));
          const said = (kinds.get('IPv4') ?? []).filter(({ changesPackets }) => changesPackets);
          const { program } = readRules(mode, print(there.ruleset), { family: 'IPv4' });
          const setting = settingOf(here.model, machine, behaviourOf(BACKENDS[mode], to));
          const { findings } = verify(new Router(program(), machine), here.model, setting);
          const what = `${from.name} -> ${to.name}: ${said.map(({ name }) => name).join(', ')}`;
          const proof = findings.slice(0, 2).map(findingText).join('\n');
          expect(findings.length > 0, `${what}\n${proof}`).to.equal(said.length > 0);
        }
      });
  });
