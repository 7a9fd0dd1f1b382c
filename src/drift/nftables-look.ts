/** How the kernel is looked at in mode nftables. */

import { digestOf } from '../backends/hash.js';
import { dumpChains } from '../backends/nftables/chains.js';
import { tableName } from '../backends/nftables/ownership.js';
import { parseDump } from '../backends/nftables/parse.js';
import { diffChains } from '../plan/diff.js';
import type { ChainChange, ChainState, Chains } from '../plan/types.js';
import type { Fragment, Ruleset } from '../ruleset/types.js';
import { DIALECTS } from './dialects.js';
import { Expectation } from './expectation.js';
import { jsonItems, listingOfItems } from './json-items.js';
import {
  hasRules,
  listing,
  type NumberedRule,
  type TableItems,
  tableItems,
} from './nft-listings.js';
import { type KernelLook, type OwnChange, type Target, Turns } from './target.js';

const DIALECT = DIALECTS.nftables;

/**
 * nft reads every rule to print one, so the rules of every node are asked for by their numbers, which costs nothing; the
 * table is only read to learn these.
 */
export class NftablesLook implements KernelLook {
  readonly #expectation = new Expectation(DIALECT);
  #sound: { readonly ruleset: Ruleset; readonly digest: string } | undefined;
  #frame: { readonly text: string; readonly rules: readonly NumberedRule[] } | undefined;

  async quick(target: Target): Promise<readonly ChainChange[]> {
    const changes = await this.#units(target);
    const lost = changes.find(({ chain, action }) => chain === '' && action === 'create');
    if (lost !== undefined) return [lost];
    return [...changes, ...(await this.#frameRules(target, changes))];
  }

  async some(): Promise<undefined> {
    return undefined;
  }

  async every(target: Target, found: (change: OwnChange) => void): Promise<void> {
    const { ruleset } = target;
    const table = await tableItems(target, this.#sharedSets(ruleset));
    const turns = new Turns();
    for (const fragment of [ruleset.frame, ...ruleset.ports]) {
      for (const change of ownChanges(target, fragment, table)) found({ fragment, change });
      await turns.next();
    }
  }

  /** Chains as far as they are there and hooked in, and the sets and maps of every node with their elements. */
  async #units(target: Target): Promise<readonly ChainChange[]> {
    const { ruleset, family } = target;
    const wanted = this.#expectation.everyNode(ruleset);
    const name = tableName(family);
    const [ip = ''] = name.split(' ');
    const texts = [await listing(target, 'chains', ip)];
    for (const [kind, set] of setsOf(wanted))
      texts.push(await listing(target, kind, ...name.split(' '), set));
    const told = texts.filter((text) => text !== undefined);
    const digest = digestOf(told);
    if (this.#sound?.ruleset === ruleset && this.#sound.digest === digest) return [];
    const turns = new Turns();
    const items: string[] = [];
    for (const text of told) for (const item of await jsonItems(text, turns)) items.push(item);
    const found = dumpChains(parseDump(listingOfItems(items), { name: 'nft' }), name);
    const { changes } = diffChains(found, declarations(wanted, ruleset), DIALECT.rules, true);
    if (changes.length === 0) this.#sound = { ruleset, digest };
    return changes;
  }

  async #frameRules(
    target: Target,
    known: readonly ChainChange[],
  ): Promise<readonly ChainChange[]> {
    const { frame } = target.ruleset;
    if (this.#frame?.text === frame.text && (await hasRules(target, this.#frame.rules))) return [];
    this.#frame = undefined;
    const table = await tableItems(target, this.#sharedSets(target.ruleset));
    const changes = ownChanges(target, frame, table);
    if (changes.length === 0) {
      const names = [...ownOf(target, frame).values()].map(({ chain }) => chain);
      const rules = names.flatMap((chain) => table.rules.get(chain) ?? []);
      this.#frame = { text: frame.text, rules };
    }
    const named = new Set(known.map(({ chain }) => chain));
    return changes.filter(({ chain }) => !named.has(chain));
  }

  #sharedSets(ruleset: Ruleset): ReadonlySet<string> {
    return new Set(setsOf(this.#expectation.everyNode(ruleset)).map(([, set]) => set));
  }
}

/** The sets and maps of every node, as `set NAME` and `map NAME`. */
function setsOf(wanted: Chains): readonly (readonly [string, string])[] {
  return [...wanted.values()]
    .filter(({ chain }) => chain.startsWith('@'))
    .map(({ chain, lines: [line = ''] }) => [line.split(' ', 2)[1] ?? '', chain.slice(1)]);
}

/** What a listing of chains and of these sets must tell: chains by the lines that make them. */
function declarations(wanted: Chains, { ports }: Ruleset): Chains {
  const states = new Map<string, ChainState>();
  for (const [key, state] of wanted)
    states.set(
      key,
      state.order === 'shared' ? state : { ...state, lines: state.lines.slice(0, 1) },
    );
  for (const fragment of ports)
    for (const key of DIALECT.ownKeys(fragment)) {
      const [ip, table, chain = ''] = key.split(' ', 3);
      if (chain.startsWith('@')) continue;
      states.set(key, {
        table: `${ip} ${table}`,
        chain,
        order: 'ordered',
        origin: fragment.origin,
        lines: [`add chain ${key}`],
        tail: 0,
      });
    }
  return states;
}

/** The chains that a fragment makes, and the sets of a Service port: those of every node are looked at element by element. */
function ownOf({ ruleset }: Target, fragment: Fragment): Chains {
  const own = DIALECT.ownChains(ruleset, fragment);
  if (fragment !== ruleset.frame) return own;
  return new Map([...own].filter(([, { order }]) => order === 'ordered'));
}

/** How what a fragment makes differs from the table. */
function ownChanges(
  target: Target,
  fragment: Fragment,
  { units }: TableItems,
): readonly ChainChange[] {
  const wanted = ownOf(target, fragment);
  const items = [...wanted.values()].flatMap(({ chain }) =>
    chain.startsWith('@')
      ? (units.get(`set ${chain.slice(1)}`) ?? units.get(`map ${chain.slice(1)}`) ?? [])
      : (units.get(`chain ${chain}`) ?? []),
  );
  const found = dumpChains(
    parseDump(listingOfItems(items), { name: 'nft' }),
    tableName(target.family),
  );
  return diffChains(withoutTable(found), wanted, DIALECT.rules, true).changes;
}

function withoutTable(found: Chains): Chains {
  return new Map([...found].filter(([, { chain }]) => chain !== ''));
}
