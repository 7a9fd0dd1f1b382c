/** Compares the kernel with what was loaded in mode nftables. */

import { inTurns } from '../../../host/turn.js';
import { diffChains } from '../../../plan/diff.js';
import type { ChainChange, Chains } from '../../../plan/types.js';
import { type Unit, unitKey } from '../../../plan/unit.js';
import { equalLists } from '../../../ruleset/compare.js';
import { type Fragment, fragmentsOf, type Ruleset } from '../../../ruleset/types.js';
import type { Steps } from '../../../steps.js';
import {
  type CheckTarget,
  creation,
  type KernelChecker,
  type OwnChange,
} from '../../check/checker.js';
import { ExpectedRules } from '../../check/expectation.js';
import { digestOf } from '../../hash.js';
import { dumpChains } from '../chains.js';
import { tableName } from '../ownership.js';
import { refuseUnread } from '../remarks.js';
import { hasOnly, objectOf } from '../syntax/json-values.js';
import { unitsMadeBy } from '../syntax/line-text.js';
import { parseDump } from '../syntax/parse.js';
import { FRAGMENT_CHAINS } from './fragment-chains.js';
import { jsonItems, listingOfItems } from './json-items.js';
import { listedDifferences } from './listed-differences.js';
import {
  hasRules,
  itemsWithout,
  type NumberedRule,
  type TableItems,
  tableItems,
} from './listings.js';
import { type Listed, listedIn, SharedListings, setsOf } from './shared-listings.js';

/**
 * nft reads every rule to print one, so the rules of every node are asked for by their numbers,
 * which costs nothing; the table is only read to learn these.
 */
export class NftablesChecker implements KernelChecker {
  readonly #expectation = new ExpectedRules(FRAGMENT_CHAINS);
  readonly #listings = new SharedListings();
  /** What was as wanted: the same listing for the same wanted lines is so again. */
  readonly #verifiedSets = new Map<
    string,
    { readonly lines: readonly string[]; readonly digest: string }
  >();
  #verifiedChains:
    | {
        readonly ports: Ruleset['ports'];
        readonly digest: string;
        readonly rest: readonly string[];
      }
    | undefined;
  #frame: { readonly text: string; readonly rules: readonly NumberedRule[] } | undefined;

  async checkShared(target: CheckTarget): Promise<readonly ChainChange[]> {
    const wanted = await inTurns(this.#expectation.sharedChains(target.ruleset));
    if (this.#frame?.text !== target.ruleset.frame.text) return this.#wholeTable(target, wanted);
    const { rules } = this.#frame;
    const listed = await this.#listings.read(target, wanted, rules);
    const changes = await this.#units(target, wanted, listed);
    if (changes.some(isLostTable)) return changes.filter(isLostTable);
    if (listed.hasRules || (await hasRules(target, rules))) return changes;
    const table = await itemsWithout(target, new Set(setsOf(wanted).map(({ name }) => name)));
    return [...changes, ...this.#frameRules(target, changes, table)];
  }

  /** Without numbers to ask for, the table has to be read, and has everything else too. */
  async #wholeTable(target: CheckTarget, wanted: Chains): Promise<readonly ChainChange[]> {
    const table = await tableItems(target);
    const changes = await this.#units(target, wanted, listedIn(table, target, wanted));
    if (changes.some(isLostTable)) return changes.filter(isLostTable);
    return [...changes, ...this.#frameRules(target, changes, table)];
  }

  async checkNextChains(): Promise<undefined> {
    return undefined;
  }

  async checkAll(target: CheckTarget, found: (change: OwnChange) => void): Promise<void> {
    const { ruleset } = target;
    const table = await itemsWithout(target, await this.#sharedSets(ruleset));
    await inTurns(compareFragments(target, table, found));
  }

  /**
   * Chains as far as they are there and hooked in, and the sets and maps of every node with their
   * elements.
   */
  async #units(
    target: CheckTarget,
    wanted: Chains,
    { chains, sets }: Listed,
  ): Promise<readonly ChainChange[]> {
    const name = tableName(target.family);
    const { rest, missing } = await inTurns(this.#chains(target, chains));
    const suspects = new Map(
      [...wanted].filter(([key, { lines }]) => !this.#isVerified(key, lines, sets.get(key))),
    );
    const texts = [...sets].filter(([key]) => suspects.has(key)).map(([, text]) => text);
    const changes = await inTurns(listedDifferences(rest, texts, suspects, name));
    if (changes.length === 0) this.#remember(suspects, sets);
    // Which Service an extra element is for is only known from all sets together.
    const all =
      changes.length === 0
        ? changes
        : await inTurns(listedDifferences(rest, [...sets.values()], wanted, name));
    return [...all, ...missing];
  }

  /**
   * The chains of Service ports that are missing, and the listed objects that are not just a chain
   * of one of them.
   */
  *#chains(
    { ruleset: { ports } }: CheckTarget,
    text: string,
  ): Steps<{ readonly rest: readonly string[]; readonly missing: readonly ChainChange[] }> {
    const digest = digestOf([text]);
    if (this.#verifiedChains?.ports === ports && this.#verifiedChains.digest === digest)
      return { rest: this.#verifiedChains.rest, missing: [] };
    const made = new Map<string, { readonly unit: Unit; readonly origin: string }>();
    for (const fragment of ports) {
      for (const unit of unitsMadeBy(fragment.text))
        if (unit.kind === 'chain') made.set(unitKey(unit), { unit, origin: fragment.origin });
      yield;
    }
    const rest: string[] = [];
    for (const item of yield* jsonItems(text)) {
      if (!made.delete(plainChain(item))) rest.push(item);
      yield;
    }
    const missing = [...made.values()].map(({ unit, origin }) => creation(unit, origin));
    if (missing.length === 0) this.#verifiedChains = { ports, digest, rest };
    return { rest, missing };
  }

  #isVerified(key: string, lines: readonly string[], text: string | undefined): boolean {
    const known = this.#verifiedSets.get(key);
    return (
      known !== undefined &&
      text !== undefined &&
      equalLists(known.lines, lines) &&
      known.digest === digestOf([text])
    );
  }

  #remember(suspects: Chains, sets: ReadonlyMap<string, string>): void {
    for (const [key, { lines }] of suspects) {
      const text = sets.get(key);
      if (text !== undefined) this.#verifiedSets.set(key, { lines, digest: digestOf([text]) });
    }
  }

  /** What differs in the rules of every node, other than what is known. */
  #frameRules(
    target: CheckTarget,
    known: readonly ChainChange[],
    table: TableItems,
  ): readonly ChainChange[] {
    const { frame } = target.ruleset;
    this.#frame = undefined;
    const changes = ownChanges(target, frame, table);
    if (changes.length === 0) {
      const own = [...ownOf(target, frame).values()];
      const rules = own.flatMap(({ name }) => table.rules.get(name) ?? []);
      this.#frame = { text: frame.text, rules };
    }
    const named = new Set(known.map(unitKey));
    return changes.filter((change) => !named.has(unitKey(change)));
  }

  async #sharedSets(ruleset: Ruleset): Promise<ReadonlySet<string>> {
    const wanted = await inTurns(this.#expectation.sharedChains(ruleset));
    return new Set(setsOf(wanted).map(({ name }) => name));
  }
}

function isLostTable({ kind, action }: ChainChange): boolean {
  return kind === 'table' && action === 'create';
}

const PLAIN_CHAIN = ['family', 'table', 'name', 'handle', 'comment'];

/** The key of a regular chain; `''` for any other object. */
function plainChain(item: string): string {
  const chain = objectOf(objectOf(JSON.parse(item))?.chain);
  if (chain === undefined || !hasOnly(chain, PLAIN_CHAIN)) return '';
  const table = `${String(chain.family)} ${String(chain.table)}`;
  return unitKey({ table, kind: 'chain', name: String(chain.name) });
}

/**
 * The chains that a fragment makes, and the sets of a Service port: those of every node are looked
 * at element by element.
 */
function ownOf({ ruleset }: CheckTarget, fragment: Fragment): Chains {
  const own = FRAGMENT_CHAINS.ownChains(ruleset, fragment);
  if (fragment !== ruleset.frame) return own;
  return new Map([...own].filter(([, { order }]) => order === 'ordered'));
}

/** Compares each fragment with the table. */
function* compareFragments(
  target: CheckTarget,
  table: TableItems,
  found: (change: OwnChange) => void,
): Steps<void> {
  for (const fragment of fragmentsOf(target.ruleset)) {
    for (const change of ownChanges(target, fragment, table)) found({ fragment, change });
    yield;
  }
}

/** How what a fragment makes differs from the table. */
function ownChanges(
  target: CheckTarget,
  fragment: Fragment,
  { units }: TableItems,
): readonly ChainChange[] {
  const wanted = ownOf(target, fragment);
  const items = [...wanted.values()].flatMap(({ kind, name }) =>
    kind === 'set'
      ? (units.get(`set ${name}`) ?? units.get(`map ${name}`) ?? [])
      : (units.get(`chain ${name}`) ?? []),
  );
  const dump = parseDump(listingOfItems(items), { name: 'nft' });
  refuseUnread(dump, 'nft');
  const found = dumpChains(dump, tableName(target.family));
  return diffChains(withoutTable(found), wanted, FRAGMENT_CHAINS.rules, true).changes;
}

function withoutTable(found: Chains): Chains {
  return new Map([...found].filter(([, { kind }]) => kind !== 'table'));
}
