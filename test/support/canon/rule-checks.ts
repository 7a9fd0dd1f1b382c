/** What must hold of every document that vipc prints, whatever it was made from. */

import { expect } from 'chai';
import { type Dump, parseDump } from '../../../src/backends/iptables/syntax/parse.js';
import {
  type IptablesRule,
  isKnown,
  parseRule,
  printRule,
} from '../../../src/backends/iptables/syntax/rule.js';
import type { Family } from '../../../src/net/ip.js';
import { ALL, type Fraction, fraction, plus, times } from '../../../src/netfilter/fraction.js';

const BUILT_IN = /^(?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)$/;
const DECLARATION = /^:([!-~]{1,28}) - \[0:0\]$/;
/** The draws of `-m statistic` are 31-bit numbers. */
const STEPS = 2n ** 31n;

/** Checks a whole restore document; gives back what it was read as. */
export function checkDocument(text: string, family: Family): Dump {
  const lines = text.split('\n');
  expect(lines.pop(), 'the document ends with a line feed').to.equal('');
  const dump = parseDump(text);
  const rules = new Map<string, IptablesRule[]>();
  const written = new Map<string, string[]>();
  let table = '';
  for (const line of lines) {
    if (/^\*(?:mangle|filter|nat)$/.test(line)) table = line.slice(1);
    else if (line === 'COMMIT') table = '';
    else if (!DECLARATION.test(line)) {
      const rule = checkLine(line, family);
      push(written, `${table} ${rule.chain}`, line);
      push(rules, `${table} ${rule.chain}`, rule);
    }
  }
  checkDump(dump, written);
  checkJumps(dump, rules);
  checkShares(rules);
  checkOrderOfDeclarations(lines);
  return dump;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** A line is a rule that our own reader understands whole, and writes back the same. */
function checkLine(line: string, family: Family): IptablesRule {
  if (!/^-A [!-~]{1,28} [ -~]+$/.test(line) || line.includes('  ') || line.endsWith(' '))
    expect.fail(`this is no line of iptables-save: ${JSON.stringify(line)}`);
  const rule = parseRule(line, family);
  if (!isKnown(rule)) expect.fail(`this line is not understood: ${line}`);
  const again = printRule(rule);
  if (again !== line) expect(again, 'read and written').to.equal(line);
  return rule;
}

/**
 * What `parse` makes of the document holds the same lines in the same chains, no more and no fewer.
 */
function checkDump(dump: Dump, written: ReadonlyMap<string, readonly string[]>): void {
  const read = new Map<string, readonly string[]>();
  for (const [table, chains] of dump.tables)
    for (const [chain, { rules }] of chains)
      if (rules.length > 0) read.set(`${table} ${chain}`, rules);
  expect([...read.keys()].sort()).to.deep.equal([...written.keys()].sort());
  for (const [chain, rules] of written) expect(read.get(chain), chain).to.deep.equal(rules);
}

/**
 * Every jump leads to a chain that the same table declares; every chain with rules is declared or
 * built in.
 */
function checkJumps(dump: Dump, rules: ReadonlyMap<string, readonly IptablesRule[]>): void {
  for (const [key, list] of rules) {
    const [table = '', chain = ''] = key.split(' ');
    const declared = dump.tables.get(table);
    if (!BUILT_IN.test(chain)) expect(declared?.get(chain)?.policy, chain).to.equal('-');
    for (const { target } of list) {
      if (target.kind !== 'jump' && target.kind !== 'goto') continue;
      if (declared?.get(target.chain)?.policy !== '-')
        expect.fail(`${key} jumps to ${target.chain}, which is not declared in ${table}`);
    }
  }
}

/**
 * Each of n endpoints of a pool gets 1/n, but for the rounding to 31 bits, and no connection is
 * left over: the last endpoint takes whatever is left, in each part of the pool, so that the shares
 * add up to one exactly.
 */
function checkShares(rules: ReadonlyMap<string, readonly IptablesRule[]>): void {
  for (const [key, list] of rules) {
    if (!/^nat KUBE-SV[CL]-/.test(key)) continue;
    const drawn = drawnFrom(rules, key);
    const targets = drawn.map(([target]) => target);
    expect(new Set(targets).size, `${key} names each endpoint once`).to.equal(targets.length);
    const remembered = list.filter(remembers).map(endpointOf);
    const isCut = list.some(({ target }) => target.kind === 'goto');
    if (remembered.length > 0 && isCut) expect(remembered, key).to.have.members(targets);
    else if (remembered.length > 0) expect(remembered, key).to.deep.equal(targets);
    const n = BigInt(drawn.length);
    expect(drawn.map(([, share]) => share).reduce(plus), `${key} adds up`).to.deep.equal(ALL);
    for (const [i, [, { numerator, denominator }]] of drawn.entries()) {
      const off = numerator * n - denominator;
      if ((off < 0n ? -off : off) * STEPS > n * n * denominator)
        expect.fail(`${key}: endpoint ${i + 1} of ${n} has an unfair share`);
    }
  }
}

/** The endpoints of a pool or of a part of one, each with its share of it. */
function drawnFrom(
  rules: ReadonlyMap<string, readonly IptablesRule[]>,
  key: string,
): readonly (readonly [endpoint: string, share: Fraction])[] {
  const draws = (rules.get(key) ?? []).filter(isPick);
  const shares = sharesOf(draws.map(numeratorOf));
  if (shares === undefined)
    return expect.fail(`${key}: only the last endpoint may take all that is left`);
  const whole = STEPS ** BigInt(shares.length - 1);
  return draws.flatMap((rule, i) => {
    const share = fraction(shares[i] ?? 0n, whole);
    if (rule.target.kind !== 'goto') return [[endpointOf(rule), share] as const];
    const below = drawnFrom(rules, `nat ${rule.target.chain}`);
    return below.map(([endpoint, part]) => [endpoint, times(part, share)] as const);
  });
}

/** The rules of a pool that hand a new client to an endpoint, or to some of them. */
function isPick(rule: IptablesRule): boolean {
  const isEndpoint = endpointOf(rule) !== '';
  const isPart = rule.target.kind === 'goto' && rule.target.chain.startsWith('KUBE-SPLIT-');
  return (
    (isEndpoint || isPart) &&
    !remembers(rule) &&
    rule.matches.every(({ kind }) => kind === 'comment' || kind === 'random' || kind === 'recent')
  );
}

/** Whether a rule is for clients that were there before. */
function remembers({ matches }: IptablesRule): boolean {
  return matches.some((match) => match.kind === 'recent' && match.action === 'rcheck');
}

/** The chain of an endpoint, or the endpoint itself; `''`: the rule leads elsewhere. */
function endpointOf({ target }: IptablesRule): string {
  if (target.kind === 'dnat') return target.to;
  return target.kind === 'jump' && target.chain.startsWith('KUBE-SEP-') ? target.chain : '';
}

/** The chance of one draw as a number of 31 bits; all of them where there is no condition. */
function numeratorOf(rule: IptablesRule): bigint {
  const draw = rule.matches.find((match) => match.kind === 'random');
  return draw === undefined ? STEPS : BigInt(draw.numerator);
}

/**
 * The exact shares of a cascade of draws, as multiples of STEPS^-(n-1); undefined if it is no
 * cascade.
 */
export function sharesOf(numerators: readonly bigint[]): readonly bigint[] | undefined {
  if (numerators.length === 0 || numerators.indexOf(STEPS) !== numerators.length - 1)
    return undefined;
  const shares: bigint[] = [];
  let left = 1n;
  let scale = STEPS ** BigInt(numerators.length - 1);
  for (const numerator of numerators.slice(0, -1)) {
    scale /= STEPS;
    shares.push(left * numerator * scale);
    left *= STEPS - numerator;
  }
  return [...shares, left];
}

/**
 * iptables-nft sorts chains, quadratically if they come sorted: declarations stand in Service
 * order, not in theirs.
 */
function checkOrderOfDeclarations(lines: readonly string[]): void {
  const names = lines
    .map((line) => DECLARATION.exec(line)?.[1] ?? '')
    .filter((name) => /^KUBE-(?:SVC|SVL|SEP|EXT|FW)-/.test(name));
  if (names.length < 30) return;
  const falls = names.filter((name, i) => i > 0 && name < (names[i - 1] ?? '')).length;
  expect(falls, 'places where the declared names go down').to.be.greaterThan(names.length / 10);
}
