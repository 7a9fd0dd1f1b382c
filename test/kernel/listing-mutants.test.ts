/**
 * Listings of nft with one change: verify refutes those that do something else with any packet,
 * and no other. nft loads each and prints it as a script, so that the machine that judges reads no
 * JSON; what nft does not load is no listing. VIPC_SEED draws others.
 */

import { expect } from 'chai';
import type { Family } from '../../src/index.js';
import { seed as anySeed, runs } from '../support/arbitrary/property.js';
import { canonNft } from '../support/canon/canon-nft.js';
import { conformanceCases } from '../support/cases/conformance-cases.js';
import { recordedNftDumps } from '../support/cases/dumps.js';
import { dumpOf, isRecorded } from '../support/cases/recorded-rules.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { listingOf, loadable, objectLines } from '../support/mutants/listing.js';
import { LISTING_MUTATIONS } from '../support/mutants/listing-mutations.js';
import { LISTING_REWRITES } from '../support/mutants/listing-rewrites.js';
import { mutantOf } from '../support/mutants/mutation.js';
import { type Subject, subjectOf } from '../support/mutants/proven.js';
import { Random } from '../support/mutants/random.js';
import { differenceOf } from '../support/reference/difference.js';
import { commandsOf } from '../support/reference/nft-listing.js';

const everything = process.env.VIPC_FULL === '1';
const seed = process.env.VIPC_SEED === undefined ? 1 : anySeed;
const MUTANTS = everything ? 1000 : Math.ceil(runs / 2);
/** Of larger ones a mutant takes seconds. */
const MOST = 50_000;
const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];

/** A listing, one object a line, and what verify says about others like it. */
interface Listing {
  readonly subject: Subject;
  readonly family: Family;
  readonly lines: readonly string[];
  /** What it does, as a script. */
  readonly script: string;
}

describe('changed listings of nft', () => {
  let node: Namespace;
  const known = new Map<unknown, Listing>();

  before(async function () {
    requireKernel(this, ['nft']);
    node = await openNamespace('mutants');
  });
  after(() => node?.close());

  /** What nft prints; `undefined`: it refuses. */
  async function nft(words: readonly string[], input = ''): Promise<string | undefined> {
    const { code, stdout } = await (await node.start(['nft', ...words], input)).ended;
    return code === 0 ? stdout : undefined;
  }

  async function load(words: readonly string[], input: string): Promise<string | undefined> {
    await nft(['flush', 'ruleset']);
    return nft([...words, '-f', '-'], input);
  }

  /** The script of what a listing loads; `undefined`: nft refuses it. */
  async function scriptOf(lines: readonly string[], family: Family): Promise<string | undefined> {
    if ((await load(['-j'], loadable(lines))) === undefined) return undefined;
    const commands = commandsOf((await nft(['-y', '-s', 'list', 'ruleset'])) ?? '');
    return dumpOf(canonNft(commands, family === 'IPv4' ? 'ip' : 'ip6'), 'nftables', family);
  }

  async function listed(subject: Subject, family: Family, listing: string): Promise<Listing> {
    const lines = objectLines(listing).split('\n');
    const script = (await scriptOf(lines, family)) ?? expect.fail(`${subject.name} does not load`);
    expect(differenceOf(subject.text, script, subject.place), subject.name).to.equal(undefined);
    return { subject, family, lines, script };
  }

  /** Of what this nft prints, and of what others printed. */
  const draws = [
    ...conformanceCases()
      .filter((found) => (everything || found.recordedHere) && isRecorded(found, 'nftables'))
      .flatMap((found) => FAMILIES.map((family) => ({ found, family, text: undefined }))),
    ...recordedNftDumps().map(({ case: name, ...dump }) => ({
      ...dump,
      found: conformanceCases().find((one) => one.name === name),
    })),
  ];

  async function draw(random: Random): Promise<Listing> {
    const drawn = random.of(draws) ?? expect.fail('no case was recorded');
    const before = known.get(drawn);
    if (before !== undefined) return before;
    const { found, family, text } = drawn;
    const subject = subjectOf(found ?? expect.fail('no case'), 'nftables', family);
    if (subject.text.length > MOST) return draw(random);
    if (text === undefined) await load([], `${subject.text}\n`);
    const listing = text ?? (await nft(['-j', 'list', 'ruleset'])) ?? '';
    const made = await listed(subject, family, listing);
    known.set(drawn, made);
    return made;
  }

  it(`are refuted where they do something else, VIPC_SEED=${seed}`, async () => {
    const random = new Random(seed);
    const answers = new Map<string, number>();
    const hasMet = (): boolean => {
      const [refuted = 0, proven = 0] = ['refuted', 'proven'].map((one) => answers.get(one));
      return refuted > MUTANTS / 4 && proven > MUTANTS / 20;
    };
    for (let i = 0; i < MUTANTS || (i < 20 * MUTANTS && !hasMet()); i++) {
      const { subject, family, lines, script } = await draw(random);
      const { what, text } = mutantOf(lines.join('\n'), LISTING_MUTATIONS, random);
      const changed = text.split('\n');
      const after = await scriptOf(changed, family);
      const answer = after === undefined ? 'not loaded' : subject.ask(listingOf(changed));
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
      if (after === undefined) continue;
      const difference = differenceOf(script, after, subject.place);
      const about = `${subject.name}, ${what}\n    ${difference}`;
      expect(answer, about).to.equal(difference === undefined ? 'proven' : 'refuted');
    }
    expect(hasMet(), JSON.stringify([...answers])).to.equal(true);
  });

  for (const [what, rewrite] of Object.entries(LISTING_REWRITES))
    it(`are proven with ${what}`, async () => {
      const random = new Random(seed);
      let tried = 0;
      for (let i = 0; i < 100 && tried < (everything ? 20 : 1); i++) {
        const { subject, family, lines, script } = await draw(random);
        const changed = rewrite(lines, random);
        if (changed === undefined || changed.join() === lines.join()) continue;
        tried++;
        const after = (await scriptOf(changed, family)) ?? expect.fail(`${what} does not load`);
        expect(differenceOf(script, after, subject.place), subject.name).to.equal(undefined);
        expect(subject.ask(listingOf(changed)), subject.name).to.equal('proven');
      }
      expect(tried).to.be.above(0);
    });
});
