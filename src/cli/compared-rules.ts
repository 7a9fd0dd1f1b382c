/** Compares what two rulesets of one family do, and separates intended differences from others. */

import { BACKENDS } from '../backends/index.js';
import type { NamedRules } from '../backends/named-rules.js';
import type { Owns } from '../explain/acceptance.js';
import { type BrokenFrontend, brokenFrontends } from '../explain/counterexample.js';
import {
  type ModeDifference,
  type ModeFacts,
  modeDifferenceOf,
  modeDifferences,
} from '../explain/mode-differences.js';
import type { Finding } from '../explain/proof.js';
import {
  addressSet,
  questionsOf,
  type RuleFrontend,
  type RuleQuestion,
} from '../explain/rule-questions.js';
import {
  type Difference,
  isStoppedByOthers,
  RulesComparison,
  type RulesSide,
} from '../explain/rules-comparison.js';
import { sendersOf } from '../explain/senders.js';
import type { LocalDetector } from '../model/types.js';
import type { Family } from '../net/ip.js';
import { difference, intersection } from '../netfilter/intervals.js';
import { loopback } from '../netfilter/region.js';
import { type Machine, Router } from '../netfilter/route.js';
import type { BackendName } from '../ruleset/types.js';

/** Rules, and the mode that they are of. */
export interface ModeRules {
  readonly mode: BackendName;
  readonly rules: NamedRules;
}

/** What two rulesets are compared on. */
export interface Comparing {
  readonly family: Family;
  readonly before: ModeRules;
  readonly after: ModeRules;
  readonly machine: Machine;
  readonly localDetector: LocalDetector;
  /** Frontends that objects name, for rules that do not name theirs. */
  readonly named: readonly RuleFrontend[];
}

/** A way in which the modes differ, and where it shows. */
export interface IntendedDifference {
  readonly difference: ModeDifference;
  /** Service ports, `shop/web:http TCP`, each with the frontends that are concerned. */
  readonly frontends: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The result of comparing one family. */
export interface ComparedFamily {
  readonly family: Family;
  readonly before: string;
  readonly after: string;
  readonly frontends: number;
  readonly sources: number;
  readonly intended: readonly IntendedDifference[];
  readonly broken: readonly BrokenFrontend[];
}

/** Whichever of the modes a rule is of, it is one for Services. */
export const ownsInAnyMode: Owns = (chain, rule) =>
  Object.values(BACKENDS).some(({ isForServices }) =>
    isForServices(chain.table, chain.name, rule?.comment ?? ''),
  );

/** The frontends of rules, as the questions about them name them. */
export function frontendsOf({ frontends }: NamedRules): readonly RuleFrontend[] {
  return frontends().map(({ ip, protocol, port, origin }) => ({
    ...{ ip, port, origin },
    protocol: protocol.toLowerCase(),
  }));
}

/** Compares two rulesets in everything that the selected Services are about. */
export function compareFamily(
  comparing: Comparing,
  selects: (origin: string) => boolean,
): ComparedFamily {
  const { family, before, after, machine, localDetector, named } = comparing;
  const sharesChains = [before, after].every(({ mode }) => BACKENDS[mode].behaviour.sharesChains);
  const [first, second] = [before, after].map(
    ({ rules }): RulesSide => ({
      ...{ router: new Router(rules.program, machine), owns: ownsInAnyMode },
      ...{ sharesChains, healthPorts: [] },
    }),
  ) as [RulesSide, RulesSide];
  const senders = sendersOf({ family, localDetector }, machine);
  const frontends = [...named, ...[before, after].flatMap(({ rules }) => frontendsOf(rules))];
  const clusterIps = new Set([...before.rules.clusterIps(), ...after.rules.clusterIps()]);
  const comparison = new RulesComparison(first, second, family);
  const explain = explainer(comparing, [first, second]);
  const intended = new Map<string, Intended>();
  const findings: Finding[] = [];
  const tried = new Set<string>();
  const questions = function* (): Generator<RuleQuestion> {
    for (const question of questionsOf({ frontends, clusterIps, machine }, senders))
      if (selects(question.origin)) yield question;
  };
  const collect = (differences: Iterable<Difference>): void => {
    for (const difference of differences) {
      const meant = explain(difference);
      if (meant === undefined) findings.push(findingOf(difference));
      else add(intended, meant, difference);
    }
  };
  for (const question of questions()) {
    const { kind, origin, what } = question;
    if (kind !== 'none' && kind !== 'later') tried.add(`${what} ${origin}`);
    collect(comparison.differences(question));
  }
  if (comparison.sharesLists)
    for (const question of questions()) collect(comparison.otherClientsDifferences(question));
  return {
    family,
    before: before.rules.name,
    after: after.rules.name,
    frontends: tried.size,
    sources: senders.length,
    intended: modeDifferences().flatMap(({ code }) => intended.get(code) ?? []),
    broken: brokenFrontends(second.router, findings, second),
  };
}

interface Intended {
  readonly difference: ModeDifference;
  readonly frontends: Map<string, Set<string>>;
}

function add(
  intended: Map<string, Intended>,
  difference: ModeDifference,
  { question: { origin, what } }: Difference,
): void {
  const known = intended.get(difference.code) ?? { difference, frontends: new Map() };
  intended.set(difference.code, known);
  if (origin === '') return;
  const whats = known.frontends.get(origin) ?? new Set<string>();
  known.frontends.set(origin, whats.add(what));
}

/** Finds the intended differences: none where both are of one mode. */
function explainer(
  { before, after, machine }: Comparing,
  sides: readonly [RulesSide, RulesSide],
): (difference: Difference) => ModeDifference | undefined {
  if (before.mode === after.mode) return () => undefined;
  const isForward = after.mode === 'nftables';
  const { rules } = isForward ? after : before;
  const back = loopback(machine.family);
  const facts: ModeFacts = {
    local: machine.local,
    loopback: back,
    accepting:
      rules.settings().nodePortAddresses?.kind === 'all'
        ? difference(machine.local, back)
        : intersection(addressSet(rules.nodePortIps()), machine.local),
    clusterIps: addressSet(rules.clusterIps()),
  };
  return (found) => {
    const { question, region, clients, kind } = found;
    if (kind === 'unknown') return undefined;
    const [iptables, nftables] = isForward
      ? [found.expected, found.found]
      : [found.found, found.expected];
    return modeDifferenceOf(
      {
        ...{ question, region, iptables, nftables },
        isStoppedByOthers: (mode) => {
          const place = mode === before.mode ? 0 : 1;
          return isStoppedByOthers(sides[place], found, clients[place]);
        },
      },
      facts,
    );
  };
}

/** The difference as what the second ruleset breaks. */
function findingOf({ question, clients, ...deviation }: Difference): Finding {
  const { origin, what, sender, region } = question;
  return {
    ...deviation,
    client: clients[1],
    mark: 0,
    traffic: { origin, what, sender, region, shares: [], affinity: undefined },
  };
}
