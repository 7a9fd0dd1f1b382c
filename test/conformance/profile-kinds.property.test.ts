/**
 * Of two profiles, some kind is said to change packets exactly where the rules of the one are not
 * proved to do what the model of the other says.
 */

import { expect } from 'chai';
import { behaviourOf } from '../../src/backends/behaviour.js';
import { BACKENDS } from '../../src/backends/index.js';
import { type CountedKind, kindsBetween } from '../../src/cli/profile-differences.js';
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

/** What tells the kinds between two profiles in one case. */
function kindsIn(
  found: (typeof cases)[number],
  mode: BackendName,
): (from: Profile, to: Profile) => readonly CountedKind[] {
  const host = loadHostFacts(readCaseFile(found, 'host.yaml'), 'host.yaml');
  const { config } = loadConfig(readCaseFile(found, 'config.yaml'), 'config.yaml');
  const text = readCaseFile(found, 'snapshot.yaml');
  const { snapshot } = loadSnapshot([{ name: 'snapshot.yaml', text }]);
  const compile = (profile: Profile) => ({
    compiled: [compileSnapshot(snapshot, 'IPv4', { config: { ...config, profile }, host, mode })],
  });
  return (from, to) =>
    kindsBetween({ mode, config: { profile: from }, ...compile(from) }, to, compile).get('IPv4') ??
    [];
}

/** What remains of the kinds of a way from profile to profile, by name. */
function sumOf(way: readonly (readonly CountedKind[])[]): readonly string[] {
  const sum = new Map<string, Pick<CountedKind, 'there' | 'here'>>();
  for (const { name, there, here } of way.flat())
    sum.set(name, { there: sum.get(name)?.there ?? there, here });
  return [...sum]
    .filter(([, { there, here }]) => there !== here)
    .map(([name, { there, here }]) => `${name}: ${there}, ${here}`)
    .sort();
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

    // Under node hints zone hints and remote endpoints do not show.
    for (const found of cases.filter(({ name }) => !name.endsWith('-node-hints')))
      it(`are those of the versions in between, both ways, in ${found.name}`, () => {
        const kindsOf = kindsIn(found, mode);
        for (const way of [profiles, profiles.toReversed()]) {
          const steps = way.slice(1).map((to, i) => kindsOf(way[i]!, to));
          for (const [i, from] of way.entries())
            for (const [j, to] of way.entries())
              if (i < j)
                expect(sumOf([kindsOf(from, to)]), `${from.name} -> ${to.name}`).to.deep.equal(
                  sumOf(steps.slice(i, j)),
                );
        }
      });
  });
