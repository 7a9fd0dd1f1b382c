/** How a chain spreads new connections over endpoints. Pure. */

import { inetNtop, joinHostPort } from '../net/ip.js';
import { ALL, complement, type Fraction, fraction, NONE, plus, times } from './fraction.js';
import type { Action, Condition, Destination, Rule, Statement } from './rule.js';

/** The destinations that a map holds, by number, for the packets that are asked about. */
export type HeldBy = (map: string) => ReadonlyMap<number, Destination>;

/** The rules of a chain by its name; `undefined` for a chain that does not exist. */
export type RulesOf = (chain: string) => readonly Pick<Rule, 'statements'>[] | undefined;

/**
 * What each endpoint (`10.0.0.5:8080`) gets of the new connections that reach a chain, whichever
 * client they are from. Rules with a condition that depends on the client or on what it did before
 * decide nothing about connections in general and are skipped; so are parts that are not
 * understood. Maps are asked for the endpoints behind one frontend.
 */
export function sharesOf(
  chain: string,
  rulesOf: RulesOf,
  heldBy: HeldBy = holdsNothing,
): ReadonlyMap<string, Fraction> {
  const found = new Map<string, Fraction>();
  const open = new Set<string>();
  const add = (destination: Destination, part: Fraction): void => {
    const endpoint = destinationText(destination);
    found.set(endpoint, plus(found.get(endpoint) ?? NONE, part));
  };

  /** Walks a chain with a part of the connections, and returns the part that comes back from it. */
  const walk = (name: string, part: Fraction): Fraction => {
    if (open.has(name)) return part;
    open.add(name);
    let rest = part;
    let returned = NONE;
    for (const { statements } of rulesOf(name) ?? []) {
      const chance = chanceOf(statements);
      if (isNone(chance)) continue;
      const outcome = act(statements.findLast(isAction), times(rest, chance));
      rest = plus(times(rest, complement(chance)), outcome.goesOn);
      returned = plus(returned, outcome.returns);
      if (isNone(rest)) break;
    }
    open.delete(name);
    return plus(returned, rest);
  };

  const act = (action: Action | undefined, part: Fraction): Outcome => {
    switch (action?.kind) {
      case 'accept':
      case 'drop':
      case 'reject':
        return { goesOn: NONE, returns: NONE };
      case 'return':
        return { goesOn: NONE, returns: part };
      case 'jump':
        return { goesOn: walk(action.chain, part), returns: NONE };
      case 'goto':
        return { goesOn: NONE, returns: walk(action.chain, part) };
      case 'dnat':
        add(action, part);
        return { goesOn: NONE, returns: NONE };
      case 'choose': {
        const { choices, numbers = choices.length } = action;
        const one = times(part, oneIn(numbers));
        const outcomes = choices.map((choice) => act(choice, one));
        const missing = fraction(BigInt(numbers - choices.length), BigInt(numbers));
        return {
          goesOn: outcomes.reduce((sum, { goesOn }) => plus(sum, goesOn), times(part, missing)),
          returns: outcomes.reduce((sum, { returns }) => plus(sum, returns), NONE),
        };
      }
      case 'drawn-lookup': {
        const { map, first, numbers } = action;
        const drawn = [...heldBy(map)].filter(
          ([number]) => first <= number && number < first + numbers,
        );
        for (const [, destination] of drawn) add(destination, times(part, oneIn(numbers)));
        const missing = fraction(BigInt(numbers - drawn.length), BigInt(numbers));
        return { goesOn: times(part, missing), returns: NONE };
      }
      default:
        return { goesOn: part, returns: NONE };
    }
  };

  walk(chain, ALL);
  return found;
}

/** `10.0.0.5:8080`, or the address alone where the port stays. */
export function destinationText({ ip, port }: Destination): string {
  const host = inetNtop(ip);
  return port === 0 ? host : joinHostPort(host, port);
}

const holdsNothing: HeldBy = () => new Map();

function isNone({ numerator }: Fraction): boolean {
  return numerator === 0n;
}

/** What of a part goes on to the next rule, and what returns from the chain. */
interface Outcome {
  readonly goesOn: Fraction;
  readonly returns: Fraction;
}

/**
 * The part of all connections for which the conditions hold; none where that depends on the client.
 */
function chanceOf(statements: readonly Statement[]): Fraction {
  return statements.reduce(
    (part, statement) => (isAction(statement) ? part : times(part, holds(statement))),
    ALL,
  );
}

function holds(condition: Condition): Fraction {
  switch (condition.kind) {
    case 'random': {
      const chance = nominalChance(condition.numerator);
      return condition.not ? complement(chance) : chance;
    }
    // A chain of a Service port sees packets of its protocol only.
    case 'protocol':
      return condition.not ? NONE : ALL;
    case 'recent':
      // Nobody was seen before.
      return (condition.op === 'set') === condition.not ? NONE : ALL;
    default:
      return NONE;
  }
}

/** The kernel compares the numerator with a random number of 31 bits. */
export function kernelChance(numerator: number): Fraction {
  return fraction(BigInt(numerator), 1n << 31n);
}

/**
 * The chance that a numerator of 2^31 is meant to be: kube-proxy rounds one in n to ten decimals,
 * and {@link chanceNumerator} any other one to the nearest numerator.
 */
export function nominalChance(numerator: number): Fraction {
  const known = CHANCES.get(numerator);
  if (known !== undefined) return known;
  const chance = readChance(numerator);
  if (CHANCES.size < MOST_CHANCES) CHANCES.set(numerator, chance);
  return chance;
}

const CHANCES = new Map<number, Fraction>();
/** More than the endpoints of any Service of use. */
const MOST_CHANCES = 10_000;

function readChance(numerator: number): Fraction {
  if (numerator === 0) return NONE;
  const n = Math.round(RANDOM_STEPS / numerator);
  if (oneInNumerator(n) === numerator) return oneIn(n);
  return simpleChance(numerator) ?? fraction(BigInt(numerator), BigInt(RANDOM_STEPS));
}

/** Up to here no two fractions have the same nearest numerator: the root of 2^31. */
const MOST_SIMPLE = 46_340;

/**
 * The only fraction of small numbers that a numerator is the nearest one of. It is among the
 * convergents of the continued fraction, as every one that is nearer than half of 1 / n².
 */
function simpleChance(numerator: number): Fraction | undefined {
  let [a, b] = [numerator, RANDOM_STEPS];
  let [p, lastP, q, lastQ] = [0, 1, 1, 0];
  while (a > 0) {
    const whole = Math.floor(b / a);
    [a, b] = [b - whole * a, a];
    [p, lastP] = [whole * p + lastP, p];
    [q, lastQ] = [whole * q + lastQ, q];
    if (q > MOST_SIMPLE) return undefined;
    if (p > 0 && chanceNumerator(p, q) === numerator) return fraction(BigInt(p), BigInt(q));
  }
  return undefined;
}

/** The numerator of 2^31 that is nearest to a chance of so many in so many. */
export function chanceNumerator(part: number, whole: number): number {
  return Math.round((part / whole) * RANDOM_STEPS);
}

function oneIn(n: number): Fraction {
  return n === 1 ? ALL : { numerator: 1n, denominator: BigInt(n) };
}

/** The kernel compares a random 31-bit number. */
const RANDOM_STEPS = 2 ** 31;

const NUMERATORS: number[] = [];

/**
 * The numerator that kube-proxy's chance of one in n becomes: it gives iptables ten decimals of 1 /
 * n.
 */
export function oneInNumerator(n: number): number {
  const known = NUMERATORS[n];
  if (known !== undefined) return known;
  const numerator = Math.round(Number((1 / n).toFixed(10)) * RANDOM_STEPS);
  NUMERATORS[n] = numerator;
  return numerator;
}

const CONDITIONS: ReadonlySet<Statement['kind']> = new Set<Condition['kind']>([
  'address',
  'protocol',
  'port',
  'interface',
  'mark',
  'connection-mark',
  'tcp-flags',
  'conntrack',
  'address-type',
  'in-set',
  'one-of',
  'recent',
  'hairpin',
  'socket',
  'random',
  'unknown-condition',
]);

/** Whether a statement does something, other than match. */
export function isAction(statement: Statement): statement is Action {
  return isActionKind(statement.kind);
}

/** The same, by the kind of a statement. */
export function isActionKind(kind: Statement['kind']): boolean {
  return !CONDITIONS.has(kind);
}
