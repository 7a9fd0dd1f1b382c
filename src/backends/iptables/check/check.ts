/** Compares the kernel with what was loaded in mode iptables, in both variants. */

import { addTo } from '../../../grouping.js';
import { inTurns } from '../../../host/turn.js';
import { diffChains } from '../../../plan/diff.js';
import type { ChainChange, ChainState } from '../../../plan/types.js';
import type { Fragment, Ruleset } from '../../../ruleset/types.js';
import type { Steps } from '../../../steps.js';
import {
  type CheckTarget,
  creation,
  type KernelChecker,
  type OwnChange,
  type SomeChanges,
} from '../../check/checker.js';
import { ExpectedRules, type FragmentChains } from '../../check/expectation.js';
import { digestOf } from '../../hash.js';
import { dumpChains, rulesetChains, serviceChains } from '../chains.js';
import { LINE_RULES } from '../line-rules.js';
import { BUILTIN, builtinRole, NOTHING_REMEMBERED, ownershipOf } from '../ownership.js';
import type { Dump, DumpChain } from '../syntax/parse.js';
import { chainsIn, listTables, type TableChainNames } from './listed-chains.js';
import { Rotation } from './rotation.js';
import { eachSavedChain } from './saved-chains.js';

/** How the chains of fragments are found. */
export const FRAGMENT_CHAINS: FragmentChains = {
  chains: rulesetChains,
  ownChains: (_, fragment) => serviceChains(fragment),
  ownKeys: ({ text }) =>
    [...text.matchAll(/^:(\S+)/gm)]
      .filter(([, name = '']) => builtinRole('nat', name) === 'service')
      .map(([, name = '']) => `nat ${name}`),
  isShared: (line) => line.startsWith('*') || (CHAIN.test(line) && !isOfService(line)),
  rules: LINE_RULES,
};

/** A line that declares a chain or adds to one. */
const CHAIN = /^(?::|-A )/;

function isOfService(line: string): boolean {
  const start = line.startsWith(':') ? 1 : 3;
  return builtinRole('nat', line.slice(start, line.indexOf(' ', start))) === 'service';
}

/** The table in which Services have chains of their own. */
const NAT = 'nat';

/** Cheap enough for every period, and all of 1,000 Services with 10 endpoints in five minutes. */
const CHAINS_AT_A_TIME = 1000;

/** Remembers a digest of shared chains that were right, so that it parses them only once. */
export class IptablesChecker implements KernelChecker {
  readonly #expectation = new ExpectedRules(FRAGMENT_CHAINS);
  readonly #rotation = new Rotation(FRAGMENT_CHAINS, CHAINS_AT_A_TIME);
  #verified: { readonly ruleset: Ruleset; readonly digest: string } | undefined;

  async checkShared(target: CheckTarget): Promise<readonly ChainChange[]> {
    const { ruleset, tools } = target;
    const wanted = await inTurns(this.#expectation.sharedChains(ruleset));
    const listings = await listTables(target, chainsByTable([...wanted.values()]));
    const digest = digestOf(listings.map(({ table, text }) => `${table}\n${text}`));
    if (this.#verified?.ruleset === ruleset && this.#verified.digest === digest) return [];
    const tables = new Map(listings.map((one) => [one.table, chainsIn(one, tools.restore)]));
    const found = dumpChains(dumpOf(tables), ownershipOf(wanted, NOTHING_REMEMBERED));
    const { changes } = diffChains(found, wanted, FRAGMENT_CHAINS.rules, true);
    if (changes.length === 0) this.#verified = { ruleset, digest };
    return withLostTables(changes, [...wanted.values()]);
  }

  async checkNextChains(target: CheckTarget): Promise<SomeChanges | undefined> {
    const { ruleset, tools } = target;
    if (tools.variant === 'legacy') return undefined;
    const { keys: owned, isAll } = this.#rotation.next(ruleset);
    if (owned.length === 0) return { changes: [], isAll };
    const names = owned.map(({ key }) => nameOf(key));
    const [listing] = await listTables(target, [{ table: NAT, chains: names }]);
    const chains = listing === undefined ? new Map() : chainsIn(listing, tools.restore);
    const changes = owned.flatMap(({ key, fragment }) =>
      ownChanges(ruleset, fragment, key, chains.get(nameOf(key))),
    );
    return { changes, isAll };
  }

  async checkAll(target: CheckTarget, found: (change: OwnChange) => void): Promise<void> {
    const { ruleset } = target;
    const owners = await inTurns(ownersOf(ruleset));
    let damaged = 0;
    await eachSavedChain(target, NAT, (name, chain) => {
      const fragment = owners.get(name);
      if (fragment === undefined) return;
      owners.delete(name);
      if (holds(fragment.text, name, chain.rules)) return;
      const changes =
        damaged < MOST_COMPARED
          ? ownChanges(ruleset, fragment, `${NAT} ${name}`, chain)
          : [missing(name, fragment)];
      damaged += changes.length;
      for (const change of changes) found({ fragment, change });
    });
    for (const [name, fragment] of owners) found({ fragment, change: missing(name, fragment) });
  }
}

/**
 * Beyond this number of changes, further chains are only reported as changed, without their rules:
 * comparing them would take as long as all else.
 */
const MOST_COMPARED = 512;

function missing(name: string, { origin }: Fragment): ChainChange {
  return creation({ table: NAT, kind: 'chain', name }, origin);
}

function nameOf(key: string): string {
  return key.slice(key.indexOf(' ') + 1);
}

function chainsByTable(states: readonly ChainState[]): readonly TableChainNames[] {
  const tables = new Map<string, string[]>();
  for (const { table, name } of states) addTo(tables, table, name);
  return [...tables].map(([table, chains]) => ({ table, chains }));
}

function dumpOf(tables: Dump['tables']): Dump {
  return { tables };
}

/** Reports a table as missing where every chain of ours in it is. */
function withLostTables(
  changes: readonly ChainChange[],
  wanted: readonly ChainState[],
): readonly ChainChange[] {
  const created = changes.filter(({ action }) => action === 'create');
  const lost = [...new Set(created.map(({ table }) => table))].filter((table) =>
    wanted.every(
      (state) =>
        state.table !== table ||
        state.order === 'partial' ||
        created.some((change) => change.table === table && change.name === state.name),
    ),
  );
  return [
    ...lost.map((table) => creation({ table, kind: 'table', name: '' }, '')),
    ...changes.filter((change) => !(change.action === 'create' && lost.includes(change.table))),
  ];
}

/** Which fragment makes which chain. */
function* ownersOf({ ports }: Ruleset): Steps<Map<string, Fragment>> {
  const owners = new Map<string, Fragment>();
  for (const fragment of ports) {
    for (const key of FRAGMENT_CHAINS.ownKeys(fragment)) owners.set(nameOf(key), fragment);
    yield;
  }
  return owners;
}

/** Whether the text of a fragment has exactly these rules for the chain, as nearly always. */
function holds(text: string, name: string, lines: readonly string[]): boolean {
  const first = text.indexOf(`\n-A ${name} `);
  if (first < 0 || lines.length === 0) return first < 0 && lines.length === 0;
  const block = `\n${lines.join('\n')}\n`;
  return text.startsWith(block, first) && !text.includes(`\n-A ${name} `, first + block.length - 1);
}

/** How one chain of a fragment differs from what is there. */
function ownChanges(
  ruleset: Ruleset,
  fragment: Fragment,
  key: string,
  chain: DumpChain | undefined,
): readonly ChainChange[] {
  const wanted = FRAGMENT_CHAINS.ownChains(ruleset, fragment).get(key);
  if (wanted === undefined) return [];
  const tables = new Map([[NAT, new Map(chain === undefined ? [] : [[wanted.name, chain]])]]);
  const found = dumpChains(dumpOf(tables), BUILTIN);
  return diffChains(found, new Map([[key, wanted]]), FRAGMENT_CHAINS.rules, true).changes;
}
