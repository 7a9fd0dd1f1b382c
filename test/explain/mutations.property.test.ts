/**
 * Dumps of kube-proxy with one change: verify refutes those that do something else with any
 * packet, and no other. What they do is found out by a machine that shares nothing with verify:
 * it tries one packet of each kind. The mutants are the same each time, so that a failure comes
 * from what was changed; VIPC_SEED draws others.
 */

import { expect } from 'chai';
import { type BackendName, type Family, print } from '../../src/index.js';
import { seed as anySeed, runs } from '../support/arbitrary/property.js';
import {
  type ConformanceCase,
  conformanceCases,
  hasSharedCases,
  loadCase,
} from '../support/cases/conformance-cases.js';
import { isRecorded } from '../support/cases/recorded-rules.js';
import { versionRecordings } from '../support/cases/version-recordings.js';
import { IPTABLES_MUTATIONS } from '../support/mutants/iptables-mutations.js';
import { IPTABLES_REWRITES } from '../support/mutants/iptables-rewrites.js';
import { mutantOf } from '../support/mutants/mutation.js';
import { NFT_MUTATIONS } from '../support/mutants/nft-mutations.js';
import { NFT_REWRITES } from '../support/mutants/nft-rewrites.js';
import { type Subject, subjectOf } from '../support/mutants/proven.js';
import { Random } from '../support/mutants/random.js';
import { differenceOf } from '../support/reference/difference.js';

const everything = process.env.VIPC_FULL === '1';
const seed = process.env.VIPC_SEED === undefined ? 1 : anySeed;
/** Mutants of a mode. */
const MUTANTS = everything ? 2000 : 2 * runs;
/** Of these, of dumps of other versions. */
const VERSIONED = MUTANTS / 4;
const MUTATIONS = { iptables: IPTABLES_MUTATIONS, nftables: NFT_MUTATIONS };
const REWRITES = { iptables: IPTABLES_REWRITES, nftables: NFT_REWRITES };

type Answers = ReadonlyMap<string, number>;

/**
 * Judges so many mutants of drawn dumps, and more until it has met what it must, which no seed
 * misses in so many more. How often each answer was given.
 */
function judged(
  count: number,
  mode: BackendName,
  draw: (random: Random) => Subject,
  hasMet: (answers: Answers) => boolean,
): Answers {
  const random = new Random(seed);
  const answers = new Map<string, number>();
  for (let i = 0; i < count || (i < 20 * count && !hasMet(answers)); i++) {
    const { name, text, place, ask } = draw(random);
    const mutant = mutantOf(text, MUTATIONS[mode], random);
    const answer = ask(mutant.text);
    const difference = differenceOf(text, mutant.text, place);
    const about = `${name}, ${mutant.what}\n    ${difference}`;
    if (answer !== 'refused')
      expect(answer, about).to.equal(difference === undefined ? 'proven' : 'refuted');
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }
  return answers;
}

/** What other versions of kube-proxy made of cases, as verify proves it. */
function versionedSubjects(mode: BackendName): readonly (() => Subject)[] {
  return versionRecordings()
    .filter((recording) => recording.mode === mode)
    .flatMap(({ version, textsOf }) =>
      conformanceCases()
        .filter((found) => everything || found.recordedHere)
        .flatMap((found) => {
          const rules = textsOf(found, 'IPv4')?.[0];
          const profile = version.replace(/-.*$/, '');
          return rules === undefined
            ? []
            : () => subjectOf(found, mode, 'IPv4', { profile, rules });
        }),
    );
}

/** What the layout fast makes of a case in mode nftables. */
function fastSubject(found: ConformanceCase, family: Family): Subject {
  const { ruleset } = loadCase(found, 'nftables', { layout: 'fast' }).compile(family);
  return { ...subjectOf(found, 'nftables', family), text: print(ruleset) };
}

type Make = (found: ConformanceCase, family: Family) => Subject;

class Subjects {
  private readonly known = new Map<string, Subject>();
  private readonly make: Make;
  private readonly cases;

  constructor(mode: BackendName, make: Make = (found, family) => subjectOf(found, mode, family)) {
    this.make = make;
    this.cases = conformanceCases().filter(
      (found) => (everything || found.recordedHere) && isRecorded(found, mode),
    );
  }

  draw(random: Random): Subject {
    const found = random.of(this.cases);
    const family = random.below(3) === 0 ? 'IPv6' : 'IPv4';
    if (found === undefined) throw new Error('no case was recorded');
    const key = `${found.name} ${family}`;
    const known = this.known.get(key);
    if (known !== undefined) return isHuge(known) ? this.draw(random) : known;
    const subject = this.make(found, family);
    this.known.set(key, subject);
    return subject;
  }
}

/** Of which one mutant takes minutes: each kind of packet meets thousands of rules. */
function isHuge({ text }: Subject): boolean {
  return text.length > 500_000;
}

for (const mode of ['iptables', 'nftables'] satisfies BackendName[]) {
  describe(`changed dumps of kube-proxy in mode ${mode}`, () => {
    const subjects = new Subjects(mode);

    it(`are refuted where they do something else, VIPC_SEED=${seed}`, () => {
      if (everything && !hasSharedCases())
        console.log('    only with the cases among the fixtures');
      const hasMet = (answers: Answers): boolean => {
        const [refuted = 0, proven = 0, refused = 0] = ['refuted', 'proven', 'refused'].map((one) =>
          answers.get(one),
        );
        const all = refuted + proven + refused;
        return refuted > MUTANTS / 4 && proven > MUTANTS / 20 && refused < all / 20;
      };
      const answers = judged(MUTANTS, mode, (random) => subjects.draw(random), hasMet);
      expect(hasMet(answers), JSON.stringify([...answers])).to.equal(true);
    });

    it(`are refuted so in other versions, VIPC_SEED=${seed}`, () => {
      const versioned = versionedSubjects(mode);
      const draw = (random: Random): Subject => {
        for (;;) {
          const subject = random.of(versioned)?.();
          if (subject === undefined) throw new Error('no version was recorded');
          if (subject.ask(subject.text) === 'proven') return subject;
        }
      };
      const hasMet = (answers: Answers): boolean => (answers.get('refuted') ?? 0) > VERSIONED / 4;
      const answers = judged(VERSIONED, mode, draw, hasMet);
      expect(hasMet(answers), JSON.stringify([...answers])).to.equal(true);
    });

    if (mode === 'nftables')
      it(`are refuted so in the layout fast, VIPC_SEED=${seed}`, () => {
        const fast = new Subjects(mode, fastSubject);
        const hasMet = (answers: Answers): boolean => (answers.get('refuted') ?? 0) > VERSIONED / 4;
        const answers = judged(VERSIONED, mode, (random) => fast.draw(random), hasMet);
        expect(hasMet(answers), JSON.stringify([...answers])).to.equal(true);
      });

    for (const [what, rewrite] of Object.entries(REWRITES[mode]))
      it(`are proven with ${what}`, () => {
        const random = new Random(seed);
        let tried = 0;
        // Every rewrite applies to many dumps, and its draws end with the first few of them.
        for (let i = 0; i < 2000 && tried < (everything ? 20 : 2); i++) {
          const { name, text, place, ask } = subjects.draw(random);
          const lines = rewrite(text.split('\n'), random)?.join('\n');
          if (lines === undefined || lines === text) continue;
          tried++;
          expect(differenceOf(text, lines, place), name).to.equal(undefined);
          expect(ask(lines), name).to.equal('proven');
        }
        expect(tried).to.be.above(0);
      });
  });
}
